/*
 * Steps: how a span of time is divided for a chart.  Pure.
 *
 * Steps are round (1 to 6, 10, 12, 15, 20, 30 seconds, minutes ... whole days) and
 * stand on multiples of themselves, so that a chart that moves on asks for the same
 * steps again. A step is at least one and a half intervals of the readings, so that
 * none stays empty while readings come.
 */
#ifndef TIDEMARK_SERVER_API_STEPS_H
#define TIDEMARK_SERVER_API_STEPS_H

#include <stddef.h>
#include <stdint.h>

enum { STEPS_MIN = 10, STEPS_MAX = 1000, STEPS_DEFAULT = 300 };

struct steps {
	int64_t from_ms, to_ms, step_ms; /* [from, to) is a whole number of steps */
	size_t count;
};

/* At most `points` steps (STEPS_MIN to STEPS_MAX) that cover [from_ms, to_ms), which is
 * not empty and lies after 1970. */
struct steps steps_choose(
	int64_t from_ms, int64_t to_ms, int64_t points, int64_t interval_ms);

/* The same, of steps that are whole numbers of `part_ms`. */
struct steps steps_choose_whole(
	int64_t from_ms, int64_t to_ms, int64_t points, int64_t part_ms);

#endif
