/*
 * State: the agent's directory of small files.
 *
 *     agent.key       its own CURVE key pair, made here, never leaves the host
 *     enrolment       which server it belongs to
 *     status          what a running agent says about itself
 *     slots           which process sits where, see slots.h
 *     logs            how far logs were read, see warnings/marks.h
 *     spool/          see spool.h
 *     orders, dumps   which snapshots were asked for, and found: see heaps.h
 *     outbox/         see outbox.h
 *     raw/            see capture/raw.h
 *
 * Files are written whole: a temporary file, fsync, rename, fsync of the directory,
 * mode 0600.  When root writes into another user's directory (`sudo tidemark-agent
 * join`), the files are given to the directory's owner, so that the service can
 * read them.  A key that others can read is refused, with the remedy in the text.
 *
 * No state of its own; the functions may be called by several processes at a time.
 * Failures name the file.
 */
#ifndef TIDEMARK_AGENT_STATE_H
#define TIDEMARK_AGENT_STATE_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/endpoints.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATE_KEY_BYTES = 32, STATE_HOST_MAX = ENDPOINTS_HOST_MAX };

struct state_keys {
	uint8_t public_key[STATE_KEY_BYTES];
	uint8_t secret_key[STATE_KEY_BYTES];
};

struct state_enrolment {
	uint8_t server_key[STATE_KEY_BYTES];
	char host[STATE_HOST_MAX + 1]; /* IPv6 without brackets */
	uint16_t port;                 /* of the data socket */
	uint32_t agent_id;             /* as the server counts */
	/* All servers to choose from, which share the key; none: host and port. */
	struct endpoints servers;
	int64_t written_us; /* when it was written, as the file says; 0: it was not */
};

/* Makes the directory (0700) when it is missing.  Its parent must exist. */
bool state_prepare(const char *dir, struct err *e);

/* Reads the key pair, or makes it on first use. */
bool state_keys(const char *dir, struct state_keys *out, struct err *e);

/* *found is false, without an error, when this agent never joined. */
bool state_read_enrolment(
	const char *dir, struct state_enrolment *out, bool *found, struct err *e);
bool state_write_enrolment(
	const char *dir, const struct state_enrolment *enrolment, struct err *e);

/* The status is text, shown as it is by `tidemark-agent status`.  It is replaced
 * atomically but not fsynced: writing it every few seconds costs nothing. */
bool state_write_status(const char *dir, const char *text, struct err *e);

/* Appends the text; *written_unix_ms says how old it is.  *found as above. */
bool state_read_status(const char *dir, struct buf *out, int64_t *written_unix_ms,
	bool *found, struct err *e);

/* The text of slots.h, at most 2 MiB.  *found as above. */
bool state_write_slots(const char *dir, const char *text, struct err *e);
bool state_read_slots(const char *dir, struct buf *out, bool *found, struct err *e);

/* The text of central.h, with fsync. */
bool state_write_settings(const char *dir, const struct buf *text, struct err *e);
bool state_read_settings(const char *dir, struct buf *out, bool *found, struct err *e);

/* The text of warnings/marks.h, as the status: no fsync. */
bool state_write_logs(const char *dir, const struct buf *text, struct err *e);
bool state_read_logs(const char *dir, struct buf *out, bool *found, struct err *e);

/* The text of fingerprint/recall.h, likewise. */
bool state_write_fingerprints(const char *dir, const struct buf *text, struct err *e);
bool state_read_fingerprints(
	const char *dir, struct buf *out, bool *found, struct err *e);

#endif
