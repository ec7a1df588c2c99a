#include "server/api/exposition.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/api/shared.h"
#include "server/api/trouble.h"
#include "server/store/minutes.h"

#include <inttypes.h>
#include <math.h>

enum { STORAGE_STEPS = 60, STORAGE_HOURS_MAX = 168, STORAGE_SIZES_MS = 30000 };

struct storage_figures {
	struct sizes sizes;
	int64_t sizes_at_ms;
	struct sizes_stream stream;
	struct sizes_backlog backlog;
	struct minutes_now now;
	bool disk_known; /* the database is ours */
	struct room disk;
};

/* To the third place. */
static double storage_route_round(double value)
{
	return round(value * 1e3) / 1e3;
}

/* Two calls may measure at once; that does no harm. */
static bool storage_route_sizes(
	struct call *c, struct storage_figures *out, struct err *e)
{
	struct api_shared *shared = c->shared;
	pthread_mutex_lock(&shared->sizes_lock);
	out->sizes = shared->sizes;
	out->sizes_at_ms = shared->sizes_at_ms;
	pthread_mutex_unlock(&shared->sizes_lock);
	if (out->sizes_at_ms && c->now_ms - out->sizes_at_ms < STORAGE_SIZES_MS)
		return true;
	if (!sizes_read(c->db, c->arena, &out->sizes, e))
		return false;
	out->sizes_at_ms = c->now_ms;
	pthread_mutex_lock(&shared->sizes_lock);
	shared->sizes = out->sizes;
	shared->sizes_at_ms = c->now_ms;
	pthread_mutex_unlock(&shared->sizes_lock);
	return true;
}

static bool storage_route_read(
	struct call *c, struct storage_figures *out, struct err *e)
{
	out->disk_known = trouble_room(c->shared, &out->disk);
	return call_db(c, e) && storage_route_sizes(c, out, e) &&
	       sizes_read_stream(c->db, c->arena, &out->stream, e) &&
	       sizes_read_backlog(c->db, c->now_ms, c->arena, &out->backlog, e) &&
	       minutes_read_now(c->db, c->now_ms, c->arena, &out->now, e);
}

