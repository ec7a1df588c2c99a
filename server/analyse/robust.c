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

/* The one that would stand at `place` were they sorted, and none behind it is smaller
 * (Hoare's Find, Communications of the ACM 4, 1961). */
static double select_place(double *v, size_t count, size_t place)
{
	size_t left = 0, right = count - 1;
	while (left < right) {
		double pivot = v[left + (right - left) / 2];
		size_t i = left, j = right;
		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			double swap = v[i];
			v[i++] = v[j];
			v[j--] = swap;
		}
		if (place <= j)
			right = j;
		else
			left = j + 1;
	}
	return v[place];
}

double robust_middle(double *values, size_t count)
{
	double upper = select_place(values, count, count / 2), lower = values[0];
	if (count % 2)
		return upper;
	for (size_t i = 1; i < count / 2; i++)
		lower = fmax(lower, values[i]);
	return (lower + upper) / 2;
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
	slope.value = robust_middle(pairs.slopes, pairs.count);
	double low = round((n - reach) / 2) - 1, high = round((n + reach) / 2);
	slope.low = select_place(pairs.slopes, pairs.count, low > 0 ? (size_t)low : 0);
	slope.high = select_place(
		pairs.slopes, pairs.count, high < n ? (size_t)high : pairs.count - 1);
	return slope;
}

double robust_normal_tail(double z)
{
	return 0.5 * erfc(z / sqrt(2));
}

double robust_normal_quantile(double p)
{
	double tail = fmin(p, 1 - p);
	if (!(tail > 0))
		return p > 0.5 ? INFINITY : -INFINITY;
	double t = sqrt(-2 * log(tail));
	double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
			       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
	for (int i = 0; i < 3; i++) {
		double density = exp(-z * z / 2) / sqrt(2 * M_PI);
		z += (robust_normal_tail(z) - tail) / density;
	}
	return p > 0.5 ? z : -z;
}

/* Hill's expansion about the normal; `both` is the share in both tails. */
static double t_near_normal(double both, double n, double b, double c, double d)
{
	double a = 1 / (n - 0.5), x = robust_normal_quantile(both / 2), y = x * x;
	if (n < 5)
		c += 0.3 * (n - 4.5) * (x + 0.6);
	c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
	y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
	return expm1(a * y * y);
}

/* And far out in the tail. */
static double t_far_out(double y, double n, double d)
{
	double inner = ((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3;
	return ((1 / inner + 0.5 / (n + 4)) * y - 1) * (n + 1) / (n + 2) + 1 / y;
}

double robust_t_quantile(double p, double freedom)
{
	double n = fmax(freedom, 1), both = 2 * fmin(p, 1 - p), t;
	if (!(both > 0))
		return p > 0.5 ? INFINITY : -INFINITY;
	if (n < 1.5) {
		t = 1 / tan(both * M_PI / 2);
	} else if (n < 2.5) {
		t = sqrt(2 / (both * (2 - both)) - 2);
	} else {
		double a = 1 / (n - 0.5), b = 48 / (a * a);
		double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
		double d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * M_PI / 2) * n;
		double y = pow(d * both, 2 / n);
		y = y > 0.05 + a ? t_near_normal(both, n, b, c, d) : t_far_out(y, n, d);
		t = sqrt(n * y);
	}
	return p > 0.5 ? t : -t;
}
