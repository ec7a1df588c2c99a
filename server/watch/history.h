/*
 * History: the floors of the processes that are watched, kept in memory.
 *
 * Floors of closed bins never change again, so that a turn reads only what has been
 * added since the last one.  Belongs to the watch's thread.  A failed sync leaves what
 * was known; it can be repeated.
 */
#ifndef TIDEMARK_SERVER_WATCH_HISTORY_H
#define TIDEMARK_SERVER_WATCH_HISTORY_H

#include "common/err.h"
#include "server/analyse/analyse.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;

struct history *history_create(void);
void history_destroy(struct history *h);

/* Reads the floors of these lives up to to_bin, and forgets all other lives. */
bool history_sync(struct history *h, struct db *db, const int64_t *ids, size_t count,
	int64_t to_bin, struct err *e);

/* Oldest first; NULL and 0 when nothing is known.  Of resident memory where private
 * memory was not known.  Valid until the next sync. */
const struct analyse_point *history_points(
	const struct history *h, int64_t life_id, bool is_private, size_t *count);

#endif
