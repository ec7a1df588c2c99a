/*
 * Two levels as RESIN has them (Lou et al., OSDI 2022), in a simple form of our own:
 * the paper's thresholds are not known to us.  First, for a service, hosts are counted
 * by buckets of usage; the service is suspicious when more hosts are at or above some
 * bucket than its history of up to a week led to expect.  Then a host is to blame when
 * it is in such a bucket and has grown since its last low, for four hours or longer.
 */
#include "tests/fleet/yardsticks/rules.h"

#include "tests/fleet/yardsticks/trend.h"

#include <math.h>

enum { BUCKETS = 50, HISTORY_H = 168, RECENT = 12 };
static const double bucket_pct = 2, sigmas = 4, growth_pct = 2;

/* Usage of a host around a moment of the clock; NAN: not seen. */
static double usage_at(const struct series *s, double at_h)
{
	size_t k;

	if (at_h < 0)
		return NAN;
	k = (size_t)(at_h / series_median_h);
	return k < s->median_count ? s->median[k] : NAN;
}

/* How many hosts are at or above the bucket. */
static double count_at(const struct series *s, double at_h, int bucket, double *seen)
{
	double hosts = 0;

	*seen = 0;
	for (size_t i = 0; i < s->peer_count; i++) {
		double shift_h = (double)(s->start_s - s->peers[i]->start_s) / 3600;
		double usage = usage_at(s->peers[i], at_h + shift_h);

		*seen += !isnan(usage);
		hosts += usage >= bucket * bucket_pct;
	}
	return hosts;
}

static bool is_suspicious(const struct series *s, double now_h, int bucket)
{
	double sum = 0, squares = 0, n = 0, seen, mean, deviation;
	double from_h = fmax(0, now_h - HISTORY_H);
	double step_h = fmax(1.0 / 3, (now_h - from_h) / 48);

	for (double at_h = from_h; at_h < now_h - 1; at_h += step_h) {
		double share = count_at(s, at_h, bucket, &seen) / fmax(seen, 1);

		if (seen == 0)
			continue;
		sum += share;
		squares += share * share;
		n++;
	}
	if (n < 6)
		return false;
	mean = sum / n;
	deviation = sqrt(fmax(squares / n - mean * mean, 0));
	return count_at(s, now_h - series_median_h, bucket, &seen) / fmax(seen, 1) >
	       mean + sigmas * fmax(deviation, 0.05);
}

/* Since its lowest value of the last day the host has grown, and still does. */
static bool has_grown(const struct series *s, double now_h)
{
	double hour[TREND_MOST], pct[TREND_MOST];
	size_t n = series_medians(s, now_h - 24, now_h, 3, hour, pct), low = 0;
	struct trend_line line;

	if (n < RECENT)
		return false;
	for (size_t i = 1; i < n; i++)
		if (pct[i] <= pct[low])
			low = i;
	if (hour[n - 1] - hour[low] < 4 || pct[n - 1] - pct[low] < growth_pct)
		return false;
	line = trend_fit(hour + low, pct + low, n - low);
	return line.slope > 0 && line.r2 > 0.5;
}

bool rules_resin(const struct series *s, double now_h, struct rules_state *state)
{
	double usage = usage_at(s, now_h - series_median_h);
	int bucket;

	(void)state;
	if (isnan(usage) || !has_grown(s, now_h))
		return false;
	bucket = (int)(usage / bucket_pct);
	return is_suspicious(s, now_h, bucket < BUCKETS ? bucket : BUCKETS - 1);
}
