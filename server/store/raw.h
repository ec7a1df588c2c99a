/*
 * Raw: heap snapshot files that an admin asked for, on their way from the host and
 * here.
 *
 * A file comes in numbered parts of SNAPSHOT_RAW_PART_BYTES, in order: parts_here is
 * both how many there are and which is wanted next, so that an interrupted pull goes on
 * where it was, whoever was restarted.  The SHA-256 of the whole is carried on from
 * part to part in the row; a file is complete when the last part is stored and the sum
 * is the host's.  Parts lie in the database compressed, then sealed with the server's
 * own key (XChaCha20-Poly1305), bound to their file and number.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_RAW_H
#define TIDEMARK_SERVER_STORE_RAW_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "schema/wire.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RAW_KEY_BYTES = 32,
	RAW_WINDOW = 8,        /* parts ordered at a time */
	RAW_REFUSALS_MAX = 64, /* damaged parts, until the file is given up */
};
#define RAW_FILE_BYTES_MAX (INT64_C(8) << 30)

enum raw_outcome {
	RAW_DONE,
	RAW_MISSING, /* no such snapshot, or no file was kept */
	RAW_REFUSED, /* its state does not allow the step */
};

struct raw_step {
	int64_t snapshot_id;
	struct audit_actor actor;
};

/* The steps of an admin; each leaves an audit row and notifies topic "snapshots".  Not
 * inside a transaction. */

/* Begins to pull a file that the host has, or tries again one that was lost.  Asking
 * for one that is on its way or here is RAW_DONE and changes nothing. */
bool raw_ask(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome, struct err *e);

/* Takes away what is here, and has the host do the same. */
bool raw_drop(struct db *db, const struct raw_step *step, struct arena *a,
	enum raw_outcome *outcome, struct err *e);

/* Appends bytes [from, from + length) of a complete file; both must lie inside it.
 * ERR_INPUT: the file is not complete, or its parts cannot be opened with this key. */
bool raw_read(struct db *db, const uint8_t *key, int64_t snapshot_id, int64_t from,
	size_t length, struct buf *out, struct err *e);

/* A part that an agent has sent. */
struct raw_arrival {
	int32_t agent_id;
	const struct snapshot_raw_part *part;
	/* The answer; reason is in the arena, "" when stored or repeated. */
	enum wire_fate fate;
	const char *reason;
	int32_t host_id; /* of the file; 0: there is none */
	bool changed;    /* something that people see */
};

/* For ingest, inside its transaction.  False for the database's failures alone: what is
 * wrong with the part is its fate. */
bool raw_put(struct db *db, const uint8_t *key, struct raw_arrival *arrival,
	struct arena *a, struct err *e);

#endif
