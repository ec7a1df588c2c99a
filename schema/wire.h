/*
 * Wire: the messages between agent and server as plain structs.
 *
 * The only user of the code generated from tidemark.proto.  Encoding appends to a
 * buf; decoding fills structs whose memory is in the caller's arena.  Decoding
 * trusts nothing: sizes are checked before inflating, protobuf is unpacked with a
 * budget, every index, count, name and value is checked against wire_limits.h
 * and the types of metric.def.  A frame that breaks a rule as a whole is ERR_INPUT
 * with the field named; single values that no sane host reports (negative, beyond
 * the column) are left out and counted in `refused_values`.  Metrics that this
 * build does not know (a newer agent's) are skipped; gap times and the starts of
 * processes are moved into the bounds (the latter counted in `refused_values`), so that
 * a gap or a process from before a clock was set costs no samples.
 *
 * What the scout found out (insight.h) keeps the same rules: the times of censuses and
 * of queues must lie in the bounds, those of warnings and sources are moved into them,
 * and a fingerprint must have the hash that it says.
 *
 * A name is UTF-8 without control bytes, at most WIRE_NAME_BYTES_MAX long.
 * Encoding makes any bytes into such a name, since processes choose their own, and
 * calls a service without a name "unnamed"; decoding refuses what breaks the rule.
 *
 * Thread-safe: no state.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_H
#define TIDEMARK_SCHEMA_WIRE_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "schema/endpoints.h"
#include "schema/setting.h"
#include "schema/wire_batch.h"
#include "schema/wire_limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_upload {
	uint32_t protocol;
	const char *agent_version;
	uint64_t epoch, sequence, oldest, spool_bytes;
	const void *batch; /* as made by wire_batch_encode */
	size_t batch_length;
	const struct snapshot_raw_part *raw;  /* instead of a batch, or NULL */
	const struct setting_state *settings; /* NULL: of a version that has none */
};

enum wire_fate { WIRE_STORED = 1, WIRE_REPEATED, WIRE_REFUSED, WIRE_HELD };

struct wire_receipt {
	uint64_t epoch, sequence;
	enum wire_fate fate;
	const char *reason; /* "" unless refused or held */
	struct snapshot_order *orders;
	size_t order_count;
	const struct setting_orders *settings; /* NULL: none are told */
};

/* The reason of a receipt that tells an agent that its key is good for nothing any
 * more. */
#define WIRE_REVOKED "this agent was revoked"

struct wire_enrol_request {
	uint32_t protocol;
	const char *token_id, *token_secret, *machine_id, *hostname, *agent_version;
	uint8_t public_key[WIRE_KEY_BYTES];
};

struct wire_enrol_reply {
	const char *error; /* "": enrolled */
	uint32_t agent_id, data_port;
	struct endpoints servers; /* none: data_port alone */
};

/* Encodes and compresses.  ERR_INPUT: a limit is broken; the agent splits the batch. */
bool wire_batch_encode(const struct wire_batch *batch, struct buf *out, struct err *e);
/* `now_unix_ms` bounds the sample times. */
bool wire_batch_decode(const void *bytes, size_t length, int64_t now_unix_ms,
	struct arena *a, struct wire_batch *out, struct err *e);

/* The time that a batch says of itself, however wrong: to tell how wrong a clock is. */
bool wire_batch_time(
	const void *bytes, size_t length, int64_t *at_unix_ms, struct err *e);

/* On the wire; texts written out.  Most: SNAPSHOT_BYTES_MAX, _SPELLED_BYTES_MAX. */
size_t wire_snapshot_bytes(const struct snapshot *snapshot);
size_t wire_snapshot_spelled(const struct snapshot *snapshot);

/* The bytes of a part that has come, in the arena; whether their sum is the one that
 * the part names is the caller's to check. */
bool wire_raw_inflate(const struct snapshot_raw_part *part, struct arena *a,
	const uint8_t **bytes, size_t *length, struct err *e);

/* An upload has a batch, or a raw part and then neither epoch nor sequence; a receipt
 * with neither is the answer to such a one.  Orders and fates of settings that this
 * build does not know are left out; settings that it does not know are kept.  An
 * upload's strings and bytes are copied into the arena.  Whether `protocol` is spoken
 * here is for the caller to say, who can answer with the sequence; so it is with an
 * enrol request.  Encoding a batch that wire_batch_encode did not make, or values that
 * decoding refuses, is a bug and aborts. */
void wire_upload_encode(const struct wire_upload *upload, struct buf *out);
bool wire_upload_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_upload *out, struct err *e);
void wire_receipt_encode(const struct wire_receipt *receipt, struct buf *out);
bool wire_receipt_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_receipt *out, struct err *e);
void wire_enrol_request_encode(const struct wire_enrol_request *r, struct buf *out);
bool wire_enrol_request_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_enrol_request *out, struct err *e);
void wire_enrol_reply_encode(const struct wire_enrol_reply *r, struct buf *out);
bool wire_enrol_reply_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_enrol_reply *out, struct err *e);

#endif
