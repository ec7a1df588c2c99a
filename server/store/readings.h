/*
 * Readings: what the detector reads of the fleet: who runs, and the newest readings.
 *
 * Only the watch calls this, on its own connection and inside the transaction of its
 * turn.  Results live in the caller's arena.  Times are Unix ms, 0: not known; those of
 * readings and processes are of their host's clock.
 */
#ifndef TIDEMARK_SERVER_STORE_READINGS_H
#define TIDEMARK_SERVER_STORE_READINGS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct readings_host {
	int64_t id;
	int64_t stored_ms; /* the newest reading */
	int64_t first_ms;  /* none is older */
	int64_t seen_ms;   /* last heard, by our clock; 0: its agent is revoked */
};

/* Ordered by id. */
bool readings_hosts(struct db *db, struct arena *a, struct readings_host **rows,
	size_t *count, struct err *e);

struct readings_memory {
	int64_t host_id, total_kb;
};

/* Memory of the hosts that were read from `from_ms` on and before `to_ms`, less than an
 * hour ago. */
bool readings_memory(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct readings_memory **rows, size_t *count, struct err *e);

/* The life of one process. */
struct readings_life {
	int64_t id, slot_id, service_id, host_id, fingerprint_id;
	int64_t started_ms;
	int64_t stored_ms; /* about its newest reading: up to a minute less */
};

struct readings_since {
	int64_t after_ms; /* read after this */
	int64_t known_id; /* those of greater ids may be new; 0: all are */
};

/* Lives that were read after a time, in the order in which they began: of each seat the
 * newest, and all of the seats that have new ones. */
bool readings_lives(struct db *db, const struct readings_since *since, struct arena *a,
	struct readings_life **rows, size_t *count, struct err *e);

/* For queries that return the columns of watch_life.sql. */
struct readings_life readings_life_row(const struct db_rows *rows, int row);

struct readings_version {
	int64_t id, service_id;
	const char *service, *version, *runtime;
	const char *label; /* what it is called */
	int64_t first_ms;  /* its first process began */
	bool has_former;   /* the service ran another one before */
	/* What it consists of: named at all, and told.  Else the texts are "". */
	bool has_hash, has_content;
	const char *app_version, *runtime_version, *image, *git_head, *build_id;
};

/* By service and id. */
bool readings_versions(struct db *db, const int64_t *ids, size_t count, struct arena *a,
	struct readings_version **rows, size_t *row_count, struct err *e);

/* A package that some of the versions of its service have and others have not. */
struct readings_part {
	int64_t fingerprint_id;
	const char *name, *version;
};

enum { READINGS_PARTS_MAX = 2000 }; /* packages of a service */

/* By service, fingerprint and name.  Of too many packages those are kept that tell most
 * versions apart: of such as are always together, the first by name. */
bool readings_parts(struct db *db, const int64_t *ids, size_t count, struct arena *a,
	struct readings_part **rows, size_t *row_count, struct err *e);

/* One reading of one process; -1: not known. */
struct readings_row {
	int64_t life_id, at_ms;
	int64_t rss_kb, rss_anon_kb, swap_kb, cgroup_limit_kb;
	int64_t heap_used_kb, heap_total_kb, heap_floor_kb; /* managed heap */
	int64_t heap_limit_kb;
	int64_t gc_full_count, requests; /* since it started */
};

/* Of all processes, in order of time: hot rows from one time on and before another. */
bool readings_take(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct readings_row **rows, size_t *count, struct err *e);

/* What is older than this comes among the late ones; 0: nothing does yet. */
bool readings_closed(struct db *db, int64_t *closed_ms, struct err *e);

struct readings_late {
	int64_t from_ms, to_ms; /* from one on and before the other */
	const int64_t *life_ids;
	size_t life_count;
};

/* Those that came late, likewise. */
bool readings_take_late(struct db *db, const struct readings_late *wanted,
	struct arena *a, struct readings_row **rows, size_t *count, struct err *e);

#endif
