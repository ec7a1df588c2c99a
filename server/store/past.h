/*
 * Past: readings where they are stored, hot, late, in segments and in chunks, for
 * history_read, which knows the order in which to ask and what the bytes mean.
 *
 * Subjects are processes (generations) or hosts, of one scope.  Times are Unix ms;
 * spans are [from, to).  Results live in the caller's arena, and bytes of columns in
 * `rows`, which the caller finishes.  Any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_PAST_H
#define TIDEMARK_SERVER_STORE_PAST_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is older than these has gone on; INT64_MIN: nothing has. */
struct past_bounds {
	int64_t compacted_ms, sealed_ms;
};
bool past_bounds(struct db *db, struct past_bounds *bounds, struct err *e);

/* Blocks of hosts, where segments are looked for. */
struct past_block {
	int64_t service_id, block;
};

struct past_ask {
	bool is_host;
	const int64_t *subjects;
	size_t subject_count;
	const int *metrics; /* numbers of metric.def */
	size_t metric_count;
	int64_t from_ms, to_ms;
	int64_t hot_ms;                  /* hot readings from here on */
	const struct past_block *blocks; /* for segments: where the subjects are */
	size_t block_count;
};

/* Readings that are not in segments, in no order. */
struct past_rows {
	size_t count;
	int64_t *subject, *at_ms;
	bool *late;
	int64_t **values; /* of each metric */
	bool **has;
};
bool past_rows(struct db *db, const struct past_ask *ask, struct arena *a,
	struct past_rows *out, struct err *e);

/* A stored segment or chunk. */
struct past_blob {
	int64_t at_ms;
	int64_t service_id, block; /* of a segment */
	int64_t subject;           /* of a chunk: always > 0 */
	int metric;                /* -1: the times */
	const void *bytes;
	size_t length;
};

/* In no order.  `metrics` of the ask, and the times. */
bool past_segments(struct db *db, const struct past_ask *ask, struct arena *a,
	struct db_rows *rows, struct past_blob **out, size_t *count, struct err *e);
bool past_chunks(struct db *db, const struct past_ask *ask, struct arena *a,
	struct db_rows *rows, struct past_blob **out, size_t *count, struct err *e);

/* Hours of days, as they are kept of seats (slot_rollup). */
enum past_state { PAST_SUM, PAST_LOW, PAST_HIGH, PAST_LAST };

struct past_hours_ask {
	const int64_t *slots;
	size_t slot_count;
	int metric;
	enum past_state state;  /* beside n */
	int64_t from_ms, to_ms; /* of the days */
};

enum { PAST_HOURS = 24 };
struct past_hours {
	int64_t at_ms, slot_id; /* of the day */
	int64_t n[PAST_HOURS], state[PAST_HOURS];
};

/* In no order. */
bool past_hours(struct db *db, const struct past_hours_ask *ask, struct arena *a,
	struct past_hours **out, size_t *count, struct err *e);

/* One step of one version (version_rollup). */
struct past_band {
	int64_t at_ms, fingerprint_id, n, low, high;
	const void *sketch; /* in `rows`, see sketch.h */
	size_t length;
};

struct past_bands_ask {
	int step_s; /* 300 or 3600 */
	int64_t service_id;
	int metric;
	int64_t from_ms, to_ms;
	int limit;
};

/* In no order. */
bool past_bands(struct db *db, const struct past_bands_ask *ask, struct arena *a,
	struct db_rows *rows, struct past_band **out, size_t *count, struct err *e);

#endif
