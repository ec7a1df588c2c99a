/*
 * Feed: brings readings from the database to the detector, in order of time.
 *
 * Each turn one scan over what has come since the last one, of hot rows and of those
 * that came a little too late to be among them (feed_news).  Seats whose readings come
 * late, hours after they were made, or whose past must be learnt from the beginning,
 * are read slice by slice from where each of them stands, wherever that is kept
 * (recall.h), as far as the time of a turn allows (feed_late).  A book that has just
 * been opened walks from its states to now in the same way, all seats at once, and the
 * fleet is stepped each minute on the way, as it would have been (feed_walk).
 *
 * Of what was two hours old when the newest was stored, the lowest reading of each
 * minute is taken.
 */
#ifndef TIDEMARK_SERVER_WATCH_FEED_H
#define TIDEMARK_SERVER_WATCH_FEED_H

#include "server/store/flows.h"
#include "server/watch/book.h"

#include <stdatomic.h>

struct feed {
	struct db *db;
	struct book *book;
	int64_t now_ms;
	int64_t deadline_mono_ms;    /* no new slice is begun after it */
	const atomic_bool *stopping; /* nor when this is set */
	size_t readings;             /* fed so far */
	struct flows flows;          /* of the slice that is being fed */
};

/* *done: the book has caught up and is ready. */
bool feed_walk(struct feed *f, bool *done, struct err *e);

bool feed_news(struct feed *f, struct err *e);

/* *behind: seats that still have something to be read. */
bool feed_late(struct feed *f, size_t *behind, struct err *e);

/* A reading as the detector hears it.  Memory is private memory once that was read of a
 * process; what is swapped out counts with it.  False: the row says too little. */
struct feed_life {
	bool is_private;
	double limit_kb, host_kb;
	struct insides insides; /* what was last read of them */
};
bool feed_reading(
	const struct readings_row *row, struct feed_life *life, struct reading *out);

/* What came and went in its service's queues since the last reading that had some;
 * *fed_ms is the time of that, and *before_ms of the reading before. */
void feed_queues(const struct flows *flows, int64_t service_id, int64_t before_ms,
	int64_t *fed_ms, struct reading *out);

/* What a process runs against: its control group, or the machine or the limit of its
 * heap when that comes first. */
double feed_limit(const struct feed_life *life);

#endif
