/*
 * Queue: does a backlog build up, and does it explain the memory?
 *
 * Arrivals A and completions C since the depth was last low are held against each
 * other as Poisson counts: under balance A - C has variance A + C, so
 *
 *     z = (A - C) / sqrt(f (A + C) + 1)
 *
 * (the normal approximation of the conditional test of two Poisson rates, Przyborowski
 * and Wilenski 1940).  What comes in batches varies more; f, at least 1, is by how much
 * (the dispersion of quasi-likelihood, Wedderburn 1974), from the squared differences
 * of neighbouring readings, which a steady surplus leaves alone (von Neumann 1941).
 * A reading that takes more than half of the queue away is a purge and says nothing
 * of f.  "Low" is known by levels: for each power of two the last moment at which no
 * more items than that were waiting, with the totals of then.  It is the last moment
 * with at most a twentieth of what waits now, in the last fortnight; for a queue that
 * never was so low, the last one at the lowest level it had, if that is at most two
 * thirds of now.
 *
 * Counts are believed when they add up: A - C within half (and 4 sqrt(A + C)) of the
 * rise in depth.  Otherwise (one of them is not reported, items expire, readings are
 * missing) the depth is judged alone, by the weaker test: steps of a queue in balance
 * are a random walk without drift, so the mean of its steps over their own standard
 * error is Student's t, whatever the size of the batches.  The same t, where it is
 * large enough, makes up for a z that one wild reading of days ago holds down.  A burst
 * rises as steadily, so by t alone a rise must have lasted three hours.
 *
 * Significance is not all.  A queue grows when it also (2) outruns by 2 %, (3) rises in
 * each third of the time since low, by what never drained again (the lowest depth from
 * each moment on: a backlog may have its calm hours), (4) stands within 5 % of its
 * highest, and (5) half again above any peak before that low, so that what comes every
 * day and goes every night is a backlog at most once.  Old peaks fade, by half in four
 * weeks.  How long it must last and how much memory it must hold is the caller's.
 *
 * The memory of one item is the slope of memory on depth, Theil's and Sen's; with it
 * goes Pearson's correlation, as ranks make noise of the long times when nothing waits.
 * Items explain the memory when the correlation is 0.6 or more, and more than so few
 * points give by chance (2.5 / sqrt(n)), and when their number times that slope makes
 * at least half and at most twice of what came since low.  Below a half something else
 * is the larger part, above twice the slope is of something else.  Memory that did not
 * fall when the items went is not theirs, except that runtimes keep what was freed:
 * then it follows the highest depth so far (correlation better by 0.05).  As long as
 * the depth only ever rose, memory that leaks while items wait looks the same as the
 * items themselves.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_QUEUE_H
#define TIDEMARK_SERVER_ANALYSE_QUEUE_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Level 0: empty; level k: at most 2^(k-1) items. */
enum { QUEUE_LEVELS = 24 };

/* A plain value: zeroed at first; copied, saved and loaded as it is. */
struct queue_levels {
	double moved;      /* arrivals + completions since the first reading */
	double left;       /* arrivals - completions */
	uint32_t at_s;     /* newest reading; 0: none */
	uint32_t peak_s;   /* when the peak was */
	float jumps, flow; /* of A - C from reading to reading, squared, halved, and of
			      A + C: sums that fade in a day */
	float before;      /* A - C of the newest reading */
	float depth; /* smoothed over ten minutes, as all that peaks are made of */
	float peak;  /* highest so far, as faded by the time when a higher one came */
	struct queue_level {
		uint32_t at_s; /* 0: never so low */
		float moved,
			left; /* of then; differences and sums, as floats keep them */
		float peak;   /* of then */
	} level[QUEUE_LEVELS];
};

/* The next reading, in order of time.  Counts that are not finite or negative count as
 * none; so does a depth.  When the clock steps back, the levels step back with it. */
void queue_put(struct queue_levels *q, int64_t at_ms, double arrivals,
	double completions, double depth);

/* When the depth was last low, as above; 0: unknown.  To choose a curve by. */
int64_t queue_low_ms(const struct queue_levels *q);

/* Depth and memory of one process at the same moments, oldest first, over any stretch
 * of time: the longer it reaches back before the low, the better memory is explained.
 * Memory is explained by at most QUEUE_CURVE_MAX of the points. */
enum { QUEUE_CURVE_MAX = 96 };
struct queue_curve {
	const int64_t *at_ms;
	const double *depth, *memory_kb;
	size_t count;
};

struct queue_result {
	bool growing;         /* arrivals outrun completions, surely and still */
	bool explains_memory; /* the memory that came is the items that wait */
	bool counted;         /* by arrivals and completions; false: by depth alone */
	double sureness;      /* z; t by depth alone, or where that is what is sure */
	int64_t since_ms;     /* the depth was last low, 0: unknown */
	double lasted_h;      /* since then */
	double arrivals, completions; /* since then; NAN when not counted */
	double in_per_h, out_per_h;   /* over that time; likewise */
	double depth;                 /* now */
	double grows_per_h;           /* items, since low */
	double kb_each;      /* memory of one item, by regression; NAN: unknown */
	double correlation;  /* of depth and memory; NAN: unknown */
	double rise_kb;      /* of memory since low; NAN: unknown */
	double explained_kb; /* of it by items, at most the rise */
	double share;        /* the same, 0 to 1 */
	bool memory_stays; /* it follows the highest depth so far: freed, not given back
			    */
	double drain_h;    /* until empty if nothing came in any more; INFINITY: never;
			      NAN:    not counted */
};

/* `scale_kb`: what counts as much memory (the limit; 0: unknown): a rise below a 500th
 * of it is none.  With fewer than eight points of the curve since the depth was last
 * low, nothing is said to grow. */
void queue_judge(const struct queue_levels *q, const struct queue_curve *curve,
	double scale_kb, struct arena *a, struct queue_result *out);

#endif
