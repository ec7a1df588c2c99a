/*
 * Spread: how a metric was spread over the instances of each version of a service, step
 * by step: of each instance its greatest reading in the step, of a counter its increase
 * per hour.
 *
 * Read from what is kept of versions in steps of five minutes, of sealed days in steps
 * of an hour when that is enough; what is newer is made from the readings.  Steps of
 * several such parts tell of all of them: `n` is then the most instances of any part.
 * Quantiles are right within SKETCH_ERROR.  Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_HISTORY_SPREAD_H
#define TIDEMARK_SERVER_HISTORY_SPREAD_H

#include "common/arena.h"
#include "common/err.h"
#include "server/history/chart.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPREAD_PART_S = 300,  /* steps are multiples of this ... */
	SPREAD_HOUR_S = 3600, /* ... and, where hours are read, of this */
	SPREAD_ROWS_MAX = 100000,
};

struct spread_ask {
	int64_t service_id;
	const struct chart_life *lives; /* of its processes */
	size_t count, line_count;       /* a line for each seat and version */
	const int64_t *versions;        /* of each line */
	int metric;
	enum metric_kind kind;
	int64_t from_ms, step_ms;
	size_t steps;
	int64_t interval_ms;
};

struct spread_step {
	int64_t n; /* 0: nothing is known */
	int64_t low, high, median, p10, p90;
};

struct spread_version {
	int64_t id;
	struct spread_step *steps;
};

struct spread {
	struct spread_version *versions; /* rising by id */
	size_t count;
	struct history_sources sources; /* of the newest steps */
};

bool spread_read(struct db *db, const struct spread_ask *ask, struct arena *a,
	struct spread *out, struct err *e);

#endif
