/*
 * Hot: rows of readings as ingest wrote them, read back by the compactor.
 *
 * A table is `sample` or `host_sample`, or the one of either's late rows.  Subjects are
 * generations or hosts.
 */
#ifndef TIDEMARK_SERVER_STORE_HOT_H
#define TIDEMARK_SERVER_STORE_HOT_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/metric.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hot_table {
	HOT_PROCESS,
	HOT_HOST,
	HOT_PROCESS_LATE,
	HOT_HOST_LATE,
};

enum { HOT_METRICS_MAX = 64 };

struct hot_row {
	int32_t subject;
	int64_t at_ms;
	uint64_t present; /* bit i: metric i */
	int64_t value[HOT_METRICS_MAX];
};

int hot_metric_count(enum hot_table table);

/* Rows of [from, to); of these subjects, or of all (NULL). */
struct hot_ask {
	enum hot_table table;
	int64_t from_ms, to_ms;
	const int32_t *subjects;
	size_t count;
};

/* How many rows each subject has, in order of subjects. */
struct hot_count {
	int32_t subject;
	int64_t rows;
};
bool hot_count(struct db *db, const struct hot_ask *ask, struct arena *a,
	struct hot_count **out, size_t *count, struct err *e);

/* The rows, in any order. */
typedef bool hot_take(void *context, const struct hot_row *row, struct err *e);
bool hot_read(struct db *db, const struct hot_ask *ask, hot_take *take, void *context,
	struct err *e);

/* The begin of the first five minutes in [from, to) that have hot rows; 0: none do. */
bool hot_first(struct db *db, int64_t from_ms, int64_t to_ms, int64_t *first_ms,
	struct err *e);

/* The UTC days before `to_ms` of which there are late rows. */
bool hot_late_days(struct db *db, int64_t to_ms, struct arena *a, int64_t **days_ms,
	size_t *count, struct err *e);

/* Takes late rows away. */
bool hot_forget(struct db *db, const struct hot_ask *ask, struct err *e);

#endif
