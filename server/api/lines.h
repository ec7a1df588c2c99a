/*
 * Lines: from process lives and their steps to the lines and marks of a chart.  Pure.
 *
 * A line is what one seat did while it ran one version: the lives of a seat are joined,
 * and a new version starts a new line.  Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_API_LINES_H
#define TIDEMARK_SERVER_API_LINES_H

#include "common/arena.h"
#include "schema/metric.h"
#include "server/api/steps.h"
#include "server/history/chart.h"
#include "server/store/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINES_MAX = 5000,
	LINES_VALUES_MAX = 600000, /* lines times steps */
	LINES_LIVES_MAX = 20000,
	LINES_MARKS_MAX = 1000,
};

/* What a chart shows: a metric of metric.def, "cpu_ratio" or "heap_ratio". */
struct lines_metric {
	int number; /* enum metric_process or metric_host */
	enum metric_kind kind;
	int over;      /* the metric that it is a part of; < 0: none */
	bool is_ratio; /* of time per time, or of `over`; else counters are per second
			*/
	const char *unit;
};

/* False when the scope has no metric of that name. */
bool lines_find_metric(const char *name, const struct metric *metrics, size_t count,
	struct arena *a, struct lines_metric *out);

struct lines {
	const struct series_life **first; /* of each line its first life */
	size_t count;
	const size_t *line;   /* of each life */
	int64_t interval_ms;  /* the longest between two readings */
	const int64_t *hosts; /* without repeats */
	size_t host_count;
};

/* `lives` as series_lives returns them.  The lines may be more than LINES_MAX. */
struct lines lines_make(const struct series_life *lives, size_t count, struct arena *a);

/* line->count values, NaN where nothing was read. */
double *lines_values(const struct downsample *line, enum downsample_aggregate aggregate,
	const struct lines_metric *metric, struct arena *a);

struct lines_mark {
	int64_t at_ms, instance;
	int64_t id;              /* of the snapshot or experiment; else 0 */
	int64_t to_ms;           /* of an experiment that has ended */
	int64_t count;           /* of those that are one */
	const char *kind, *text; /* "deploy", "config", "load", "restart", "oom",
				    "snapshot",
				    "experiment" */
};

/* What happened beside the lives: kills as chart_read returns them, what was said of
 * the service as a whole, and snapshots. */
struct lines_events {
	const struct chart_kills *kills;
	size_t kill_count;
	const struct lines_mark *said; /* of the service as a whole: instance 0 */
	size_t said_count;
	bool one; /* marks of one kind within a step become one; deploys of each version
		     stay apart, and what was said stays as it is */
};

/* What happened to the seats and their service within the steps, in order of time; of
 * too many the newest LINES_MARKS_MAX. */
struct lines_mark *lines_marks(const struct series_life *lives, size_t life_count,
	const struct lines_events *events, const struct steps *steps, struct arena *a,
	size_t *count);

#endif
