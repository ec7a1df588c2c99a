/*
 * Rollup: what is kept of readings when they are gone, as a state that can be added up.
 *
 * Of gauges: how many, their sum, the lowest, the highest and the last.  Of counters
 * the increases between readings of one life: the seconds that they span, their sum,
 * the lowest and highest rate per hour, and the last reading.  States of parts, in
 * order of time, merge into the state of the whole; never an average.
 *
 * Pure.
 */
#ifndef TIDEMARK_SERVER_HISTORY_ROLLUP_H
#define TIDEMARK_SERVER_HISTORY_ROLLUP_H

#include "schema/metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROLLUP_HOURS = 24 };

/* n == 0: nothing was read. */
struct rollup {
	int64_t n, sum, low, high, last;
};

/* Whether hours of this process metric are kept (schema/rollup.def). */
bool rollup_has(int metric);

/* Adds one gauge reading. */
void rollup_add(struct rollup *r, int64_t value);

/* `later` comes after what `r` has. */
void rollup_merge(struct rollup *r, const struct rollup *later);

/* Adds the readings of one life, which must be in order of time; `at_ms` and `values`
 * have `count` elements, has[i] (may be NULL) tells which rows have one.  The hours are
 * those of the day that begins at `day_ms`; readings outside it only serve as the
 * earlier end of an increase, which counts in the hour of its later reading.  A fall is
 * a new beginning and no increase. */
void rollup_day(struct rollup hours[ROLLUP_HOURS], enum metric_kind kind,
	int64_t day_ms, const int64_t *at_ms, const int64_t *values, const bool *has,
	size_t count);

#endif
