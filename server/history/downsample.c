#include "server/history/downsample.h"

#include "common/err.h"

#include <math.h>
#include <string.h>

static const char *const downsample_names[] = {"max", "min", "last", "mean", "rate"};

bool downsample_find(const char *name, enum downsample_aggregate *out)
{
	for (size_t i = DOWNSAMPLE_MAX; i < DOWNSAMPLE_RATE; i++) {
		if (strcmp(name, downsample_names[i]) != 0)
			continue;
		*out = (enum downsample_aggregate)i;
		return true;
	}
	return false;
}

const char *downsample_name(enum downsample_aggregate aggregate)
{
	return downsample_names[aggregate];
}

struct downsample downsample_make(
	int64_t from_ms, int64_t step_ms, size_t count, struct arena *a)
{
	BUG_ON(step_ms <= 0);
	return (struct downsample){from_ms, step_ms, count,
		arena_array(a, count, sizeof(struct downsample_step))};
}

/* Where a walk over rising times is: a division only when a step ends. */
struct downsample_walk {
	const struct downsample *d;
	int64_t from_ms, to_ms; /* of the step; empty at first */
	struct downsample_step *step;
};

/* The step of a time, or NULL when it is in none. */
static struct downsample_step *downsample_step_of(
	struct downsample_walk *w, int64_t at_ms)
{
	if (at_ms >= w->from_ms && at_ms < w->to_ms)
		return w->step;
	const struct downsample *d = w->d;
	if (at_ms < d->from_ms)
		return NULL;
	int64_t number = (at_ms - d->from_ms) / d->step_ms;
	if (number >= (int64_t)d->count)
		return NULL;
	w->from_ms = d->from_ms + number * d->step_ms;
	w->to_ms = w->from_ms + d->step_ms;
	w->step = &d->steps[number];
	return w->step;
}

static int64_t downsample_sum(int64_t a, int64_t b)
{
	int64_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* Adds a part of which the last reading was at `last_ms`. */
static void downsample_merge(
	struct downsample_step *s, const struct downsample_step *part)
{
	if (s->n == 0) {
		*s = *part;
		return;
	}
	s->n += part->n;
	s->sum = downsample_sum(s->sum, part->sum);
	s->low = part->low < s->low ? part->low : s->low;
	s->high = part->high > s->high ? part->high : s->high;
	if (part->last_ms < s->last_ms)
		return;
	s->last = part->last;
	s->last_ms = part->last_ms;
}

void downsample_gauge(struct downsample *d, const int64_t *at_ms, const int64_t *values,
	const bool *has, size_t rows)
{
	struct downsample_walk w = {.d = d};
	for (size_t i = 0; i < rows;) {
		struct downsample_step part = {0};
		struct downsample_step *s = downsample_step_of(&w, at_ms[i]);
		if (!s) {
			i++;
			continue;
		}
		/* All of one step at once. */
		for (; i < rows && at_ms[i] < w.to_ms; i++) {
			if (!has[i])
				continue;
			int64_t value = values[i];
			if (part.n++ == 0)
				part.low = part.high = value;
			part.sum = downsample_sum(part.sum, value);
			part.low = value < part.low ? value : part.low;
			part.high = value > part.high ? value : part.high;
			part.last = value;
			part.last_ms = at_ms[i];
		}
		if (part.n)
			downsample_merge(s, &part);
	}
}

void downsample_counter(struct downsample *d, const struct downsample_counter *c,
	struct downsample_last *last)
{
	struct downsample_walk w = {.d = d};
	const int64_t *over = c->over ? c->over : c->at_ms;
	for (size_t i = 0; i < c->rows; i++) {
		int64_t increase, grown;
		if (!c->has[i] || (c->over && !c->over_has[i]))
			continue;
		struct downsample_last before = *last;
		*last = (struct downsample_last){true, c->values[i], over[i]};
		if (!before.known ||
			__builtin_sub_overflow(c->values[i], before.value, &increase) ||
			__builtin_sub_overflow(over[i], before.over, &grown) ||
			increase < 0 || grown <= 0)
			continue;
		struct downsample_step *s = downsample_step_of(&w, c->at_ms[i]);
		if (!s)
			continue;
		s->n = downsample_sum(s->n, grown);
		s->sum = downsample_sum(s->sum, increase);
	}
}

void downsample_hour(
	struct downsample *d, bool is_counter, int64_t at_ms, const struct rollup *hour)
{
	struct downsample_walk w = {.d = d};
	struct downsample_step *s = hour->n > 0 ? downsample_step_of(&w, at_ms) : NULL;
	if (!s)
		return;
	if (!is_counter) {
		downsample_merge(s, &(struct downsample_step){hour->n, hour->sum,
					    hour->low, hour->high, hour->last, at_ms});
		return;
	}
	s->n = downsample_sum(s->n, hour->n * 1000);
	s->sum = downsample_sum(s->sum, hour->sum);
}

double downsample_value(
	const struct downsample *d, size_t step, enum downsample_aggregate aggregate)
{
	const struct downsample_step *s = &d->steps[step];
	if (s->n == 0)
		return NAN;
	switch (aggregate) {
	case DOWNSAMPLE_MAX:
		return (double)s->high;
	case DOWNSAMPLE_MIN:
		return (double)s->low;
	case DOWNSAMPLE_LAST:
		return (double)s->last;
	case DOWNSAMPLE_MEAN:
	case DOWNSAMPLE_RATE:
		break;
	}
	return (double)s->sum / (double)s->n;
}
