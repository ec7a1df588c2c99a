/*
 * Series: what a chart of readings over time is made of, besides the readings: process
 * lives, hosts, and gaps.  Readings are read by server/history.
 *
 * Times are Unix milliseconds, spans are [from, to).  Results live in the
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
	int64_t last_ms;    /* about its newest reading: up to a minute less */
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

/* Those that touch [from_ms, to_ms) of the window on any of the hosts. */
bool series_gaps(struct db *db, const struct series_scope *window,
	struct figures_ids hosts, struct arena *a, struct series_gap **rows,
	size_t *count, struct err *e);

/* What versions are called, in no order. */
bool series_versions(struct db *db, const int64_t *ids, size_t count, struct arena *a,
	struct figures_name **names, size_t *name_count, struct err *e);

#endif
