/*
 * Trends: the resident memory of whole services over the last two hours, for the
 * sparklines of the console.
 *
 * Added up from the readings as they are fed: of each seat the most that was read in
 * each step counts.  The book holds the sums; what a watch before this one has written
 * is read once.  Belongs to the watch's thread.
 */
#ifndef TIDEMARK_SERVER_WATCH_TRENDS_H
#define TIDEMARK_SERVER_WATCH_TRENDS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

enum { TRENDS_STEPS = 60, TRENDS_STEP_MS = 120 * 1000 };

/* Of a service.  The place of a step is its number from the epoch, modulo
 * TRENDS_STEPS. */
struct trend {
	int64_t step[TRENDS_STEPS]; /* which stands there; 0: none */
	int64_t rss_kb[TRENDS_STEPS];
	bool is_old[TRENDS_STEPS]; /* was written by a watch before this one */
	int64_t from_step;         /* readings of earlier ones are not all fed again */
	bool is_due;               /* something was added since it was written */
};

/* Of a seat: what it has added last. */
struct trend_seat {
	int64_t step, rss_kb;
};

/* A seat's readings come in order of time. */
void trends_put(
	struct trend *t, struct trend_seat *seat, int64_t at_ms, int64_t rss_kb);

struct book;

/* Into a book whose states have just been loaded. */
bool trends_load(struct book *b, struct db *db, struct err *e);

/* Those that are due. */
bool trends_save(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e);

#endif
