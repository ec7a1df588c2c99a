/*
 * Metric: the list of metric.def as numbers and a table.  Pure data.
 */
#ifndef TIDEMARK_SCHEMA_METRIC_H
#define TIDEMARK_SCHEMA_METRIC_H

#include <stddef.h>
#include <stdint.h>

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER };

enum { METRIC_MAX = 64 }; /* per scope: presence is one 64-bit word */

/* PROCESS_rss_kb, ... */
enum metric_process {
#define METRIC_IN_PROCESS(name) PROCESS_##name,
#define METRIC_IN_HOST(name)
#define METRIC_IN_QUEUE(name)
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
	METRIC_PROCESS_COUNT
};

/* HOST_mem_total_kb, ... */
enum metric_host {
#define METRIC_IN_PROCESS(name)
#define METRIC_IN_HOST(name) HOST_##name,
#define METRIC_IN_QUEUE(name)
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
	METRIC_HOST_COUNT
};

/* QUEUE_depth, ... */
enum metric_queue {
#define METRIC_IN_PROCESS(name)
#define METRIC_IN_HOST(name)
#define METRIC_IN_QUEUE(name)                         QUEUE_##name,
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
	METRIC_QUEUE_COUNT
};

/* Room for the values of any scope. */
enum {
	METRIC_VALUES = (int)METRIC_PROCESS_COUNT > (int)METRIC_HOST_COUNT
				? (int)METRIC_PROCESS_COUNT
				: (int)METRIC_HOST_COUNT
};
_Static_assert((int)METRIC_QUEUE_COUNT <= (int)METRIC_VALUES, "fits");
_Static_assert((int)METRIC_VALUES <= (int)METRIC_MAX, "presence is one 64-bit word");

struct metric {
	const char *name;   /* column and API name */
	const char *column; /* "int4" or "int8" */
	enum metric_kind kind;
	const char *unit, *help;
};

/* Indexed by enum metric_process, metric_host and metric_queue. */
extern const struct metric metric_process[METRIC_PROCESS_COUNT];
extern const struct metric metric_host[METRIC_HOST_COUNT];
extern const struct metric metric_queue[METRIC_QUEUE_COUNT];

/* The largest value that the metric's column holds. */
int64_t metric_maximum(const struct metric *m);

#endif
