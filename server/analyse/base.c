#include "server/analyse/base.h"

#include "server/analyse/robust.h"

#include <math.h>
#include <string.h>

/* A covariate whose standard deviation is below this share of its size is left out:
 * memory that follows it would move by as little, while a nearly constant column bends
 * the fit for its rounding. */
static const double LEAST_VARIATION = 0.03;

/* Within bounds that no reading of this world leaves; NaN does not pass. */
static bool within(double v, double least, double most)
{
	return v >= least && v <= most;
}

static bool point_usable(const struct shape_points *p, size_t i)
{
	static const double hours = 1e9, kb = 1e15;
	if (!within(p->value_kb[i], -kb, kb) || !within(p->clock_h[i], -hours, hours) ||
		!within(p->day_h[i], -hours, hours) ||
		!within(p->age_h[i], -hours, hours) || p->segment[i] >= p->segments)
		return false;
	if (i == 0)
		return true;
	bool same = p->segment[i] == p->segment[i - 1];
	return (same || p->segment[i] > p->segment[i - 1]) &&
	       p->day_h[i] >= p->day_h[i - 1] &&
	       (!same || p->clock_h[i] >= p->clock_h[i - 1]);
}

bool base_usable(const struct shape_points *p)
{
	if (p->count > SHAPE_POINTS_MAX || p->segments == 0 ||
		p->segments > SHAPE_SEGMENTS_MAX || p->count < p->segments + 6 ||
		!within(p->span_h, 1e-6, 1e9) || !within(p->bin_h, 1e-6, 1e9))
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (!point_usable(p, i))
			return false;
	return true;
}

double base_floor_kb(const struct shape_points *p)
{
	return fmin(fmax(p->noise_floor_kb, 1e-3), 1e12);
}

/* Its standard deviation is a share of its mean, and an amount, at least.  With one
 * that is no number it is unknown. */
static bool varies(const double *v, size_t n, double least_share, double least)
{
	double sum = 0, square = 0;
	for (size_t i = 0; i < n; i++) {
		if (!within(v[i], -1e15, 1e15))
			return false;
		sum += v[i];
	}
	double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		square += (v[i] - mean) * (v[i] - mean);
	double spread = sqrt(square / (double)n);
	return spread >= least_share * fabs(mean) && spread >= least;
}

/* A harmonic wants more than a day and a third (the second: two and a half), or it
 * would pass for growth; four readings in its period; and points enough that it does
 * not bend to whatever there is. */
static size_t add_seasons(struct gls *g, const struct shape_points *p)
{
	double column[GLS_ROW], days_h = p->day_h[p->count - 1] - p->day_h[0];
	size_t k = 1;
	for (; k <= 2; k++) {
		if (days_h < (k == 1 ? 34 : 60) || p->bin_h > 6.01 / (double)k ||
			p->count < 14 * k)
			break;
		for (int part = 0; part < 2; part++) {
			for (size_t i = 0; i < p->count; i++) {
				double turns = fmod(p->day_h[i], 24) / 24 * (double)k;
				column[i] = part ? cos(2 * M_PI * turns)
						 : sin(2 * M_PI * turns);
			}
			gls_add(g, column);
		}
	}
	return k - 1;
}

static int add_covariate(
	struct gls *g, const double *v, double least_share, double least)
{
	if (!v || !varies(v, g->count, least_share, least) || !gls_add(g, v))
		return -1;
	return (int)g->base_count - 1;
}

void base_build(struct base *b, struct gls *g, const struct shape_points *p)
{
	double column[GLS_ROW];
	gls_init(g, p->segment, p->day_h, p->count, p->bin_h);
	for (size_t s = 0; s < p->segments; s++) {
		for (size_t i = 0; i < p->count; i++)
			column[i] = p->segment[i] == s;
		gls_add(g, column);
	}
	b->intercepts = g->base_count;
	b->seasons = add_seasons(g, p);
	b->load = add_covariate(g, p->load, LEAST_VARIATION, 1e-9);
	b->queue = add_covariate(g, p->queue, LEAST_VARIATION, 1e-9);
	b->profile = add_covariate(g, p->profile, 0, base_floor_kb(p));
}

/* Into the range of two readings, widened by `reach`. */
static double bend(double v, double a, double b, double reach)
{
	double low = fmin(a, b) - reach, high = fmax(a, b) + reach;
	return v < low ? low : v > high ? high : v;
}

void base_bend_spikes(const struct shape_points *p, const struct gls *g, double *values)
{
	const double *v = p->value_kb;
	double scratch[GLS_ROW], largest = 0;
	size_t n = p->count;
	memcpy(values, v, n * sizeof *v);
	for (size_t i = 1; i < n; i++) {
		scratch[i - 1] = fabs(v[i] - v[i - 1]);
		largest = scratch[i - 1] > largest ? scratch[i - 1] : largest;
	}
	double reach = 10 * fmax(robust_middle(scratch, n - 1), base_floor_kb(p));
	if (largest <= reach)
		return;
	for (size_t i = 0; i < n; i++) {
		bool first = g->gap[i] <= 0;
		bool last = i + 1 == n || g->gap[i + 1] <= 0;
		bool enough = first ? i + 2 < n && g->gap[i + 1] > 0 &&
					      g->gap[i + 2] > 0
				    : !last || (i >= 2 && g->gap[i - 1] > 0);
		if (!enough)
			continue;
		const double *a = first ? &v[i + 1] : &v[i - 1];
		const double *b = last ? &v[i - 2] : first ? &v[i + 2] : &v[i + 1];
		double step = first || last ? 3 * fabs(*a - *b) : 0;
		values[i] = bend(v[i], *a, *b, fmax(reach, step));
	}
}
