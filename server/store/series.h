/*
 * Series: readings over time, aggregated by the database into steps.
 *
 * A line of a chart is made of process lives; the caller says which life belongs to
 * which line.  Times are Unix milliseconds, spans are [from, to).  Results live in the
 * caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SERIES_H
#define TIDEMARK_SERVER_STORE_SERIES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct series_life {
	int64_t id, slot_id, service_id, fingerprint_id, host_id;
	int64_t previous_fingerprint_id; /* what ran in the seat before; 0: nothing */
	const char *version, *host;
	int64_t ordinal, pid, started_ms, interval_ms;
	int64_t watched_ms; /* since when the host is */
};

struct series_scope {
	const int64_t *slots; /* these seats ... */
	size_t slot_count;
	int64_t service_id; /* ... or, when there are none, those of this service */
	int64_t from_ms, to_ms;
	int limit;
};

/* By host, ordinal, seat and start. */
bool series_lives(struct db *db, const struct series_scope *scope, struct arena *a,
	struct series_life **rows, size_t *count, struct err *e);

/* What to read.  `metric` is an enum metric_process or metric_host; it must be of the
 * kind that the function reads. */
struct series_window {
	int64_t from_ms, to_ms, step_ms;
	int metric;
};

/* Process generations[i] belongs to line lines[i]. */
struct series_members {
	const int64_t *generations, *lines;
	size_t count;
};

/* The steps of one line in which something was read, in order. */
struct series_points {
	int64_t line;
	size_t count;
	const int64_t *steps;    /* from 0 */
	const int64_t *values;   /* gauge: the maximum; counter: the increase */
	const int64_t *spans_ms; /* counter: the time that it took; else NULL */
	int64_t kills; /* series_gauge: the most OOM kills counted around the line */
};

/* One element per line with points, in no order. */
bool series_gauge(struct db *db, const struct series_window *window,
	const struct series_members *members, struct arena *a,
	struct series_points **lines, size_t *count, struct err *e);
bool series_counter(struct db *db, const struct series_window *window,
	const struct series_members *members, struct arena *a,
	struct series_points **lines, size_t *count, struct err *e);

/* One line; without points when nothing was read. */
bool series_host_gauge(struct db *db, int64_t host_id,
	const struct series_window *window, struct arena *a,
	struct series_points *points, struct err *e);
bool series_host_counter(struct db *db, int64_t host_id,
	const struct series_window *window, struct arena *a,
	struct series_points *points, struct err *e);

struct series_host {
	int64_t id, interval_ms;
	const char *name;
};

/* *host is NULL when there is no such host. */
bool series_host(struct db *db, int64_t id, struct arena *a, struct series_host **host,
	struct err *e);

struct series_gap {
	const char *host, *reason;
	int64_t from_ms, to_ms;
};

/* Those that touch the window on any of the hosts. */
bool series_gaps(struct db *db, const struct series_window *window,
	struct figures_ids hosts, struct arena *a, struct series_gap **rows,
	size_t *count, struct err *e);

/* When the count of kills around a process first had a value, in order of both.  Reads
 * all samples of the window again: only worth it when there were kills. */
struct series_kills {
	int64_t generation_id, kills, at_ms;
};

bool series_kills(struct db *db, const struct series_window *window,
	const struct series_members *members, struct arena *a,
	struct series_kills **rows, size_t *count, struct err *e);

#endif
