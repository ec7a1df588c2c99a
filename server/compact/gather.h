/*
 * Gather: rows of many subjects, in any order, become columns of each.
 *
 * Rows are kept as the steps from one to the next, some thirty bytes each, so that what
 * five minutes of a large fleet need fits into a bounded part of memory.
 *
 * Pure.  Owner: one thread.
 */
#ifndef TIDEMARK_SERVER_COMPACT_GATHER_H
#define TIDEMARK_SERVER_COMPACT_GATHER_H

#include "common/arena.h"
#include "server/store/hot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* About what a subject with so many rows needs. */
enum { GATHER_SUBJECT_BYTES = 480, GATHER_ROW_BYTES = 28 };

struct gather;

/* For rows of these subjects, each once, in any order; `metrics` in a row at most.
 * rows[i], where known, is how many rows are to come of subjects[i]; else NULL. */
struct gather *gather_create(
	const int32_t *subjects, const int64_t *rows, size_t count, int metrics);
void gather_destroy(struct gather *g);

/* Rows of other subjects are a bug. */
void gather_add(struct gather *g, const struct hot_row *row);

/* In order of time; equal times are one row, in which what was gathered first counts.
 * `used`: metrics that some row has; of others, values and has are NULL. */
struct gather_columns {
	size_t rows;
	int64_t *at_ms;
	uint64_t used;
	int64_t *values[HOT_METRICS_MAX];
	bool *has[HOT_METRICS_MAX];
};

/* Of subjects[index]; in the arena. */
void gather_take(const struct gather *g, size_t index, struct arena *a,
	struct gather_columns *out);

#endif
