/*
 * Sizes: where readings are on their way from hot rows to chunks and rollups, and how
 * much room that takes.
 *
 * Functions work on the caller's connection; texts live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_STORE_SIZES_H
#define TIDEMARK_SERVER_STORE_SIZES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"
#include "server/store/shards.h"

#include <stdbool.h>
#include <stdint.h>

/* As readings move on; OTHER is all else in the database. */
enum sizes_stage {
	SIZES_HOT,
	SIZES_LATE,
	SIZES_SEGMENTS,
	SIZES_CHUNKS,
	SIZES_ROLLUPS,
	SIZES_OTHER,
	SIZES_STAGES
};
extern const char *const sizes_stage_name[SIZES_STAGES];

enum { SIZES_NAME_MAX = 64 };

/* Of all databases that answer.  Plain data. */
struct sizes {
	struct {
		int64_t bytes, rows; /* rows: an estimate; of OTHER 0 */
	} stage[SIZES_STAGES];
	struct sizes_database {
		char name[SIZES_NAME_MAX];
		int64_t bytes; /* 0 when it does not answer */
		bool up;
	} databases[SHARDS_MAX + 1]; /* the main one first */
	size_t database_count;
	int64_t database_bytes; /* of all */
	int64_t chunk_days;     /* days that are sealed and kept */
	double bytes_per_value; /* of chunks, with their index; 0: there are none */
};

/* `db` is the main database. */
bool sizes_read(struct db *db, struct arena *a, struct sizes *out, struct err *e);

/* How far readings have moved on, storage.h's bounds, where they are the furthest
 * behind; 0 when nothing came so far. */
struct sizes_stream {
	int64_t closed_ms, compacted_ms, sealed_ms;
};

bool sizes_read_stream(
	struct db *db, struct arena *a, struct sizes_stream *out, struct err *e);

/* What agents have not sent yet. */
struct sizes_backlog {
	int64_t agents, reporting;
	int64_t behind; /* report what is more than a minute old */
	int64_t bytes, batches;
	int64_t newest_ms;     /* reading of any that is stored; 0: none */
	int64_t slowest_agent; /* of those that report; 0: none reports */
	struct figures_name slowest_host;
	int64_t lag_ms; /* of that agent */
};

bool sizes_read_backlog(struct db *db, int64_t now_ms, struct arena *a,
	struct sizes_backlog *out, struct err *e);

/* How much later than usual readings become segments. */
int64_t sizes_compaction_lag_ms(
	const struct sizes_stream *stream, const struct sizes_backlog *backlog);

#endif
