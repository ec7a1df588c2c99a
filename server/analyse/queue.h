/*
 * Queue: does a backlog build up, and does it explain the memory?
 *
 * Arrivals A and completions C since the depth was last low are held against each
 * other as Poisson counts: under balance A - C has variance A + C, so
 *
 *     z = (A - C) / sqrt(A + C + 1)
 *
 * (the normal approximation of the conditional test of two Poisson rates, Przyborowski
 * and Wilenski 1940).  "Low" is known by levels: for each power of two the last moment
 * at which no more items than that were waiting, with the totals of then.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_QUEUE_H
#define TIDEMARK_SERVER_ANALYSE_QUEUE_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUEUE_LEVELS = 32 };

/* A plain value: copied, saved and loaded as it is. */
struct queue_levels {
	double arrivals, completions; /* totals since the first reading */
	float peak;                   /* highest depth before the last low */
	float high;                   /* highest depth since then */
	struct queue_level {
		uint32_t at_s; /* 0: never so low */
		float arrivals, completions; /* totals of then, less those at the base */
	} level[QUEUE_LEVELS];
};

/* The next reading, in order of time.  Counts that are not finite or negative count as
 * none; so does a depth. */
void queue_put(struct queue_levels *q, int64_t at_ms, double arrivals,
	double completions, double depth);

/* Depth and memory at the same moments, oldest first, over any stretch of time. */
struct queue_curve {
	const int64_t *at_ms;
	const double *depth, *memory_kb;
	size_t count;
};

struct queue_result {
	bool growing;  /* arrivals outrun completions, surely and still */
	bool explains_memory; /* the memory that came is the items that wait */
	double sureness;      /* z */
	int64_t since_ms;     /* the depth was last low, 0: unknown */
	double arrivals, completions; /* since then */
	double in_per_h, out_per_h;   /* over that time */
	double depth;
	double kb_each;     /* memory of one item, by regression; NAN: unknown */
	double correlation; /* of depth and memory */
	double share;       /* of the memory's rise that the items explain, 0 to 1 */
	double drain_h;     /* until empty if nothing came in any more; INFINITY: never */
};

/* `scale_kb`: what counts as much memory (the limit).  With fewer than eight points of
 * the curve since the depth was last low, nothing is said to grow. */
void queue_judge(const struct queue_levels *q, const struct queue_curve *curve,
	double scale_kb, struct arena *a, struct queue_result *out);

#endif
