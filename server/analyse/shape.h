/*
 * Shape: does a curve grow on, or does it come to rest?
 *
 * Least-squares fits of a few shapes, compared by the Bayesian information criterion
 *
 *     BIC = n ln(R / n) + (1 + k + p) ln n
 *
 * with R the remaining square sum, p base columns (base.h) and k for the shape: line 1,
 * a shape with one parameter from a grid 2, the same plus a line 3, two steps 4.  Both
 * sides are whitened, since neighbouring readings are alike (gls.h).  The correlation
 * comes from the residuals of the pass before, and starts from the simple shapes: two
 * steps would else pass for noise that wanders.  Passes go on, three at most, until it
 * stands.  Wild residuals are clipped at three robust standard deviations.
 *
 * Shapes over the clock t of span s (all in hours):
 *   line              t
 *   late line         max(0, t - h)
 *   saturation        1 - exp(-t / tau)
 *   logarithm         ln(1 + age / tau)
 *   step              t >= h
 *   two steps         t >= h, t >= second h (k = 4)
 *   ramp, then flat   min(t, h)
 *
 * "Growing" are line, late line and settled shape + line, with a rising line;
 * "settling" are the others that come to rest within the span; "slowing" are the
 * saturations, logarithms and ramps that hardly do, which a leak must also beat.  Pure,
 * and without memory of its own: scratch is on the stack (some 150 KiB, most of it
 * untouched), so that a hundred thousand slots cost nothing but time.
 *
 * Simulated 6,000 times each, 56 readings with a correlation of 0, 0.3, 0.7 and 0.9 and
 * no slope: the plain line's z exceeds 2 in 1.2, 2.2, 2.4 and 3.6 %, 3 in 0.1, 0.2, 0.6
 * and 1.6 %, 4 in 0.0, 0.0, 0.2 and 0.8 %; a lead of 12 with a z of 4 in at most 0.07
 * %. Of true slopes 1.96 errors hold 97, 95, 96 and 93 % for the plain line and 98, 96,
 * 96 and 95 % for the best growing shape; with 20 readings 98, 96, 92 and 88 %, and 98,
 * 96, 93 and 91 %.  The unit test repeats a part of it.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_SHAPE_H
#define TIDEMARK_SERVER_ANALYSE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHAPE_POINTS_MAX = 128, SHAPE_SEGMENTS_MAX = 7 };

enum shape_kind {
	SHAPE_FLAT,
	SHAPE_LINE,
	SHAPE_LATE_LINE,
	SHAPE_SATURATION,
	SHAPE_LOGARITHM,
	SHAPE_STEP,
	SHAPE_TWO_STEPS,
	SHAPE_RAMP_THEN_FLAT,
};

struct shape_points {
	const double *clock_h; /* from 0; runs on from life to life or starts again */
	const double *age_h;   /* of the process */
	const double *day_h;   /* calendar time, for the season; rises */
	const double *value_kb;
	/* Covariates, read when the value was; NULL: not known.  One that hardly varies
	 * is left out. */
	const double *load, *queue, *profile;
	const uint8_t *segment; /* 0, 0, ..., 1, 1, ...: one process life each */
	size_t count, segments;
	double span_h;         /* of the clock, as far as the shapes reach */
	double bin_h;          /* usual distance of two points */
	double noise_floor_kb; /* less than this is nobody's concern */
};

struct shape_model {
	bool known;
	enum shape_kind kind;
	bool with_line;             /* kind + line */
	double parameter_h;         /* h or tau */
	double shape_kb;            /* coefficient of the shape */
	double second_h, second_kb; /* the second step */
	double slope_kb_h;          /* of the line in it, 0: none */
	/* Standard error of that, made as much wider as Student's t is, so that 1.96 of
	 * it to either side hold 95 %.  Of the best growing shape it includes that
	 * another one may be right, of the plain line that the correlation is an
	 * estimate. */
	double slope_error;
	double bic;
};

struct shape_result {
	struct shape_model growing, settling, slowing;
	/* Whatever its sign, and whether or not it is best: weak slopes of many can be
	 * pooled without having been chosen.  Not known when the base explains it. */
	struct shape_model line;
	/* BIC of the best settling shape less that of the growing one; -1e9: none
	 * grows, or growth cannot be told from what the base explains. */
	double lead;
	double lead_slow;   /* the same over the slowing ones; 1e9: there are none */
	double noise_kb;    /* standard deviation around the best shape, clipped */
	double correlation; /* of neighbouring residuals */
	bool has_load, has_queue, has_profile; /* stood in the base */
	size_t seasons;           /* harmonics of the day in the base, 0 to 2 */
	double load_kb, queue_kb; /* coefficients: KiB per unit of load, per item */
};

/* False when there are too few points for any comparison, or more than
 * SHAPE_POINTS_MAX. */
bool shape_compare(const struct shape_points *points, struct shape_result *out);

/* What the shape, without a line beside it, adds at a time. */
double shape_kb_at(const struct shape_model *model, double clock_h, double age_h);

#endif
