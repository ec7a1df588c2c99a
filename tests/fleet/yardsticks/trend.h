/*
 * Trend: the lines and tests that the yardsticks are made of.
 *
 * Ordinary least squares; Sen's slope (Sen 1968: the median of the slopes of all
 * pairs); the Mann-Kendall test with ties (Mann 1945, Kendall 1975), and with the
 * variance of Hamed and Rao (1998), who scale it by the autocorrelation of the ranks of
 * what a line leaves.  Pure.
 */
#ifndef TIDEMARK_TESTS_FLEET_YARDSTICKS_TREND_H
#define TIDEMARK_TESTS_FLEET_YARDSTICKS_TREND_H

#include <stdbool.h>
#include <stddef.h>

struct trend_line {
	double slope, at_end; /* per unit of x; the line at the last x */
	double r2;
};

/* At least two different x, else a flat line through the mean. */
struct trend_line trend_fit(const double *x, const double *y, size_t n);

/* Orders the values anew. */
double trend_median(double *values, size_t n);
double trend_select(double *values, size_t n, size_t k); /* the k-th smallest */

enum { TREND_MOST = 300 };

/* n at most TREND_MOST. */
double trend_sen(const double *x, const double *y, size_t n);

/* Z of the Mann-Kendall test; `sen` is the line taken off for the autocorrelation,
 * which counts where `correct` is set. */
double trend_mann_kendall(
	const double *x, const double *y, size_t n, double sen, bool correct);

#endif
