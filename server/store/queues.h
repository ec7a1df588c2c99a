/*
 * Queues: what waits, how it flows, and how the sources do that say so.
 *
 * Rates are per minute, over the last 10 minutes; counts are -1 when not known.
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_QUEUES_H
#define TIDEMARK_SERVER_STORE_QUEUES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queues_row {
	int64_t id;
	struct figures_name host;
	const char *source, *kind, *name;
	const char *producers, *workers; /* JSON: services by their globs */
	int64_t interval_ms;             /* of the host's readings */
	int64_t at_ms;                   /* newest reading */
	int64_t depth, waiting, active, delayed, failed, oldest_ms, overdue, attached;
	int64_t entered, completed, failures;
	double in_min, out_min, net_min; /* NaN when not known */
};

struct queues_filter {
	int64_t queue_id, service_id; /* 0: any */
	const char *name_part;        /* NULL: any */
	const char *after_name;       /* NULL: at the start */
	int64_t after_id;
	int limit;
};

/* By name. */
bool queues_page(struct db *db, const struct queues_filter *filter, int64_t now_ms,
	struct arena *a, struct queues_row **rows, size_t *count, struct err *e);

/* Seconds until it is empty at its rates: 0 when it is, -1 for never or not known. */
int64_t queues_drain_s(const struct queues_row *row);

/* What was seen of a queue in a step of a chart.  The increases are -1 when not known,
 * else they were seen over the time beside them. */
struct queues_step {
	int64_t step, depth, oldest_ms;
	int64_t came, came_ms, went, went_ms;
};

struct queues_window {
	int64_t queue_id, from_ms, to_ms, step_ms;
};

bool queues_series(struct db *db, const struct queues_window *window, struct arena *a,
	struct queues_step **rows, size_t *count, struct err *e);

struct queues_source {
	int64_t id;
	struct figures_name host;
	const char *name, *kind, *text;
	bool works;
	int64_t took_us, at_ms, changed_ms;
};

struct queues_sources_filter {
	int works;                           /* 1, 0, -1: any */
	const char *after_host, *after_name; /* NULL: at the start */
	int64_t after_id;
	int limit;
};

/* By host and name. */
bool queues_sources(struct db *db, const struct queues_sources_filter *filter,
	struct arena *a, struct queues_source **rows, size_t *count, struct err *e);

#endif
