#include "server/store/sizes.h"

#include <stdio.h>
#include <string.h>

#define SIZES_DAY_MS INT64_C(86400000)
enum {
	SIZES_SAMPLE = 2000, /* chunks that are looked into */
	/* Five minutes are compacted half a minute after their end: no lag so far. */
	SIZES_USUAL_MS = 330 * 1000,
};

const char *const sizes_stage_name[SIZES_STAGES] = {
	"hot", "late", "segments", "chunks", "rollups", "other"};

static void sizes_take_stages(const struct db_rows *rows, struct sizes *out,
	struct sizes_database *database, int64_t *chunk_rows, int64_t *chunk_days)
{
	int64_t known = 0;
	for (int i = 0; i < rows->count; i++) {
		int stage = 0;
		while (strcmp(sizes_stage_name[stage], db_text(rows, i, "stage")) != 0)
			stage++;
		BUG_ON(stage >= SIZES_OTHER);
		out->stage[stage].bytes += db_int(rows, i, "bytes");
		out->stage[stage].rows += db_int(rows, i, "rows");
		database->bytes = db_int(rows, i, "database_bytes");
		known += db_int(rows, i, "bytes");
		if (stage != SIZES_CHUNKS)
			continue;
		*chunk_rows = db_int(rows, i, "rows");
		*chunk_days = db_int(rows, i, "partitions");
	}
	if (database->bytes > known)
		out->stage[SIZES_OTHER].bytes += database->bytes - known;
	out->database_bytes += database->bytes;
	if (*chunk_days > out->chunk_days)
		out->chunk_days = *chunk_days;
}

/* How many readings all chunks of one database hold, as its newest day has it. */
static bool sizes_count_values(struct db *db, struct arena *a, double rows,
	int64_t days, double *values, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows stream = {0}, counted = {0};
	if (rows < 1)
		return true;
	if (!db_query(db, SQL_SIZES_STORAGE, &args, &stream, e))
		return false;
	double day = rows / (double)(days ? days : 1);
	db_args_init(&args, a);
	db_arg_double(&args, day <= SIZES_SAMPLE ? 100 : 100 * SIZES_SAMPLE / day);
	db_arg_time(&args, db_time(&stream, 0, "sealed_to") - SIZES_DAY_MS);
	if (!db_query(db, SQL_SIZES_CHUNKS, &args, &counted, e))
		return false;
	double chunks = db_double(&counted, 0, "chunks");
	if (chunks > 0)
		*values += rows * db_double(&counted, 0, "readings") / chunks;
	return true;
}

static bool sizes_read_one(struct db *db, struct arena *a, struct sizes *out,
	struct sizes_database *database, double *values, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	int64_t chunk_rows = 0, chunk_days = 0;
	if (!db_query(db, SQL_SIZES_STAGES, &args, &rows, e))
		return false;
	sizes_take_stages(&rows, out, database, &chunk_rows, &chunk_days);
	database->up = true;
	return sizes_count_values(db, a, (double)chunk_rows, chunk_days, values, e);
}

bool sizes_read(struct db *db, struct arena *a, struct sizes *out, struct err *e)
{
	struct sizes sizes = {0};
	struct shards *shards;
	double values = 0;
	if (!shards_get(db, &shards, e))
		return false;
	for (size_t i = 0; i < shards_count(shards); i++) {
		struct sizes_database *d = &sizes.databases[sizes.database_count++];
		struct db *one = shards_db(shards, i);
		struct err why;
		snprintf(d->name, sizeof d->name, "%s", shards_name(shards, i));
		if (one && sizes_read_one(one, a, &sizes, d, &values, &why))
			continue;
		if (i == 0) {
			*e = why;
			return false;
		}
		d->up = false;
		if (one)
			shards_failed(shards, i);
	}
	if (values > 0)
		sizes.bytes_per_value = (double)sizes.stage[SIZES_CHUNKS].bytes /
					values;
	*out = sizes;
	return true;
}

/* The earlier of two times, where there are two. */
static int64_t sizes_earlier(int64_t a_ms, int64_t b_ms)
{
	return !a_ms || (b_ms && b_ms < a_ms) ? b_ms : a_ms;
}

bool sizes_read_stream(
	struct db *db, struct arena *a, struct sizes_stream *out, struct err *e)
{
	struct db_args args;
	struct shards_walk walk;
	struct sizes_stream s = {0};
	db_args_init(&args, a);
	bool more = shards_begin(db, &walk, e);
	if (!more)
		return false;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, SQL_SIZES_STORAGE, &args, &rows, &more, e))
			return false;
		if (rows.count == 0)
			continue;
		s.closed_ms = sizes_earlier(
			s.closed_ms, db_time(&rows, 0, "closed_to"));
		s.compacted_ms = sizes_earlier(
			s.compacted_ms, db_time(&rows, 0, "compacted_to"));
		s.sealed_ms = sizes_earlier(
			s.sealed_ms, db_time(&rows, 0, "sealed_to"));
	}
	*out = s;
	return true;
}

bool sizes_read_backlog(struct db *db, int64_t now_ms, struct arena *a,
	struct sizes_backlog *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AGENT_BACKLOG, &args, &rows, e))
		return false;
	*out = (struct sizes_backlog){
		.agents = db_int(&rows, 0, "total"),
		.reporting = db_int(&rows, 0, "reporting"),
		.behind = db_int(&rows, 0, "behind"),
		.bytes = db_int(&rows, 0, "backlog_bytes"),
		.batches = db_int(&rows, 0, "backlog_batches"),
		.newest_ms = db_time(&rows, 0, "newest_at"),
		.slowest_agent = db_int(&rows, 0, "agent_id"),
		.slowest_host = figures_name(&rows, 0, "host_id", "host", a),
		.lag_ms = db_int(&rows, 0, "lag_ms"),
	};
	return true;
}

int64_t sizes_compaction_lag_ms(
	const struct sizes_stream *stream, const struct sizes_backlog *backlog)
{
	int64_t usual_ms = stream->compacted_ms + SIZES_USUAL_MS;
	bool late = stream->compacted_ms && backlog->newest_ms > usual_ms;
	return late ? backlog->newest_ms - usual_ms : 0;
}
