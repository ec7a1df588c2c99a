/*
 * Keep: the detector's memory across starts of the watch.
 *
 * A service and its seats are kept together, so that what is kept is of one moment:
 * each service about once an hour, and all of them when the watch stops.  What came
 * after that is still in the samples and is fed again.
 */
#ifndef TIDEMARK_SERVER_WATCH_KEEP_H
#define TIDEMARK_SERVER_WATCH_KEEP_H

#include "server/watch/book.h"

#define KEEP_EVERY_MS (INT64_C(3600) * 1000)

/* Into a book that has just been synchronised; says from where it is to be fed. */
bool keep_load(struct book *b, struct db *db, int64_t now_ms, struct err *e);

/* Those whose hour is over, the longest first, and not too many at once.  Inside the
 * caller's transaction. */
bool keep_save_due(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e);

/* All, each service in a transaction of its own, until a deadline on the monotonic
 * clock; what is not kept by then is not missed, only fed again. */
bool keep_save_all(struct book *b, struct db *db, int64_t now_ms,
	int64_t deadline_mono_ms, struct err *e);

#endif
