#include "server/analyse/chance.h"

#include <math.h>

enum { TERMS_MAX = 10000 };

static const double PRECISION = 1e-15;
static const double NOT_ZERO = 1e-300;

static double log_gamma(double x)
{
	int sign;
	return lgamma_r(x, &sign);
}

/* Away from zero, so that it can stand below the line. */
static double nonzero(double x)
{
	return fabs(x) < NOT_ZERO ? NOT_ZERO : x;
}

/* The continued fraction of the incomplete beta function, from the front (Lentz). */
static double beta_fraction(double x, double a, double b)
{
	double c = 1, d = 1 / nonzero(1 - (a + b) * x / (a + 1)), f = d;
	for (int m = 1; m < TERMS_MAX; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / nonzero(1 + even * d);
		c = nonzero(1 + even / c);
		f *= d * c;
		double odd = -(a + m) * (a + b + m) * x /
			     ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / nonzero(1 + odd * d);
		c = nonzero(1 + odd / c);
		f *= d * c;
		if (fabs(d * c - 1) < PRECISION)
			break;
	}
	return f;
}

/* The regularised incomplete beta function.  The fraction is fast on one side only. */
static double beta_share(double x, double a, double b)
{
	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) +
			   b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(x, a, b) / a;
	return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double chance_t_above(double t, double freedom)
{
	if (isnan(t))
		return NAN;
	double both = beta_share(freedom / (freedom + t * t), freedom / 2, 0.5);
	return t > 0 ? both / 2 : 1 - both / 2;
}

double chance_chi_below(double x, double freedom)
{
	double a = freedom / 2, half = x / 2;
	if (half <= 0)
		return 0;
	if (half > a + 40 * sqrt(a) + 200)
		return 1;
	double term = exp(a * log(half) - half - log_gamma(a + 1)), sum = term;
	for (int n = 1; n < TERMS_MAX && term > PRECISION * sum; n++) {
		term *= half / (a + n);
		sum += term;
	}
	return fmin(1, sum);
}

static double log_choose(double n, double k)
{
	return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

double chance_binomial(size_t hits, size_t trials, double p)
{
	if (hits == 0 || p >= 1)
		return 1;
	if (hits > trials || p <= 0)
		return 0;
	double sum = 0, n = (double)trials;
	for (size_t k = trials + 1; k-- > hits;)
		sum += exp(log_choose(n, (double)k) + (double)k * log(p) +
			   (n - (double)k) * log1p(-p));
	return fmin(1, sum);
}

double chance_fisher(const struct chance_table *t)
{
	double row = (double)(t->both + t->row_only);
	double column = (double)(t->both + t->column_only);
	double rest = (double)(t->column_only + t->neither);
	double sum = 0, all = log_choose(row + rest, column);
	for (double k = fmin(row, column); k >= (double)t->both; k--)
		if (column - k <= rest)
			sum += exp(log_choose(row, k) + log_choose(rest, column - k) -
				   all);
	return fmin(1, sum);
}
