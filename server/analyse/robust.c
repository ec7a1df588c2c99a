#include "server/analyse/robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

double robust_quantile(double *values, size_t count, double share)
{
	qsort(values, count, sizeof *values, compare);
	double place = share * (double)(count - 1);
	size_t below = (size_t)place;
	if (below + 1 >= count)
		return values[count - 1];
	double rest = place - (double)below;
	return values[below] + rest * (values[below + 1] - values[below]);
}

double robust_median(double *values, size_t count)
{
	return robust_quantile(values, count, 0.5);
}

double robust_spread(const double *values, size_t count, struct arena *a)
{
	double *scratch = arena_array(a, count, sizeof *scratch);
	memcpy(scratch, values, count * sizeof *scratch);
	double middle = robust_median(scratch, count);
	for (size_t i = 0; i < count; i++)
		scratch[i] = fabs(values[i] - middle);
	return 1.4826 * robust_median(scratch, count);
}

struct pairs {
	double *slopes;
	size_t count;
	double variance; /* of Kendall's S, summed over the groups */
};

static void add_group(
	const struct robust_points *p, size_t from, size_t to, struct pairs *pairs)
{
	for (size_t i = from; i < to; i++)
		for (size_t j = i + 1; j < to; j++)
			if (p->x[j] > p->x[i])
				pairs->slopes[pairs->count++] = (p->y[j] - p->y[i]) /
								(p->x[j] - p->x[i]);
	double n = (double)(to - from);
	pairs->variance += n * (n - 1) * (2 * n + 5) / 18;
}

struct robust_slope robust_theil_sen(
	const struct robust_points *p, double correlation, struct arena *a)
{
	struct robust_slope slope = {0};
	if (p->count < 3)
		return slope;
	struct pairs pairs = {0};
	pairs.slopes = arena_array(a, p->count * (p->count - 1) / 2, sizeof(double));
	for (size_t from = 0; from < p->count;) {
		size_t to = from + 1;
		while (to < p->count && (!p->group || p->group[to] == p->group[from]))
			to++;
		add_group(p, from, to, &pairs);
		from = to;
	}
	if (pairs.count < 3)
		return slope;

	double widen = (1 + correlation) / (1 - fmin(correlation, 0.99));
	double reach = 1.96 * sqrt(pairs.variance * widen);
	double n = (double)pairs.count;
	slope.known = true;
	slope.value = robust_median(pairs.slopes, pairs.count);
	double low = round((n - reach) / 2) - 1, high = round((n + reach) / 2);
	slope.low = pairs.slopes[low > 0 ? (size_t)low : 0];
	slope.high = pairs.slopes[high < n ? (size_t)high : pairs.count - 1];
	return slope;
}
