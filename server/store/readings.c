#include "server/store/readings.h"

#include "server/store/figures.h"

bool readings_hosts(struct db *db, struct arena *a, struct readings_host **hosts,
	size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_HOST, NULL, &rows, e))
		return err_wrap(e, "reading hosts");
	*count = (size_t)rows.count;
	*hosts = arena_array(a, *count, sizeof **hosts);
	for (int i = 0; i < rows.count; i++)
		(*hosts)[i] = (struct readings_host){
			.id = db_int(&rows, i, "host_id"),
			.stored_ms = db_time(&rows, i, "stored_at"),
			.first_ms = db_time(&rows, i, "first_at"),
			.seen_ms = db_time(&rows, i, "seen_at"),
		};
	return true;
}

bool readings_memory(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct readings_memory **memory, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_MEMORY, &args, &rows, e))
		return err_wrap(e, "reading the memory of hosts");
	*count = (size_t)rows.count;
	*memory = arena_array(a, *count, sizeof **memory);
	for (int i = 0; i < rows.count; i++)
		(*memory)[i] = (struct readings_memory){
			db_int(&rows, i, "host_id"), db_int(&rows, i, "mem_total_kb")};
	return true;
}

struct readings_life readings_life_row(const struct db_rows *rows, int row)
{
	return (struct readings_life){
		.id = db_int(rows, row, "id"),
		.slot_id = db_int(rows, row, "slot_id"),
		.service_id = db_int(rows, row, "service_id"),
		.host_id = db_int(rows, row, "host_id"),
		.fingerprint_id = db_int(rows, row, "fingerprint_id"),
		.started_ms = db_time(rows, row, "started_at"),
		.stored_ms = db_time(rows, row, "last_sample_at"),
	};
}

bool readings_lives(struct db *db, const struct readings_since *since, struct arena *a,
	struct readings_life **lives, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, since->after_ms);
	db_arg_int(&args, since->known_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_LIFE, &args, &rows, e))
		return err_wrap(e, "reading process lives");
	*count = (size_t)rows.count;
	*lives = arena_array(a, *count, sizeof **lives);
	for (int i = 0; i < rows.count; i++)
		(*lives)[i] = readings_life_row(&rows, i);
	return true;
}

bool readings_versions(struct db *db, const int64_t *ids, size_t count, struct arena *a,
	struct readings_version **versions, size_t *row_count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_VERSION, &args, &rows, e))
		return err_wrap(e, "reading versions");
	*row_count = (size_t)rows.count;
	*versions = arena_array(a, *row_count, sizeof **versions);
	for (int i = 0; i < rows.count; i++)
		(*versions)[i] = (struct readings_version){
			.id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.service = db_text_copy(&rows, i, "service", a),
			.version = db_text_copy(&rows, i, "version", a),
			.runtime = db_text_copy(&rows, i, "runtime", a),
			.label = db_text_copy(&rows, i, "label", a),
			.has_hash = db_bool(&rows, i, "has_hash"),
			.has_content = db_bool(&rows, i, "has_content"),
			.app_version = db_text_copy(&rows, i, "app_version", a),
			.runtime_version = db_text_copy(&rows, i, "runtime_version", a),
			.image = db_text_copy(&rows, i, "image", a),
			.git_head = db_text_copy(&rows, i, "git_head", a),
			.build_id = db_text_copy(&rows, i, "build_id", a),
			.first_ms = db_time(&rows, i, "first_at"),
			.has_former = db_bool(&rows, i, "has_former"),
		};
	return true;
}

bool readings_parts(struct db *db, const int64_t *ids, size_t count, struct arena *a,
	struct readings_part **parts, size_t *row_count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	db_arg_int(&args, READINGS_PARTS_MAX);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_PART, &args, &rows, e))
		return err_wrap(e, "reading packages of versions");
	*row_count = (size_t)rows.count;
	*parts = arena_array(a, *row_count, sizeof **parts);
	for (int i = 0; i < rows.count; i++)
		(*parts)[i] = (struct readings_part){
			.fingerprint_id = db_int(&rows, i, "id"),
			.name = db_text_copy(&rows, i, "name", a),
			.version = db_text_copy(&rows, i, "version", a),
		};
	return true;
}

static void read_rows(const struct db_rows *rows, struct arena *a,
	struct readings_row **readings, size_t *count)
{
	*count = (size_t)rows->count;
	*readings = arena_array(a, *count, sizeof **readings);
	for (int i = 0; i < rows->count; i++)
		(*readings)[i] = (struct readings_row){
			.life_id = db_int(rows, i, "generation_id"),
			.at_ms = db_int(rows, i, "at_ms"),
			.rss_kb = figures_count(rows, i, "rss_kb"),
			.rss_anon_kb = figures_count(rows, i, "rss_anon_kb"),
			.swap_kb = figures_count(rows, i, "swap_kb"),
			.cgroup_limit_kb = figures_count(rows, i, "cgroup_limit_kb"),
			.heap_used_kb = figures_count(rows, i, "heap_used_kb"),
			.heap_total_kb = figures_count(rows, i, "heap_total_kb"),
			.heap_floor_kb = figures_count(rows, i, "heap_floor_kb"),
			.heap_limit_kb = figures_count(rows, i, "heap_limit_kb"),
			.gc_full_count = figures_count(rows, i, "gc_full_count"),
			.requests = figures_count(rows, i, "requests"),
		};
}

bool readings_take(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct readings_row **readings, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_READING, &args, &rows, e))
		return err_wrap(e, "reading samples");
	read_rows(&rows, a, readings, count);
	return true;
}

bool readings_closed(struct db *db, int64_t *closed_ms, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_CLOSED, NULL, &rows, e))
		return err_wrap(e, "reading how far samples are put away");
	*closed_ms = rows.count ? db_time(&rows, 0, "closed_to") : 0;
	return true;
}

bool readings_take_late(struct db *db, const struct readings_late *wanted,
	struct arena *a, struct readings_row **readings, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, wanted->from_ms);
	db_arg_time(&args, wanted->to_ms);
	db_arg_ints(&args, wanted->life_ids, wanted->life_count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_LATE, &args, &rows, e))
		return err_wrap(e, "reading late samples");
	read_rows(&rows, a, readings, count);
	return true;
}