static void storage_route_put_ingest(struct json *j, const struct minutes_now *now)
{
	json_key(j, "ingest");
	json_object(j);
	json_put_double(j, "readings_per_s", storage_route_round(now->readings_per_s));
	json_put_double(j, "commits_per_s", storage_route_round(now->commits_per_s));
	json_put_double(j, "commit_mean_ms", storage_route_round(now->commit_mean_ms));
	json_put_double(
		j, "commit_longest_ms", storage_route_round(now->commit_longest_ms));
	json_put_double(j, "commit_last_ms", storage_route_round(now->commit_last_ms));
	json_key(j, "collectors");
	json_array(j);
	for (size_t i = 0; i < now->collector_count; i++) {
		json_object(j);
		json_put_string(j, "name", now->collectors[i].name);
		json_put_double(j, "readings_per_s",
			storage_route_round(now->collectors[i].readings_per_s));
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

static void storage_route_put_backlog(struct json *j, const struct sizes_backlog *b)
{
	json_key(j, "agents");
	json_object(j);
	json_put_int(j, "total", b->agents);
	json_put_int(j, "reporting", b->reporting);
	json_put_int(j, "behind", b->behind);
	json_put_int(j, "backlog_bytes", b->bytes);
	json_put_int(j, "backlog_batches", b->batches);
	json_key(j, "slowest");
	if (b->slowest_agent) {
		json_object(j);
		shape_put_name(j, "host", "name", &b->slowest_host);
		json_put_int(j, "lag_ms", b->lag_ms);
		json_end(j);
	} else {
		json_null(j);
	}
	json_end(j);
}

static void storage_route_put_stream(
	struct call *c, const struct storage_figures *figures)
{
	struct json *j = &c->json;
	json_key(j, "stream");
	json_object(j);
	shape_put_time(j, "newest_ms", figures->backlog.newest_ms);
	shape_put_time(j, "closed_ms", figures->stream.closed_ms);
	shape_put_time(j, "compacted_ms", figures->stream.compacted_ms);
	shape_put_time(j, "sealed_ms", figures->stream.sealed_ms);
	json_put_int(j, "compaction_lag_ms",
		sizes_compaction_lag_ms(&figures->stream, &figures->backlog));
	json_put_int(j, "raw_retention_ms", c->shared->options.raw_retention_ms);
	json_end(j);
}

static void storage_route_put_sizes(
	struct json *j, const struct storage_figures *figures)
{
	const struct sizes *s = &figures->sizes;
	json_put_int(j, "measured_ms", figures->sizes_at_ms);
	json_put_int(j, "database_bytes", s->database_bytes);
	json_key(j, "databases");
	json_array(j);
	for (size_t i = 0; i < s->database_count; i++) {
		json_object(j);
		json_put_string(j, "name", s->databases[i].name);
		json_put_bool(j, "up", s->databases[i].up);
		json_put_int(j, "bytes", s->databases[i].bytes);
		json_end(j);
	}
	json_end(j);
	json_key(j, "stages");
	json_array(j);
	for (int i = 0; i < SIZES_STAGES; i++) {
		json_object(j);
		json_put_string(j, "name", sizes_stage_name[i]);
		json_put_int(j, "bytes", s->stage[i].bytes);
		if (i == SIZES_OTHER)
			json_put_null(j, "rows");
		else
			json_put_int(j, "rows", s->stage[i].rows);
		json_end(j);
	}
	json_end(j);
	json_key(j, "chunks");
	json_object(j);
	json_put_int(j, "days", s->chunk_days);
	json_key(j, "bytes_per_value");
	if (s->bytes_per_value > 0)
		json_double(j, storage_route_round(s->bytes_per_value));
	else
		json_null(j);
	json_end(j);
}

static void storage_route_put_disk(
	struct json *j, const struct storage_figures *figures)
{
	const struct room *disk = &figures->disk;
	json_key(j, "disk");
	if (!figures->disk_known) {
		json_null(j);
		return;
	}
	json_object(j);
	json_put_int(j, "free_bytes", disk->free_bytes);
	json_put_int(j, "total_bytes", disk->total_bytes);
	json_put_string(j, "state", disk->full ? "full" : disk->low ? "low" : "ok");
	json_end(j);
}

static void storage_route_put_line(
	struct json *j, const char *name, const double *values)
{
	json_key(j, name);
	json_array(j);
	for (size_t i = 0; i < STORAGE_STEPS; i++)
		json_double(j, storage_route_round(values[i]));
	json_end(j);
}

static bool storage_route_put_history(struct call *c, int64_t hours, struct err *e)
{
	int64_t step_ms = hours * 3600000 / STORAGE_STEPS;
	/* Up to the minute that is whole. */
	int64_t to_ms = c->now_ms - c->now_ms % 60000;
	int64_t from_ms = to_ms - step_ms * STORAGE_STEPS;
	struct minutes_history history;
	struct json *j = &c->json;
	if (!minutes_read_history(
		    c->db, from_ms, step_ms, STORAGE_STEPS, c->arena, &history, e))
		return false;
	json_key(j, "history");
	json_object(j);
	json_put_int(j, "from_ms", from_ms);
	json_put_int(j, "step_ms", step_ms);
	storage_route_put_line(j, "readings_per_s", history.readings_per_s);
	storage_route_put_line(j, "commit_mean_ms", history.commit_mean_ms);
	storage_route_put_line(j, "commit_longest_ms", history.commit_longest_ms);
	storage_route_put_line(j, "backlog_bytes", history.backlog_bytes);
	storage_route_put_line(j, "lag_ms", history.lag_ms);
	json_end(j);
	return true;
}

bool storage_route_get(struct call *c, struct err *e)
{
	static const struct query_range range = {1, STORAGE_HOURS_MAX, 1};
	struct storage_figures figures;
	struct json *j = &c->json;
	int64_t hours;
	if (!query_int(&c->query, "hours", &range, &hours, e) ||
		!query_finish(&c->query, e) || !storage_route_read(c, &figures, e))
		return false;
	json_object(j);
	json_put_string(j, "trouble", trouble_words(c->shared, c->arena));
	storage_route_put_ingest(j, &figures.now);
	storage_route_put_backlog(j, &figures.backlog);
	storage_route_put_stream(c, &figures);
	storage_route_put_sizes(j, &figures);
	storage_route_put_disk(j, &figures);
	if (!storage_route_put_history(c, hours, e))
		return false;
	json_end(j);
	return true;
}

static void storage_route_figure(
	struct buf *out, const char *name, const char *help, double value)
{
	exposition_family(out, name, "gauge", help);
	buf_printf(out, "%s %.15g\n", name, value);
}

static void storage_route_stages(struct buf *out, const struct sizes *s)
{
	exposition_family(out, "tidemark_storage_bytes", "gauge",
		"Room that readings take, by the stage that they are in");
	for (int i = 0; i < SIZES_STAGES; i++)
		buf_printf(out, "tidemark_storage_bytes{stage=\"%s\"} %" PRId64 "\n",
			sizes_stage_name[i], s->stage[i].bytes);
	exposition_family(out, "tidemark_storage_rows", "gauge",
		"Rows by stage, as PostgreSQL estimates them");
	for (int i = 0; i < SIZES_OTHER; i++)
		buf_printf(out, "tidemark_storage_rows{stage=\"%s\"} %" PRId64 "\n",
			sizes_stage_name[i], s->stage[i].rows);
	storage_route_figure(out, "tidemark_storage_chunks_span_seconds",
		"Time that is kept in chunks", 86400 * (double)s->chunk_days);
	if (s->bytes_per_value > 0)
		storage_route_figure(out, "tidemark_storage_chunk_bytes_per_value",
			"Bytes that a reading of one metric takes in a chunk",
			s->bytes_per_value);
}

static void storage_route_agents(struct buf *out, const struct sizes_backlog *b)
{
	exposition_family(
		out, "tidemark_agents", "gauge", "Agents by whether they report");
	buf_printf(out, "tidemark_agents{state=\"reporting\"} %" PRId64 "\n",
		b->reporting);
	buf_printf(out, "tidemark_agents{state=\"silent\"} %" PRId64 "\n",
		b->agents - b->reporting);
	storage_route_figure(out, "tidemark_agents_behind",
		"Agents that report what is more than a minute old", (double)b->behind);
	storage_route_figure(out, "tidemark_agents_lag_seconds",
		"How far the slowest agent that reports is behind",
		(double)b->lag_ms / 1000);
	storage_route_figure(out, "tidemark_agents_backlog_bytes",
		"What agents have not sent yet", (double)b->bytes);
	storage_route_figure(out, "tidemark_agents_backlog_batches",
		"The same, in batches", (double)b->batches);
}

static void storage_route_databases(
	struct buf *out, bool main_up, const struct sizes *sizes)
{
	exposition_family(out, "tidemark_database_up", "gauge",
		"Whether a database answers; main has all but some hosts' readings");
	buf_printf(out, "tidemark_database_up{database=\"main\"} %d\n", main_up);
	for (size_t i = 1; main_up && i < sizes->database_count; i++)
		buf_printf(out, "tidemark_database_up{database=\"%s\"} %d\n",
			sizes->databases[i].name, sizes->databases[i].up);
}

void storage_route_metrics(struct call *c, struct buf *out)
{
	struct storage_figures f;
	struct err e;
	bool read = storage_route_read(c, &f, &e);
	storage_route_databases(out, read, &f.sizes);
	if (f.disk_known) {
		storage_route_figure(out, "tidemark_storage_disk_free_bytes",
			"Room on the disk of the embedded database",
			(double)f.disk.free_bytes);
		storage_route_figure(out, "tidemark_storage_disk_bytes",
			"Size of that disk", (double)f.disk.total_bytes);
	}
	if (!read)
		return;
	storage_route_stages(out, &f.sizes);
	storage_route_figure(out, "tidemark_storage_database_bytes",
		"Size of the database", (double)f.sizes.database_bytes);
	storage_route_figure(out, "tidemark_storage_compaction_lag_seconds",
		"How much later than usual readings become segments",
		(double)sizes_compaction_lag_ms(&f.stream, &f.backlog) / 1000);
	storage_route_agents(out, &f.backlog);
	storage_route_figure(out, "tidemark_storage_readings_per_second",
		"Readings stored in the last minute, by all servers",
		f.now.readings_per_s);
	storage_route_figure(out, "tidemark_storage_commit_mean_seconds",
		"Time of a transaction in the last minute, of all servers",
		f.now.commit_mean_ms / 1000);
	storage_route_figure(out, "tidemark_storage_commit_last_seconds",
		"Time of the last transaction", f.now.commit_last_ms / 1000);
}
