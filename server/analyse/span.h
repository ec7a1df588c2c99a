/*
 * Span: what one window of one series says of growth.
 *
 * Compares the shapes (shape.h) of what the window leaves (window.h) and asks the
 * questions below.  "Part" is growth as a share of the scale: the memory limit, but at
 * most four times what the process has after its start (a small process on a big
 * machine would else never leak).  Where two figures stand, the second is for "watch".
 *
 *   sure      slope at least 4 standard errors, and still upwards at 2.58 below
 *   shape     BIC lead over settling shapes at least 12, over slowing ones 0
 *   amount    at least 1.5 parts in 100 (2 h and less: 3) and three times the noise
 *   no steps  the two largest rises of twelve blocks are not most of the net rise
 *   novel     above what this process reached before the window
 *   young     a process with no past to be compared with must show more: SPAN_YOUNG_*
 *   load      where neither load nor season is known, a rise within a day must be
 * clearer
 *
 * The thresholds are reasoned in docs/adr/0008.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SPAN_H
#define TIDEMARK_SERVER_ANALYSE_SPAN_H

#include "server/analyse/analyse.h"
#include "server/analyse/window.h"

struct span {
	bool usable;
	bool resting; /* the edge did not move */
	size_t tier;
	enum trace_channel channel;
	enum analyse_level level;    /* what this window alone would say */
	enum analyse_level grown_up; /* what it would say of a process with a past */
	int64_t first_ms, last_ms, covered_ms;
	size_t lives;
	double age_h, life_share;

	double base_kb;   /* what a life begins with, after its start-up */
	double level_kb;  /* at the end */
	double growth_kb; /* by the growing shape, since its onset */
	struct shape_result shapes;
	double slope_kb_h, error_kb_h; /* of the growing shape */
	double sureness;               /* slope over its error */
	bool in_steps, novel, young, strict;
	bool curved;    /* the best that does not grow is bent, not a step */
	bool repeated;  /* every one of several lives grew alike */
	double past_kb; /* what it reached before, NAN: no past */
	int64_t onset_ms, onset_low_ms, onset_high_ms;
	int64_t left_rest_ms; /* when the curve left its low, whatever shape fits it */
	double late_share;    /* of the growth, that came in the last third */
	double rested_h;      /* that the process rested before; 0: it did not */
	double hours_left;    /* until the scale is full, at the lower rate */
};

struct span_context {
	double limit_kb; /* 0: unknown */
	bool collects_late;
	/* It grew no further than other lives of its service did at this age. */
	bool as_usual;
	/* It grew clearly further than all of them: that is news, however young it is.
	 */
	bool beyond_usual;
	bool only_growth; /* what rests need not be described */
};

void span_judge(const struct trace *t, size_t tier, enum trace_channel channel,
	const struct span_context *context, struct span *out);

/* What counts as full: see above. */
double span_scale_kb(double limit_kb, double base_kb);

#endif
