/*
 * History: readings over time, wherever they are kept.
 *
 * Readings move on: hot rows (sample, host_sample) and late rows become segments, and
 * segments become chunks.  History reads along the stream, in that order, so that what
 * moves on between two reads is seen twice and never missed; equal times of one subject
 * are one reading.  Nothing here joins the dictionaries: the caller says which service
 * and host a process is of.
 *
 * The work is bounded: an ask that would touch more than HISTORY_VALUES_MAX values is
 * refused (ERR_INPUT, with words that tell how to ask for less) before anything is
 * decoded.  What is kept compressed is decoded one subject at a time, so that memory is
 * the stored bytes of the ask and one subject's columns.
 */
#ifndef TIDEMARK_SERVER_HISTORY_HISTORY_H
#define TIDEMARK_SERVER_HISTORY_HISTORY_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_VALUES_MAX (INT64_C(64) << 20)

enum { HISTORY_METRICS_MAX = 16 }; /* of one ask */

struct history_subject {
	int64_t id;         /* a generation; of scope HOST the host */
	int64_t service_id; /* 0: scope HOST */
	int64_t host_id;
	int64_t from_ms,
		to_ms; /* of its life, where known, to read no more; 0, 0: all */
};

struct history_ask {
	const struct history_subject *subjects; /* all of one scope */
	size_t count;                           /* each id once */
	const int *metrics; /* numbers of metric.def in that scope */
	size_t metric_count;
	int64_t from_ms, to_ms; /* [from, to) */
	int64_t interval_ms;    /* usual, of readings: for the bound; 0: 10 s */
	bool piecewise; /* the readings of a subject may come in several calls, in order
			   of time: less memory to go through */
};

/* The readings of one subject, in order of time.  Lives until the next call. */
struct history_columns {
	size_t subject; /* its place in the ask */
	size_t rows;
	const int64_t *at_ms;
	const int64_t *values[HISTORY_METRICS_MAX]; /* in order of the ask's metrics */
	const bool *has[HISTORY_METRICS_MAX];
};

/* Where what was read came from: for answers that say so. */
struct history_sources {
	bool hot, late, segments, chunks;
	bool damaged;   /* why it failed: what is stored cannot be read, and the error
			   says   what */
	int64_t values; /* decoded or read */
	/* Shards (shards.h) that were away and may have some of it: bit i is database
	 * i.  What they have is missing. */
	uint64_t missing;
};

/* Called once for each subject that has readings (of `piecewise` one or several times),
 * in order of the ask; false ends. */
typedef bool history_take(
	void *context, const struct history_columns *columns, struct err *e);

bool history_read(struct db *db, const struct history_ask *ask, history_take *take,
	void *context, struct history_sources *sources, struct err *e);

#endif
