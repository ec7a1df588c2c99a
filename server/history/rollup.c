#include "server/history/rollup.h"

enum { ROLLUP_HOUR_MS = 60 * 60 * 1000 };

static const bool rollup_metric[METRIC_PROCESS_COUNT] = {
#define ROLLUP(name) [PROCESS_##name] = true,
#include "schema/rollup.def"
#undef ROLLUP
};

bool rollup_has(int metric)
{
	return metric >= 0 && metric < METRIC_PROCESS_COUNT && rollup_metric[metric];
}

/* Sums that do not fit stay at their greatest or least. */
static int64_t rollup_sum(int64_t a, int64_t b)
{
	int64_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

void rollup_merge(struct rollup *r, const struct rollup *later)
{
	if (later->n == 0)
		return;
	if (r->n == 0) {
		*r = *later;
		return;
	}
	r->n = rollup_sum(r->n, later->n);
	r->sum = rollup_sum(r->sum, later->sum);
	r->low = later->low < r->low ? later->low : r->low;
	r->high = later->high > r->high ? later->high : r->high;
	r->last = later->last;
}

void rollup_add(struct rollup *r, int64_t value)
{
	rollup_merge(r, &(struct rollup){1, value, value, value, value});
}

/* -1: not of the day. */
static int rollup_hour(int64_t day_ms, int64_t at_ms)
{
	int64_t since;
	if (__builtin_sub_overflow(at_ms, day_ms, &since) || since < 0 ||
		since >= ROLLUP_HOURS * (int64_t)ROLLUP_HOUR_MS)
		return -1;
	return (int)(since / ROLLUP_HOUR_MS);
}

static int64_t rollup_per_hour(int64_t increase, int64_t span_ms)
{
	double rate = (double)increase * ROLLUP_HOUR_MS / (double)span_ms;
	return rate < 0x1p63 ? (int64_t)(rate + 0.5) : INT64_MAX;
}

/* A counter's increases of one hour of one life: n is in ms until all are there, so
 * that odd milliseconds do not add up. */
static void rollup_add_increase(
	struct rollup *r, int64_t increase, int64_t span_ms, int64_t value)
{
	int64_t rate = rollup_per_hour(increase, span_ms);
	rollup_merge(r, &(struct rollup){span_ms, increase, rate, rate, value});
}

static void rollup_day_of_counter(struct rollup hours[ROLLUP_HOURS], int64_t day_ms,
	const int64_t *at_ms, const int64_t *values, const bool *has, size_t count)
{
	size_t before = count; /* none yet */
	for (size_t i = 0; i < count; i++) {
		int64_t increase, span_ms;
		if (has && !has[i])
			continue;
		int hour = rollup_hour(day_ms, at_ms[i]);
		if (before < count && hour >= 0 && values[i] >= values[before] &&
			!__builtin_sub_overflow(values[i], values[before], &increase) &&
			!__builtin_sub_overflow(at_ms[i], at_ms[before], &span_ms) &&
			span_ms > 0)
			rollup_add_increase(&hours[hour], increase, span_ms, values[i]);
		before = i;
	}
	for (int i = 0; i < ROLLUP_HOURS; i++) {
		int64_t seconds = rollup_sum(hours[i].n, 500) / 1000;
		if (hours[i].n)
			hours[i].n = seconds ? seconds : 1;
	}
}

static void rollup_day_of_gauge(struct rollup hours[ROLLUP_HOURS], int64_t day_ms,
	const int64_t *at_ms, const int64_t *values, const bool *has, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int hour = rollup_hour(day_ms, at_ms[i]);
		if (hour >= 0 && (!has || has[i]))
			rollup_add(&hours[hour], values[i]);
	}
}

void rollup_day(struct rollup hours[ROLLUP_HOURS], enum metric_kind kind,
	int64_t day_ms, const int64_t *at_ms, const int64_t *values, const bool *has,
	size_t count)
{
	struct rollup own[ROLLUP_HOURS] = {0};
	if (kind == METRIC_COUNTER)
		rollup_day_of_counter(own, day_ms, at_ms, values, has, count);
	else
		rollup_day_of_gauge(own, day_ms, at_ms, values, has, count);
	for (int i = 0; i < ROLLUP_HOURS; i++)
		rollup_merge(&hours[i], &own[i]);
}
