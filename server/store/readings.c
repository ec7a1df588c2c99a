#include "server/store/readings.h"

#include "server/store/figures.h"
#include "server/store/shards.h"

#include <stdlib.h>
#include <string.h>

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
	struct shards_walk walk;
	bool more = true;
	*count = 0;
	*memory = NULL;
	if (!shards_begin(db, &walk, e))
		return false;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, SQL_WATCH_MEMORY, &args, &rows, &more, e))
			return err_wrap(e, "reading the memory of hosts");
		struct readings_memory *all = arena_array(
			a, *count + (size_t)rows.count, sizeof *all);
		if (*count)
			memcpy(all, *memory, *count * sizeof *all);
		*memory = all;
		for (int i = 0; i < rows.count; i++)
			all[(*count)++] = (struct readings_memory){
				db_int(&rows, i, "host_id"),
				db_int(&rows, i, "mem_total_kb")};
	}
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

static int64_t count_at(const struct db_rows *rows, int row, int column)
{
	int64_t value;
	return db_int_at(rows, row, column, &value) ? value : -1;
}

static void read_rows(const struct db_rows *rows, struct readings_row *readings)
{
	int life = db_find(rows, "generation_id"), at = db_find(rows, "at"),
	    rss = db_find(rows, "rss_kb"), anon = db_find(rows, "rss_anon_kb"),
	    swap = db_find(rows, "swap_kb"), limit = db_find(rows, "cgroup_limit_kb"),
	    used = db_find(rows, "heap_used_kb"),
	    total = db_find(rows, "heap_total_kb"),
	    floor = db_find(rows, "heap_floor_kb"),
	    heap_limit = db_find(rows, "heap_limit_kb"),
	    gc = db_find(rows, "gc_full_count"), requests = db_find(rows, "requests");
	for (int i = 0; i < rows->count; i++)
		readings[i] = (struct readings_row){
			.life_id = count_at(rows, i, life),
			.at_ms = db_time_at(rows, i, at),
			.rss_kb = count_at(rows, i, rss),
			.rss_anon_kb = count_at(rows, i, anon),
			.swap_kb = count_at(rows, i, swap),
			.cgroup_limit_kb = count_at(rows, i, limit),
			.heap_used_kb = count_at(rows, i, used),
			.heap_total_kb = count_at(rows, i, total),
			.heap_floor_kb = count_at(rows, i, floor),
			.heap_limit_kb = count_at(rows, i, heap_limit),
			.gc_full_count = count_at(rows, i, gc),
			.requests = count_at(rows, i, requests),
		};
}

static int compare_rows(const void *left, const void *right)
{
	const struct readings_row *a = left, *b = right;
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return (a->life_id > b->life_id) - (a->life_id < b->life_id);
}

/* Of all databases, in order of time. */
static bool ask_rows(struct db *db, enum sql_query query, const struct db_args *args,
	struct arena *a, struct readings_row **readings, size_t *count, struct err *e)
{
	struct shards_walk walk;
	bool more = true;
	size_t parts = 0;
	*count = 0;
	*readings = NULL;
	if (!shards_begin(db, &walk, e))
		return false;
	walk.is_binary = true;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, query, args, &rows, &more, e))
			return false;
		if (rows.count == 0)
			continue;
		struct readings_row *all = arena_array(
			a, *count + (size_t)rows.count, sizeof *all);
		if (*count)
			memcpy(all, *readings, *count * sizeof *all);
		read_rows(&rows, all + *count);
		*readings = all;
		*count += (size_t)rows.count;
		parts++;
	}
	if (parts > 1)
		qsort(*readings, *count, sizeof **readings, compare_rows);
	return true;
}

bool readings_take(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct readings_row **readings, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	return ask_rows(db, SQL_WATCH_READING, &args, a, readings, count, e) ||
	       err_wrap(e, "reading samples");
}

bool readings_closed(struct db *db, int64_t *closed_ms, struct err *e)
{
	struct shards_walk walk;
	bool more = true;
	*closed_ms = 0;
	if (!shards_begin(db, &walk, e))
		return false;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, SQL_WATCH_CLOSED, NULL, &rows, &more, e))
			return err_wrap(e, "reading how far samples are put away");
		/* The furthest: others have late rows of later, which are few. */
		if (rows.count && db_time(&rows, 0, "closed_to") > *closed_ms)
			*closed_ms = db_time(&rows, 0, "closed_to");
	}
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
	return ask_rows(db, SQL_WATCH_LATE, &args, a, readings, count, e) ||
	       err_wrap(e, "reading late samples");
}
