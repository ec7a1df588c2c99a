/*
 * Precog with its maximum filter (Jindal et al., arXiv 2106.08938), from the
 * description: medians of five minutes, then a rolling median of an hour; change points
 * where the modified z-score of the first difference is above 3.5, at least six hours
 * apart; a line from each change point to the end.  It leaks when R2 is 0.8 or more for
 * six hours or more, the limit is at most a week off, the value is 40 % or more, slope
 * and duration exceed those of every critical trend that came to an end before, and the
 * ten largest values of the last hour exceed all that was before the trend.
 */
#include "tests/fleet/yardsticks/rules.h"

#include "tests/fleet/yardsticks/trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROLL = 12, APART = 72, MOST = 4200 };

struct view {
	size_t n;
	double hour[MOST], pct[MOST];
	size_t change[MOST / APART + 2];
	size_t changes;
};

static void roll(struct view *v, const struct series *s, double now_h)
{
	double raw[MOST], window[ROLL];
	size_t n = series_medians(s, 0, now_h, 1, v->hour, raw);

	for (size_t i = 0; i < n; i++) {
		size_t first = i + 1 > ROLL ? i + 1 - ROLL : 0;

		memcpy(window, raw + first, (i + 1 - first) * sizeof(*window));
		v->pct[i] = trend_median(window, i + 1 - first);
	}
	v->n = n;
}

static void find_changes(struct view *v)
{
	double d[MOST], copy[MOST], median, mad;
	size_t n = v->n - 1;

	v->changes = 0;
	v->change[v->changes++] = 0;
	for (size_t i = 0; i < n; i++)
		d[i] = copy[i] = fabs(v->pct[i + 1] - v->pct[i]);
	median = trend_median(copy, n);
	for (size_t i = 0; i < n; i++)
		copy[i] = fabs(d[i] - median);
	mad = trend_median(copy, n);
	for (size_t i = 0; i < n && mad > 0; i++)
		if (0.6745 * (d[i] - median) / mad > 3.5 &&
			i + 1 - v->change[v->changes - 1] >= APART)
			v->change[v->changes++] = i + 1;
}

static bool is_critical(const struct trend_line *line, double hours)
{
	return line->slope > 0 && line->r2 >= 0.8 && hours >= 6 && line->at_end >= 40 &&
	       (100 - line->at_end) / line->slope <= 168;
}

static struct trend_line trend_between(
	const struct view *v, size_t from, size_t end, double *hours)
{
	*hours = v->hour[end - 1] - v->hour[from];
	return trend_fit(v->hour + from, v->pct + from, end - from);
}

/* The ten largest of the last hour: all of them above what was before. */
static bool is_highest(const struct view *v, size_t from)
{
	double most = 0, window[ROLL];
	size_t n = v->n < ROLL ? v->n : ROLL;

	for (size_t i = 0; i < from; i++)
		most = fmax(most, v->pct[i]);
	memcpy(window, v->pct + v->n - n, n * sizeof(*window));
	return n >= 10 && trend_select(window, n, n - 10) > most;
}

bool rules_precog(const struct series *s, double now_h, struct rules_state *state)
{
	static struct view v;
	double worst_slope = 0, worst_hours = 0;

	(void)state;
	roll(&v, s, now_h);
	if (v.n < APART)
		return false;
	find_changes(&v);
	for (size_t c = 0; c < v.changes; c++) {
		double hours;
		struct trend_line line = trend_between(&v, v.change[c], v.n, &hours);

		if (is_critical(&line, hours) && line.slope > worst_slope &&
			hours > worst_hours && is_highest(&v, v.change[c]))
			return true;
		if (c + 1 == v.changes)
			break;
		line = trend_between(&v, v.change[c], v.change[c + 1], &hours);
		if (is_critical(&line, hours)) {
			worst_slope = fmax(worst_slope, line.slope);
			worst_hours = fmax(worst_hours, hours);
		}
	}
	return false;
}
