/*
 * Capture claims: a capture locked for a step until the end of the transaction, and the
 * step itself.
 *
 * For server/store only: captures_steps.c (people and policies), capture_events.c and
 * summaries.c (what agents say).
 */
#ifndef TIDEMARK_SERVER_STORE_CAPTURE_CLAIMS_H
#define TIDEMARK_SERVER_STORE_CAPTURE_CLAIMS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

enum capture_state {
	CAPTURE_QUOTING,
	CAPTURE_QUOTED,
	CAPTURE_ORDERED,
	CAPTURE_RUNNING,
	CAPTURE_DONE,
	CAPTURE_DENIED,
	CAPTURE_FAILED,
	CAPTURE_EXPIRED,
	CAPTURE_CANCELLED,
	CAPTURE_STATES
};

/* As the database spells it. */
const char *capture_claims_name(enum capture_state state);

struct capture_claim {
	int64_t id, slot_id, service_id, host_id, generation_id, deadline_ms;
	enum capture_state state;
	bool ordered;       /* a snapshot was asked for at some time */
	int64_t ordered_ms; /* then; 0: never */
	bool keep_raw;
	bool has_snapshot;
	const char *asks;    /* the server's own reasons; "" */
	const char *gate;    /* of the card; NULL: no card */
	const char *reasons; /* of the card, one per line; "" */
	const char *asker;   /* the name of who confirmed or asked */
	const char *subject; /* "checkout on shop-1, pid 4711" */
};

/* `host_id` 0: of any host.  *out is NULL when there is no such capture. */
bool capture_claims_take(struct db *db, int64_t id, int64_t host_id, struct arena *a,
	struct capture_claim **out, struct err *e);

struct capture_move {
	int64_t id, now_ms;
	enum capture_state state;
	int64_t deadline_ms; /* 0: as it was */
	int64_t progress_permille;
	const char *text; /* NULL: as it was */
	const char *card; /* JSON; NULL: as it was */
};

bool capture_claims_move(
	struct db *db, const struct capture_move *move, struct arena *a, struct err *e);

#endif
