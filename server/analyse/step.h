/*
 * Step: all the places where a curve may step, measured at once.
 *
 * A step's column is 0 before its place and 1 from there on, in every process life that
 * gets that far.  Its product with any vector is then a difference of the vector's sums
 * from the end, so that measuring all places costs as much as measuring a few columns,
 * and the product of two steps is a sum over the inverse covariance from the later one
 * to the end.  Scratch of shape.c, owned by the caller.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_STEP_H
#define TIDEMARK_SERVER_ANALYSE_STEP_H

#include "server/analyse/gls.h"

/* Fewer readings beside a step are wild readings rather than a level. */
enum { STEP_LIVES_MAX = 7, STEP_LEAST = 3 };

struct step_places {
	size_t count, lives;
	double at_h[GLS_POINTS_MAX];
	uint8_t after[GLS_POINTS_MAX]; /* readings from there on */
	/* First reading from there on of each life, and the end of each life. */
	uint8_t start[GLS_POINTS_MAX][STEP_LIVES_MAX], end[STEP_LIVES_MAX];
	struct gls_column column[GLS_POINTS_MAX]; /* by step_measure */
	double tail[GLS_ROW];
};

/* Places between every two readings; with several lives 31 places over the span. */
void step_find(struct step_places *p, const double *clock_h, const uint8_t *segment,
	size_t count, double span_h);

void step_measure(struct step_places *p, const struct gls *g, size_t intercepts);

/* The best of each kind; a place that is `count`: none. */
struct step_best {
	size_t alone;
	size_t lined[2]; /* beside a line that falls, that rises */
	struct gls_pair lined_fit[2];
	size_t first, second; /* two steps */
	struct gls_pair pair_fit;
};

/* `line` NULL: without lines. */
void step_search(const struct step_places *p, const struct gls *g,
	const struct gls_column *line, struct step_best *out);

#endif
