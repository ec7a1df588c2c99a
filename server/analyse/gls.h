/*
 * Generalised least squares: one column after the other, against a common base.
 *
 * Neighbouring readings are alike.  Columns are whitened as a first-order
 * autoregression at irregular distances: with w = r^d, d the distance to the reading
 * before in usual distances,
 *
 *     v(i) -> (v(i) - w v(i-1)) sqrt((1 - r^2) / (1 - w^2)),
 *
 * and the first reading of a process life times sqrt(1 - r^2) (Prais and Winsten,
 * 1954).  The base (intercepts, load, season) is made orthonormal by modified
 * Gram-Schmidt, so that a further column c costs a few dot products and no copy: with
 * P the inverse covariance, its norm is c'P c less what the base explains, and its
 * product with a whitened vector t is c'(W't), the vector in brackets ("dual") made
 * once.  A column's coefficient is rest / norm, and the remaining square sum falls by
 * rest^2 / norm (Frisch and Waugh 1933).
 *
 * The caller owns the struct, some seventy kilobytes; only as much of it is touched as
 * there are readings.  Rows are padded with zeros to full blocks.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_GLS_H
#define TIDEMARK_SERVER_ANALYSE_GLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GLS_POINTS_MAX = 128,
	GLS_BASE_MAX = 14,
	GLS_BLOCK = 8,
	/* Not a power of two: columns side by side would meet in the same cache lines.
	 */
	GLS_ROW = GLS_POINTS_MAX + GLS_BLOCK,
};

struct gls {
	size_t count, padded, base_count;
	double gap[GLS_ROW]; /* in usual distances; 0: a process life begins */
	double smooth; /* of the base's columns, products with themselves a step on */
	/* By gls_whiten. */
	double correlation;
	double keep[GLS_ROW], back[GLS_ROW];       /* keep v(i) - back v(i-1) */
	double diagonal[GLS_ROW], beside[GLS_ROW]; /* of P; beside: (i - 1, i) */
	double raw[GLS_BASE_MAX][GLS_ROW];
	double base[GLS_BASE_MAX][GLS_ROW]; /* orthonormal, whitened */
	double base_dual[GLS_BASE_MAX][GLS_ROW];
	double triangle[GLS_BASE_MAX][GLS_BASE_MAX]; /* raw = base x triangle */
	/* By gls_aim. */
	double rest_dual[GLS_ROW];
	double rest_norm; /* what the base leaves of the values, squared */
	double line_dual[GLS_ROW];
};

/* How a column stands to the base, the values and the line. */
struct gls_column {
	double whole; /* its square sum */
	double free;  /* what the intercepts leave of that */
	double norm;  /* what the base leaves of that */
	double rest;  /* product with what the base leaves of the values */
	double line;  /* product with what it leaves of the line */
	double base[GLS_BASE_MAX];
};

/* `segment` rises by process life; `at_h` rises; `usual_h` is the usual distance. */
void gls_init(struct gls *g, const uint8_t *segment, const double *at_h, size_t count,
	double usual_h);

/* A further column of the base, copied; the first ones are the intercepts.  False: it
 * says nothing that those before it do not, and is left out. */
bool gls_add(struct gls *g, const double *column);

/* Makes ready for a correlation (0 to below 1).  Before gls_aim. */
void gls_whiten(struct gls *g, double correlation);

/* The values to explain, and the line that may stand beside a column. */
void gls_aim(struct gls *g, const double *values, const double *line);

/* `column` has GLS_ROW items, zeros behind the last reading; `intercepts` is how many
 * base columns are. */
void gls_measure(const struct gls *g, const double *column, size_t intercepts,
	struct gls_column *out);

/* Something of it is left: the base explains less than 99.9 % of what the intercepts
 * leave.  What is nearly a copy of the base cannot be told from it. */
bool gls_is_free(const struct gls_column *column);

/* Two columns by their normal equations. */
struct gls_pair {
	double first, second; /* coefficients */
	double remaining;     /* square sum */
	double second_norm;   /* of the second column, freed of base and first */
};

/* `a` and `b` with the product of the two; false: they are as good as one. */
bool gls_pair(const struct gls *g, const struct gls_column *a,
	const struct gls_column *b, double product, struct gls_pair *out);

/* Coefficients of the base for values less `shape`, and what both leave, as measured
 * (not whitened). */
void gls_residuals(const struct gls *g, const double *values, const double *shape,
	double coefficients[GLS_BASE_MAX], double *residuals);

/* Correlation of neighbouring residuals, 0 to 0.93.  Fitting takes from it: by
 * (1 + 3 r) / n for a mean (Kendall 1954), and here by (h + (h + 2) r) / n, with h the
 * sum of q(i) q(i-1) over the orthonormal columns q that were fitted, which is what
 * they take from white noise: one for each smooth column.  `columns` are those beside
 * the base. */
double gls_correlation(const struct gls *g, const double *residuals, size_t columns);

#endif
