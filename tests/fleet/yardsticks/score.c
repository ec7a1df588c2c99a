#include "tests/fleet/yardsticks/score.h"

#include "tests/fleet/yardsticks/trend.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static const double apart_h = 3;

struct outcome {
	double first_after_h; /* the first look at or after the onset that alarmed */
	int false_episodes;
};

static double look_every_h(double hours)
{
	return hours <= 12.01 ? 1.0 / 6 : hours <= 100 ? 1.0 / 3 : 1;
}

/* An episode that never reached the onset is false; that of a negative always. */
static void end_episode(
	const struct series *s, double to_h, bool open, struct outcome *out)
{
	if (open && (!s->leaks || to_h < s->onset_h))
		out->false_episodes++;
}

static struct outcome replay(const struct rules_rule *rule, const struct series *s)
{
	struct outcome out = {.first_after_h = NAN};
	struct rules_state state = {0};
	double every_h = look_every_h(s->hours), last_on_h = 0;
	bool open = false;

	for (double now_h = every_h; now_h <= s->hours + 1e-9; now_h += every_h) {
		if (!rule->judge(s, now_h, &state))
			continue;
		if (open && now_h - last_on_h > apart_h) {
			end_episode(s, last_on_h, open, &out);
			open = false;
		}
		open = true;
		last_on_h = now_h;
		if (s->leaks && now_h >= s->onset_h && isnan(out.first_after_h))
			out.first_after_h = now_h;
	}
	end_episode(s, last_on_h, open, &out);
	return out;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Linear between the order statistics. */
static double quantile(double *sorted, int n, double share)
{
	double at = share * (n - 1);
	int i = (int)at;

	if (n == 0)
		return NAN;
	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void finish(struct score *out, double *delays, double *leaked)
{
	qsort(delays, (size_t)out->found, sizeof(*delays), compare);
	qsort(leaked, (size_t)out->found, sizeof(*leaked), compare);
	out->delay_median_h = quantile(delays, out->found, 0.5);
	out->delay_p90_h = quantile(delays, out->found, 0.9);
	out->leaked_median_pct = quantile(leaked, out->found, 0.5);
	out->precision = ratio(out->found, out->found + out->false_series + out->early);
	out->recall = ratio(out->found, out->found + out->missed);
	out->f1 = ratio(2 * out->precision * out->recall, out->precision + out->recall);
	out->episodes_per_1000_days = ratio(1000 * out->episodes, out->days);
}

void score_rule(struct score *out, const struct rules_rule *rule,
	const struct series_list *list)
{
	double *delays = calloc(list->count + 1, sizeof(*delays));
	double *leaked = calloc(list->count + 1, sizeof(*leaked));
	clock_t started = clock();

	if (delays == NULL || leaked == NULL)
		abort();
	*out = (struct score){0};
	for (size_t i = 0; i < list->count; i++) {
		const struct series *s = &list->items[i];
		struct outcome o = replay(rule, s);

		out->days += (s->leaks ? s->onset_h : s->hours) /
			     24; /* without a leak */
		out->episodes += o.false_episodes;
		if (!s->leaks) {
			out->false_series += o.false_episodes > 0;
			out->quiet += o.false_episodes == 0;
			continue;
		}
		out->early += o.false_episodes > 0;
		out->missed += isnan(o.first_after_h);
		if (isnan(o.first_after_h))
			continue;
		delays[out->found] = o.first_after_h - s->onset_h;
		leaked[out->found] = delays[out->found] * s->rate_pct_per_h;
		out->found++;
	}
	finish(out, delays, leaked);
	out->cpu_s = (double)(clock() - started) / CLOCKS_PER_SEC;
	free(delays);
	free(leaked);
}
