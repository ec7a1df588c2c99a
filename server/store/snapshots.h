/*
 * Snapshots: what heaps said, for reading and comparing.
 *
 * Written by summaries.h.  Results live in the caller's arena; any thread, own
 * connection.  Counts, times and sizes that are not known are -1; JSON is as the API
 * gives it (web/src/api/heap.ts).
 */
#ifndef TIDEMARK_SERVER_STORE_SNAPSHOTS_H
#define TIDEMARK_SERVER_STORE_SNAPSHOTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose heap; also of a capture. */
struct snapshots_place {
	struct figures_name service, host, version;
	int64_t instance, ordinal, pid;
	int64_t generation; /* the process life */
};

/* A raw file that the host kept, as far as it has come over. */
struct snapshots_raw {
	const char *state;  /* "kept", "pulling", "complete", "lost", "dropped"; NULL:
			       none */
	const char *sha256; /* hex */
	const char *text;
	int64_t bytes, parts, parts_here;
};

struct snapshots_row {
	int64_t id, capture; /* capture 0: not asked for by us */
	const char *cause;   /* NULL: likewise */
	struct snapshots_place place;
	int64_t taken_ms;
	const char *kind; /* "v8", "v8-shallow", "jvm" */
	const char *route, *runtime;
	int64_t total_bytes, node_count, uptime_ms, requests, pause_ms;
	const char *verdict, *words; /* of the growth; NULL: it was not compared */
	struct snapshots_raw raw;
};

struct snapshots_filter {
	int64_t service_id;         /* 0: any */
	int64_t fingerprint_id;     /* 0: any */
	int64_t after_ms, after_id; /* (taken_ms, id); after_id 0: from the newest */
	int limit;
};

/* Newest first, by (taken_ms, id). */
bool snapshots_page(struct db *db, const struct snapshots_filter *filter,
	struct arena *a, struct snapshots_row **rows, size_t *count, struct err *e);

/* Without its tables.  *row is NULL when there is no such snapshot. */
bool snapshots_row(struct db *db, int64_t id, struct arena *a,
	struct snapshots_row **row, struct err *e);

struct snapshots_class {
	const char *name, *location; /* location "": not known */
	int64_t count, shallow_bytes;
	int64_t retained_bytes; /* -1: not computed */
	int64_t distance;       /* -1: none */
};

struct snapshots_one {
	struct snapshots_row row;
	const char *rules, *why_shallow;
	int64_t analysis_ms, peak_rss_bytes, heap_used_bytes, external_bytes;
	int64_t heap_limit_bytes, stream_bytes, edge_count, class_count;
	int64_t native_bytes, typed_array_bytes, code_bytes, js_array_bytes;
	int64_t string_bytes, system_bytes;
	struct snapshots_class
		*classes; /* largest retained (else shallow) size first */
	size_t class_rows;
	const char *accumulators, *fanout; /* JSON */
	const char *growth;                /* JSON, or NULL */
};

/* *one is NULL when there is no such snapshot. */
bool snapshots_one(struct db *db, int64_t id, struct arena *a,
	struct snapshots_one **one, struct err *e);

/* A class in one of two snapshots or in both. */
struct snapshots_side {
	bool there;
	int64_t count, shallow_bytes, retained_bytes; /* retained -1: not computed */
};

struct snapshots_difference {
	const char *name, *location;
	struct snapshots_side before, after;
	int64_t count_delta, shallow_delta_bytes, retained_delta_bytes;
	bool is_known;     /* the deltas; not when the side without it is cut */
	bool has_retained; /* retained_delta_bytes is known: both sides were computed */
};

struct snapshots_comparison {
	struct snapshots_difference *rows; /* largest difference first */
	size_t count;
	int64_t total_rows;               /* with those that the limit cut off */
	bool before_is_cut, after_is_cut; /* only its largest classes were kept */
	const char *
		growth; /* JSON of `after`, if it was compared with `before`; or NULL */
};

/* By name and location, of any two snapshots.  Both must exist; a class that is on one
 * side only counts as zero on the other; where that is cut, the deltas are what they
 * are at most. */
bool snapshots_compare(struct db *db, int64_t before_id, int64_t after_id, int limit,
	struct arena *a, struct snapshots_comparison *out, struct err *e);

/* Forgets what is older than SNAPSHOTS_KEEP_MS, of each service on each host all but
 * the newest SNAPSHOTS_KEEP_MAX, and of each host all but the newest
 * SNAPSHOTS_KEEP_UNASKED_MAX that nobody here asked for: what one host sends costs no
 * other host a snapshot.  One with a raw file goes only when it is too old, a day after
 * its host was first told to drop the file.  For the watch, about once an hour. */
#define SNAPSHOTS_KEEP_MS (INT64_C(180) * 86400 * 1000)
enum { SNAPSHOTS_KEEP_MAX = 500, SNAPSHOTS_KEEP_UNASKED_MAX = 100 };

bool snapshots_expire(struct db *db, int64_t now_ms, struct err *e);

#endif
