/*
 * Grown: what the memory of seats did since a time, by their readings alone: whether
 * what was resolved has come back.
 *
 * For the watch's thread, inside the transaction of its turn.  A few reads of history a
 * seat, so it is asked of a few seats only.  Times are Unix ms.
 */
#ifndef TIDEMARK_SERVER_WATCH_GROWN_H
#define TIDEMARK_SERVER_WATCH_GROWN_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/evidence.h"

struct grown_span {
	struct figures_ids slots;
	int64_t since_ms, now_ms;
};

/* From the least memory of five minutes, since the time or ten minutes after the
 * process began when that was later, to the least of the last five. */
struct grown_seat {
	int64_t slot_id;
	double early_kb, late_kb;
	int64_t span_ms;
};

/* Of seats that were read in both. */
bool grown_read(struct db *db, const struct grown_span *span, struct arena *a,
	struct grown_seat **rows, size_t *count, struct err *e);

#endif
