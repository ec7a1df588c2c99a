/*
 * Curve: what several processes do together, each less its own level.
 *
 * Memory of process life i at place t (a moment, or an age) is taken as
 *
 *     y(i, t) = level(i) + curve(t) + noise
 *
 * and both are fitted by least squares in turns, the two-way layout with cells missing
 * (Yates 1933).  A life that comes or goes, however large, makes no step in the curve;
 * with every life there all the time the curve is their mean.  Its noise is that of
 * one life over the root of their number, so that growth shows that no single one
 * shows.  Lives that never meet are strung together: the curve stands still between.
 *
 * The rules by which such a curve is called growing are those of one slot without the
 * tests against its own past: slope against its error, growing against settling shapes
 * (see shape.h), growth against noise and scale; stricter while the processes are
 * young, because the start of a warm-up looks like a leak.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_CURVE_H
#define TIDEMARK_SERVER_ANALYSE_CURVE_H

#include "common/arena.h"
#include "server/analyse/analyse.h"
#include "server/analyse/shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One process life.  NAN values and places that do not rise are left out. */
struct curve_life {
	const int64_t *place; /* whole bins: of the epoch, or of its age; rising */
	const double *value;
	size_t count;
};

struct curve {
	int64_t first; /* place of the first item */
	size_t count;
	double *value;   /* mean 0; NAN where no life is */
	unsigned *lives; /* how many are there */
	double *level;   /* one for each life; NAN: nothing of it was usable */
};

enum { CURVE_PLACES_MAX = 4096 }; /* what is older is left out */

void curve_fit(const struct curve_life *lives, size_t count, struct arena *a,
	struct curve *out);

/* Where curve stands in bins counted from `first`; NAN where it is not known. */
double curve_at(const struct curve *c, int64_t place);

/* What is needed for a level.  Filled by curve_rules. */
struct curve_rules {
	double sureness;   /* slope over its error */
	double least_rate; /* lower end of the rate, share of scale per hour */
	double lead;       /* BIC over settling shapes */
	double growth;     /* share of scale */
	double growth_sd;  /* the same in noise */
	double span_h;
};

/* `young`: shorter than a day since the start, and nothing known of earlier starts. */
struct curve_rules curve_rules(enum analyse_level level, bool young);

struct curve_verdict {
	enum analyse_level level;
	double rate_kb_h, error_kb_h;
	double sureness, lead, lead_slow;
	double grown_kb; /* since the growth began */
	double noise_kb;
	double began_h; /* on the clock of the points */
	struct shape_result shape;
	/* The smallest rate that would be confirmed, from the first point on, with
	 * probability 0.8, with this noise and time.  0: not known. */
	double detectable_kb_h;
	bool usable; /* points enough */
};

/* Judges points by the rules.  `scale_kb`: what counts as much. */
void curve_judge(const struct shape_points *points, double scale_kb, bool young,
	struct curve_verdict *out);

#endif
