/*
 * Shape: does a curve grow on, or does it come to rest?
 *
 * Least-squares fits of a few shapes, compared by the Bayesian information criterion
 *
 *     BIC = n ln(R / n) + (1 + k + p) ln n
 *
 * with R the remaining square sum, p base columns (one intercept for each process life;
 * load, queue depth and the profile of earlier days where they vary; daily harmonics
 * when the data span days) and k for the shape: line 1, a shape with one parameter from
 * a grid 2, the same plus a line 3, two steps 4.  Neighbouring readings are alike, so
 * both sides are whitened as a first-order autoregression at irregular distances
 * (Cochrane and Orcutt 1949, with the first reading kept: Prais and Winsten 1954); its
 * correlation comes from the residuals of the pass before, corrected for the bias of
 * short series (Kendall 1954), and wild residuals are clipped once.
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
 * "Growing" are line, late line and shape + line with a rising line; "settling" are
 * the others that come to rest within the span; "slowing" are the slower saturations
 * and logarithms, which a leak must also beat.  Pure, and without memory of its own:
 * scratch is on the stack, so that a hundred thousand slots cost nothing but time.
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
	double slope_error;         /* standard error of that */
	double bic;
};

struct shape_result {
	struct shape_model growing, settling, slowing;
	struct shape_model line; /* whatever its sign, and whether or not it is best */
	double lead;      /* BIC of the best settling shape less that of the growing */
	double lead_slow; /* the same over the slowing ones */
	double noise_kb;  /* standard deviation around the best shape */
	double correlation;                    /* of neighbouring residuals */
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
