/*
 * Downsample: readings become the steps of one line of a chart.
 *
 * A line is what one or several processes did one after the other; each is added by
 * itself, in any order.  Of gauges a step has the lowest, the highest, the last reading
 * and their mean.  Of counters it has the increase between readings of one process and
 * what it grew against: the time, or another counter (busy of all CPU time).  The
 * increase belongs to the step of its later reading; a fall is a new beginning and no
 * increase; what was before the first reading of a process is not known.
 *
 * Pure.  Times are Unix ms; the steps lie in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_HISTORY_DOWNSAMPLE_H
#define TIDEMARK_SERVER_HISTORY_DOWNSAMPLE_H

#include "common/arena.h"
#include "server/history/rollup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum downsample_aggregate {
	DOWNSAMPLE_MAX, /* peaks stay to be seen: the default */
	DOWNSAMPLE_MIN,
	DOWNSAMPLE_LAST,
	DOWNSAMPLE_MEAN,
	DOWNSAMPLE_RATE, /* of counters, and of nothing else */
};

/* "max" and so on; *out is unchanged and the answer false when there is none such. */
bool downsample_find(const char *name, enum downsample_aggregate *out);
const char *downsample_name(enum downsample_aggregate aggregate);

/* Of gauges how many readings, their sum and so on; of counters n is what it grew
 * against and sum the increase. */
struct downsample_step {
	int64_t n, sum, low, high, last, last_ms;
};

struct downsample {
	int64_t from_ms, step_ms;
	size_t count;
	struct downsample_step *steps;
};

struct downsample downsample_make(
	int64_t from_ms, int64_t step_ms, size_t count, struct arena *a);

/* Readings in order of time; those outside the steps are left out. */
void downsample_gauge(struct downsample *d, const int64_t *at_ms, const int64_t *values,
	const bool *has, size_t rows);

/* The last reading of a counter, for what comes after it. */
struct downsample_last {
	bool known;
	int64_t value, over;
};

/* `over`, with over_has, is the counter that it grows against; NULL: the time. */
struct downsample_counter {
	const int64_t *at_ms, *values, *over;
	const bool *has, *over_has;
	size_t rows;
};

/* `last` is zeroed for the first readings of a process and handed on to its next ones.
 */
void downsample_counter(struct downsample *d, const struct downsample_counter *c,
	struct downsample_last *last);

/* One hour that begins at `at_ms`, as rollup.h keeps it; steps are whole hours. */
void downsample_hour(struct downsample *d, bool is_counter, int64_t at_ms,
	const struct rollup *hour);

/* NaN where nothing was read.  A rate is per unit of what it grew against. */
double downsample_value(
	const struct downsample *d, size_t step, enum downsample_aggregate aggregate);

#endif
