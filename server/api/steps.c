#include "server/api/steps.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const int64_t steps_round[] = {SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND,
	5 * SECOND, 6 * SECOND, 10 * SECOND, 12 * SECOND, 15 * SECOND, 20 * SECOND,
	30 * SECOND, MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE, 5 * MINUTE, 6 * MINUTE,
	10 * MINUTE, 12 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR,
	3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, DAY};

/* The i-th step: beyond the table whole days, doubled each time. */
static int64_t steps_nth(size_t i)
{
	size_t count = sizeof steps_round / sizeof *steps_round;
	return i < count ? steps_round[i] : DAY << (i - count + 1);
}

static struct steps steps_of(int64_t from_ms, int64_t to_ms, int64_t step_ms)
{
	struct steps s = {.step_ms = step_ms};
	s.from_ms = from_ms / step_ms * step_ms;
	s.to_ms = (to_ms + step_ms - 1) / step_ms * step_ms;
	s.count = (size_t)((s.to_ms - s.from_ms) / step_ms);
	return s;
}

struct steps steps_choose(
	int64_t from_ms, int64_t to_ms, int64_t points, int64_t interval_ms)
{
	for (size_t i = 0;; i++) {
		struct steps s = steps_of(from_ms, to_ms, steps_nth(i));
		if (2 * s.step_ms >= 3 * interval_ms && s.count <= (size_t)points)
			return s;
	}
}

struct steps steps_choose_whole(
	int64_t from_ms, int64_t to_ms, int64_t points, int64_t part_ms)
{
	for (size_t i = 0;; i++) {
		struct steps s = steps_of(from_ms, to_ms, steps_nth(i));
		if (s.step_ms % part_ms == 0 && s.count <= (size_t)points)
			return s;
	}
}
