/*
 * Storage: how far the stream of readings has come, and who moves it on.
 *
 * Bounds are Unix ms, 0: nothing was stored yet.  What is older than closed_ms is
 * written into the late tables, what is older than compacted_ms is in segments, and
 * days before sealed_ms are in chunks: closed >= compacted >= sealed.
 *
 * One server at a time moves readings on, the one that leads: it holds an advisory lock
 * of its session.  A connection that was lost may have lost the lead, so each step
 * takes the same lock for its own transaction, too.
 */
#ifndef TIDEMARK_SERVER_STORE_STORAGE_H
#define TIDEMARK_SERVER_STORE_STORAGE_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct storage_bounds {
	int64_t closed_ms, compacted_ms, sealed_ms;
};

bool storage_read(struct db *db, struct storage_bounds *out, struct err *e);

/* *leads: this connection has the lead, already or from now on. */
bool storage_lead(struct db *db, bool *leads, struct err *e);

/* Gives the lead back. */
void storage_follow(struct db *db);

/* Begins the transaction of a step, which sees the database as it is now until its end
 * (REPEATABLE READ).  ERR_BUSY: another server leads; nothing was begun. */
bool storage_begin(struct db *db, struct err *e);

/* What agents have delivered: for the rule of closing.  Times are 0 when there is none.
 */
struct storage_agents {
	int64_t known;     /* not revoked */
	int64_t reporting; /* of those, seen since `since_ms` */
	int64_t newest_ms; /* reading of any that is known */
	int64_t tenth_ms;  /* nine of ten that report have delivered readings so new */
};
bool storage_agents(
	struct db *db, int64_t since_ms, struct storage_agents *out, struct err *e);

/* Moves closed_to on to `to_ms`; the first time, the other bounds begin at the oldest
 * reading.  A transaction of its own, in which nobody writes readings.  Waits half a
 * second for writers: ERR_IO, try again. */
bool storage_close(struct db *db, int64_t to_ms, struct err *e);

/* In the step's transaction: moves the bound on from where it was; ERR_BUSY when it is
 * not there. */
bool storage_move_compacted(
	struct db *db, int64_t from_ms, int64_t to_ms, struct err *e);
bool storage_move_sealed(struct db *db, int64_t from_ms, int64_t to_ms, struct err *e);

#endif
