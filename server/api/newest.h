/*
 * Newest: the newest insides of a process, each with the first of the quarter of an
 * hour before the process's newest reading, wherever they are kept by now.
 *
 * Any thread, own connection; results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_API_NEWEST_H
#define TIDEMARK_SERVER_API_NEWEST_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/instances.h"

#include <stddef.h>
#include <stdint.h>

struct newest_value {
	int metric; /* enum metric_process */
	int64_t value, at_ms;
	int64_t first_value, first_ms;
};

/* Of a seat's newest process; by metric, those that were read. */
bool newest_read(struct db *db, const struct instances_row *instance, struct arena *a,
	struct newest_value **rows, size_t *count, struct err *e);

#endif
