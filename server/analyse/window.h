/*
 * Window: what one tier of a trace leaves to be judged.
 *
 * Takes the bins of a tier, cuts the start-up off each process life, and keeps the
 * lower edge: garbage collection draws teeth and requests draw bursts, always upwards;
 * what a process truly keeps is the lower edge.  Each bin looks back over the last
 * WINDOW_TRAIL bins of its life, itself included, and takes the smallest with the time,
 * load and queue depth at which it was read; repeats are dropped, which shrinks the
 * count honestly.  In the shortest window, where each bin counts and the edge of a
 * curve that rises is as late as it looks back, half as many: 39 s, a tooth of what
 * grows so fast.  (Bins stamped with their own time would turn a slowing curve into a
 * step and a line; mean load beside lowest memory would make a load that rises look
 * like a leak.)  The live heap needs no edge: one point for each bin with a collection.
 *
 * The newest life stands alone when it covers WINDOW_ALONE of the window; else the
 * lives of its version that overlap the window are joined, each a segment with the
 * process's age as its clock, because leaks begin again at zero and warm-ups are gone
 * through again.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_WINDOW_H
#define TIDEMARK_SERVER_ANALYSE_WINDOW_H

#include "server/analyse/shape.h"
#include "server/analyse/trace.h"

enum { WINDOW_TRAIL = 6, WINDOW_TRAIL_SHORTEST = 3 };
#define WINDOW_ALONE 0.55

/* The bins of one tier, and what of them counts. */
struct window_bins {
	struct trace_bin bins[TRACE_BINS];
	struct trace_life lives[TRACE_LIVES];
	bool counts[TRACE_BINS];
	size_t count, life_count, trail;
	int64_t window_ms, bin_ms;
	enum trace_channel channel;
};

struct window {
	bool enough;  /* bins, and enough of the window covered */
	bool usable;  /* and enough points */
	bool resting; /* few points, because the edge did not move */
	size_t tier;
	size_t bins, lives;        /* that were looked at */
	double low_kb, high_kb;    /* of these bins */
	int64_t first_ms, last_ms; /* of the points */
	int64_t covered_ms;        /* time that the bins span, start-ups left out */
	double age_h;              /* of the newest life at its end */
	double longest_age_h;      /* of any */
	double life_share;         /* part of the newest life that the window sees */
	struct shape_points points;
	/* What `points` points to. */
	double clock_h[TRACE_BINS], age[TRACE_BINS], day_h[TRACE_BINS];
	double value_kb[TRACE_BINS], load[TRACE_BINS], queue[TRACE_BINS];
	double profile[TRACE_BINS];
	uint8_t segment[TRACE_BINS];
	int64_t at_ms[TRACE_BINS];
	struct window_bins from;
};

/* All but the points; most windows need no more.  `channel`: TRACE_MEMORY, TRACE_LIVE
 * or TRACE_NATIVE. */
void window_look(const struct trace *t, size_t tier, enum trace_channel channel,
	struct window *out);

/* The points, too. */
void window_fill(const struct trace *t, struct window *w);

/* Both. */
void window_take(const struct trace *t, size_t tier, enum trace_channel channel,
	struct window *out);

/* Where the newest life stood after its start-up; NAN when that is forgotten. */
double window_start(const struct trace *t, enum trace_channel channel);

/* How high the newest life stood before the window, up to a week back, but for one bin
 * in thirty; NAN when there are fewer than a dozen bins. */
double window_past(
	const struct trace *t, const struct window *w, enum trace_channel channel);

#endif
