/*
 * Flows: what came into and went out of the queues that services work on.
 *
 * A queue is a service's whose name is one of the globs of its workers.  Queues of one
 * service are taken together: its instances share them.  Only the watch calls this, on
 * its own connection.  Results live in the caller's arena.  Times are Unix ms.
 */
#ifndef TIDEMARK_SERVER_STORE_FLOWS_H
#define TIDEMARK_SERVER_STORE_FLOWS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Queues were read this much before a stretch of time, so that it begins knowing how
 * much waits in each. */
#define FLOWS_AHEAD_MS (INT64_C(10) * 60 * 1000)

struct flows_row;

struct flows {
	struct flows_row *rows; /* in order of service and time */
	size_t count;
};

/* Readings from `from_ms` less FLOWS_AHEAD_MS on and before `to_ms`. */
bool flows_read(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct flows *out, struct err *e);

struct flows_sum {
	int64_t at_ms;                /* the newest reading in it; 0: there is none */
	double arrivals, completions; /* NAN: none of them is counted */
	double depth;                 /* of all queues, then; NAN: not known */
};

/* Of what was read of the service's queues after one time and up to another. */
struct flows_sum flows_take(const struct flows *flows, int64_t service_id,
	int64_t after_ms, int64_t until_ms);

#endif
