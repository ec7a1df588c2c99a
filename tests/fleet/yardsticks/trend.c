#include "tests/fleet/yardsticks/trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct trend_line trend_fit(const double *x, const double *y, size_t n)
{
	double mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0;
	struct trend_line line = {0};

	if (n == 0)
		return line;
	for (size_t i = 0; i < n; i++) {
		mx += x[i] / (double)n;
		my += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		sxx += (x[i] - mx) * (x[i] - mx);
		sxy += (x[i] - mx) * (y[i] - my);
		syy += (y[i] - my) * (y[i] - my);
	}
	line.at_end = my;
	if (sxx <= 0)
		return line;
	line.slope = sxy / sxx;
	line.at_end = my + line.slope * (x[n - 1] - mx);
	line.r2 = syy > 0 ? sxy * sxy / (sxx * syy) : 0;
	return line;
}

/* Hoare's selection. */
double trend_select(double *values, size_t n, size_t k)
{
	size_t lo = 0, hi = n - 1;

	while (lo < hi) {
		double pivot = values[(lo + hi) / 2];
		size_t i = lo, j = hi;

		for (;;) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			double swap = values[i];
			values[i++] = values[j];
			values[j--] = swap;
		}
		/* What is up to j is not above the pivot, what is from j + 1 not below.
		 */
		if (values[j] > pivot)
			j--;
		if (k <= j)
			hi = j;
		else
			lo = j + 1;
	}
	return values[k];
}

double trend_median(double *values, size_t n)
{
	double upper = trend_select(values, n, n / 2), lower = values[0];

	if (n % 2 == 1)
		return upper;
	for (size_t i = 1; i < n / 2; i++)
		lower = fmax(lower, values[i]);
	return (lower + upper) / 2;
}

double trend_sen(const double *x, const double *y, size_t n)
{
	static double slopes[TREND_MOST * (TREND_MOST - 1) / 2];
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (x[j] > x[i])
				slopes[count++] = (y[j] - y[i]) / (x[j] - x[i]);
	return count > 0 ? trend_median(slopes, count) : 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sum over tied groups of c (c - 1)(2 c + 5). */
static double ties(const double *y, size_t n)
{
	double sorted[TREND_MOST], sum = 0, c = 1;

	memcpy(sorted, y, n * sizeof(*y));
	qsort(sorted, n, sizeof(*sorted), compare);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && sorted[i] == sorted[i - 1]) {
			c++;
			continue;
		}
		sum += c * (c - 1) * (2 * c + 5);
		c = 1;
	}
	return sum;
}

/* Ranks of what the line leaves, less their mean. */
static void centred_ranks(
	const double *x, const double *y, size_t n, double sen, double *rank)
{
	double rest[TREND_MOST];

	for (size_t i = 0; i < n; i++)
		rest[i] = y[i] - sen * x[i];
	for (size_t i = 0; i < n; i++) {
		rank[i] = -((double)n - 1) / 2;
		for (size_t j = 0; j < n; j++)
			rank[i] += rest[j] < rest[i]              ? 1
				   : j != i && rest[j] == rest[i] ? 0.5
								  : 0;
	}
}

/* n / n* of Hamed and Rao, over the lags that are significant at 95 %. */
static double correction(const double *x, const double *y, size_t n, double sen)
{
	double rank[TREND_MOST], power = 0, sum = 0, m = (double)n;

	centred_ranks(x, y, n, sen, rank);
	for (size_t i = 0; i < n; i++)
		power += rank[i] * rank[i];
	if (power <= 0)
		return 1;
	for (size_t lag = 1; lag + 3 < n; lag++) {
		double rho = 0, k = (double)lag;

		for (size_t i = 0; i + lag < n; i++)
			rho += rank[i] * rank[i + lag];
		rho /= power;
		if (fabs(rho) > 1.96 / sqrt(m))
			sum += (m - k) * (m - k - 1) * (m - k - 2) * rho;
	}
	return fmax(1 + 2 / (m * (m - 1) * (m - 2)) * sum, 0.05);
}

double trend_mann_kendall(
	const double *x, const double *y, size_t n, double sen, bool correct)
{
	double s = 0, variance, m = (double)n;

	if (n < 4)
		return 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			s += (y[j] > y[i]) - (y[j] < y[i]);
	variance = (m * (m - 1) * (2 * m + 5) - ties(y, n)) / 18;
	if (correct)
		variance *= correction(x, y, n, sen);
	if (variance <= 0 || s == 0)
		return 0;
	return (s - (s > 0 ? 1 : -1)) / sqrt(variance);
}
