/*
 * Span: judges one slot over one stretch of time.
 *
 * Compares the shapes (shape.h) of what the window leaves (lives.h) and applies the
 * rules below.  Where few points remain although there were many readings, the edge did
 * not move: the process rests.
 *
 * The rules follow the project's design for its detector, reduced to what memory alone
 * can tell (no load, no queue, no season learnt from other days).  "Part" below is
 * growth as a share of the scale: the memory limit, but at most four times what the
 * process has after its start (a small process on a big machine would else never leak).
 *
 *   sure      slope at least 4 standard errors, and still upwards at 2.58 below
 *   shape     BIC lead over settling shapes at least 20 (watch: 16), over slowing >= 0
 *   amount    at least 5 parts in 100 (watch: 4), three to five times the noise
 *   no steps  the two largest rises of twelve blocks are not most of the net rise
 *   novel     above what this process reached before the window
 *   age       a young process must have grown more: growth_wanted_ratio
 *
 * Pure; scratch memory comes from the arena.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SPAN_H
#define TIDEMARK_SERVER_ANALYSE_SPAN_H

#include "server/analyse/analyse.h"
#include "server/analyse/robust.h"
#include "server/analyse/shape.h"

enum span_level {
	SPAN_NONE,   /* no growth that counts */
	SPAN_YOUNG,  /* grows, but every young process of its kind might */
	SPAN_WATCH,  /* grows; the stricter rules are not met yet */
	SPAN_GROWTH, /* grows on: a leak by all rules */
};

struct span {
	bool usable; /* enough points and enough of the window covered */
	int64_t window_ms;
	int64_t first_ms;   /* of the oldest point used */
	int64_t covered_ms; /* time really seen, start-ups left out */
	size_t lives;       /* process lives joined */
	int64_t age_ms;     /* of the longest one at its end */
	double life_share;  /* part of the newest life that this span sees */

	double base_kb;   /* what a life begins with, after its start-up */
	double level_kb;  /* at the end */
	double scale_kb;  /* see above */
	double growth_kb; /* by the growing shape, since its onset */
	double wanted_kb; /* growth that a process of this age must show */
	bool repeated;    /* every one of several lives grew alike */
	struct shape_result shapes;
	double sureness; /* slope over its standard error */
	bool in_steps, novel;
	bool young; /* too young, or with too little past, to be compared with itself */
	bool may_be_load; /* too little history to tell it from a load that rises */
	int64_t onset_ms;
	struct analyse_rate rate;
	double hours_left; /* until the scale is full, at the lower rate */

	enum span_level level;
};

void span_judge(const struct analyse_slot *slot, int64_t window_ms, int64_t end_ms,
	struct arena *a, struct span *out);

/* From this age on a process is compared with its own past. */
int64_t span_grown_up_ms(const struct analyse_slot *slot);

/* How much of its starting memory a process must gain before growth counts: four
 * fifths at three minutes, an eighth at a day. */
double span_growth_wanted_ratio(int64_t age_ms);

#endif
