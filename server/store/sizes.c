#include "server/store/sizes.h"

#include <string.h>

#define SIZES_DAY_MS INT64_C(86400000)
enum {
	SIZES_SAMPLE = 2000, /* chunks that are looked into */
	/* Five minutes are compacted half a minute after their end: no lag so far. */
	SIZES_USUAL_MS = 330 * 1000,
};

const char *const sizes_stage_name[SIZES_STAGES] = {
	"hot", "late", "segments", "chunks", "rollups", "other"};

static bool sizes_read_stages(
	struct db *db, struct arena *a, struct sizes *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SIZES_STAGES, &args, &rows, e))
		return false;
	int64_t known = 0;
	for (int i = 0; i < rows.count; i++) {
		int stage = 0;
		while (strcmp(sizes_stage_name[stage], db_text(&rows, i, "stage")) != 0)
			stage++;
		BUG_ON(stage >= SIZES_OTHER);
		out->stage[stage].bytes = db_int(&rows, i, "bytes");
		out->stage[stage].rows = db_int(&rows, i, "rows");
		out->database_bytes = db_int(&rows, i, "database_bytes");
		if (stage == SIZES_CHUNKS)
			out->chunk_days = db_int(&rows, i, "partitions");
		known += out->stage[stage].bytes;
	}
	if (out->database_bytes > known)
		out->stage[SIZES_OTHER].bytes = out->database_bytes - known;
	return true;
}

/* From the newest day, which is like the others. */
static bool sizes_read_chunks(
	struct db *db, struct arena *a, struct sizes *out, struct err *e)
{
	double rows = (double)out->stage[SIZES_CHUNKS].rows;
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows stream = {0}, counted = {0};
	if (rows < 1)
		return true;
	if (!db_query(db, SQL_SIZES_STORAGE, &args, &stream, e))
		return false;
	double day = rows / (double)(out->chunk_days ? out->chunk_days : 1);
	db_args_init(&args, a);
	db_arg_double(&args, day <= SIZES_SAMPLE ? 100 : 100 * SIZES_SAMPLE / day);
	db_arg_time(&args, db_time(&stream, 0, "sealed_to") - SIZES_DAY_MS);
	if (!db_query(db, SQL_SIZES_CHUNKS, &args, &counted, e))
		return false;
	double chunks = db_double(&counted, 0, "chunks");
	double readings = db_double(&counted, 0, "readings");
	if (readings > 0)
		out->bytes_per_value = (double)out->stage[SIZES_CHUNKS].bytes / rows *
				       chunks / readings;
	return true;
}

bool sizes_read(struct db *db, struct arena *a, struct sizes *out, struct err *e)
{
	struct sizes sizes = {0};
	if (!sizes_read_stages(db, a, &sizes, e) ||
		!sizes_read_chunks(db, a, &sizes, e))
		return false;
	*out = sizes;
	return true;
}

bool sizes_read_stream(
	struct db *db, struct arena *a, struct sizes_stream *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SIZES_STORAGE, &args, &rows, e))
		return false;
	*out = (struct sizes_stream){
		.closed_ms = db_time(&rows, 0, "closed_to"),
		.compacted_ms = db_time(&rows, 0, "compacted_to"),
		.sealed_ms = db_time(&rows, 0, "sealed_to"),
	};
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
