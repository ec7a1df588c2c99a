/*
 * Robust: statistics that a few wild values cannot bend.
 *
 * Median absolute deviation with the factor 1.4826, which makes it the standard
 * deviation for normal noise.  Slope: Theil (1950) and Sen (1968), the median of the
 * slopes of all pairs; its interval from order statistics of those slopes and the
 * variance of Kendall's S (Gilbert, Statistical Methods for Environmental Pollution
 * Monitoring, 1987, section 16.4).  Quantiles of the normal distribution: the formula
 * 26.2.23 of Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, mended
 * by Newton's method; of Student's t: Hill, Algorithm 396, Communications of the ACM
 * 13 (1970).  Pure; scratch memory comes from the arena.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_ROBUST_H
#define TIDEMARK_SERVER_ANALYSE_ROBUST_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Sorts `values`.  At least one value. */
double robust_median(double *values, size_t count);

/* The same value in a time that grows with the count; leaves them in some order. */
double robust_middle(double *values, size_t count);

/* The value below which `share` (0 to 1) of the values lie, interpolated; sorts. */
double robust_quantile(double *values, size_t count, double share);

/* About the standard deviation: 1.4826 x the median distance from the median. */
double robust_spread(const double *values, size_t count, struct arena *a);

struct robust_points {
	const double *x, *y;
	const size_t *group; /* only pairs within a group count; NULL: one group */
	size_t count;
};

struct robust_slope {
	bool known; /* false: fewer than three pairs */
	double value, low, high;
};

/* Slope with its 95 % interval.  `correlation` of neighbouring residuals (0 to 1)
 * widens the interval: the variance grows by (1 + r) / (1 - r).  Takes time and
 * memory of count squared: for some hundred points at most. */
struct robust_slope robust_theil_sen(
	const struct robust_points *points, double correlation, struct arena *a);

/* The share of a standard normal that lies above z. */
double robust_normal_tail(double z);

/* The value below which the share p of a standard normal lies; 0 < p < 1. */
double robust_normal_quantile(double p);

/* The same of Student's t.  `freedom` (at least 1) need not be whole; exact to five
 * digits at least from 3 on, and at 1 and 2. */
double robust_t_quantile(double p, double freedom);

#endif
