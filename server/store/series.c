#include "server/store/series.h"

bool series_lives(struct db *db, const struct series_scope *scope, struct arena *a,
	struct series_life **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, scope->slots, scope->slot_count);
	if (scope->slot_count)
		db_arg_null(&args);
	else
		db_arg_int(&args, scope->service_id);
	db_arg_time(&args, scope->from_ms);
	db_arg_time(&args, scope->to_ms);
	db_arg_int(&args, scope->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERIES_LIVES, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct series_life){
			.id = db_int(&rows, i, "id"),
			.slot_id = db_int(&rows, i, "slot_id"),
			.service_id = db_int(&rows, i, "service_id"),
			.fingerprint_id = db_int(&rows, i, "fingerprint_id"),
			.host_id = db_int(&rows, i, "host_id"),
			.previous_fingerprint_id = db_int(
				&rows, i, "previous_fingerprint_id"),
			.version = db_text_copy(&rows, i, "version", a),
			.host = db_text_copy(&rows, i, "host", a),
			.ordinal = db_int(&rows, i, "ordinal"),
			.pid = db_int(&rows, i, "pid"),
			.started_ms = db_time(&rows, i, "started_at"),
			.interval_ms = db_int(&rows, i, "interval_ms"),
			.watched_ms = db_time(&rows, i, "watched_at"),
		};
	return true;
}

static void series_points_read(const struct db_rows *rows, int row, bool is_counter,
	struct arena *a, struct series_points *out)
{
	size_t values;
	out->steps = db_ints(rows, row, "steps", a, &out->count, NULL);
	out->values = db_ints(
		rows, row, is_counter ? "increases" : "maxima", a, &values, NULL);
	BUG_ON(values != out->count);
	if (!is_counter)
		return;
	out->spans_ms = db_ints(rows, row, "spans_ms", a, &values, NULL);
	BUG_ON(values != out->count);
}

static void series_members_args(struct db_args *args,
	const struct series_members *members, const struct series_window *window)
{
	db_arg_ints(args, members->generations, members->count);
	db_arg_ints(args, members->lines, members->count);
	db_arg_time(args, window->from_ms);
	db_arg_time(args, window->to_ms);
	db_arg_int(args, window->metric);
	db_arg_int(args, window->step_ms);
}

bool series_gauge(struct db *db, const struct series_window *window,
	const struct series_members *members, struct arena *a,
	struct series_points **lines, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	series_members_args(&args, members, window);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERIES_GAUGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*lines = arena_array(a, *count, sizeof **lines);
	for (int i = 0; i < rows.count; i++) {
		(*lines)[i].line = db_int(&rows, i, "line");
		(*lines)[i].kills = db_int(&rows, i, "kills");
		series_points_read(&rows, i, false, a, &(*lines)[i]);
	}
	return true;
}

bool series_counter(struct db *db, const struct series_window *window,
	const struct series_members *members, struct arena *a,
	struct series_points **lines, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	series_members_args(&args, members, window);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERIES_COUNTER, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*lines = arena_array(a, *count, sizeof **lines);
	for (int i = 0; i < rows.count; i++) {
		(*lines)[i].line = db_int(&rows, i, "line");
		series_points_read(&rows, i, true, a, &(*lines)[i]);
	}
	return true;
}

static void series_host_args(
	struct db_args *args, int64_t host_id, const struct series_window *window)
{
	db_arg_int(args, host_id);
	db_arg_time(args, window->from_ms);
	db_arg_time(args, window->to_ms);
	db_arg_int(args, window->metric);
	db_arg_int(args, window->step_ms);
}

bool series_host_gauge(struct db *db, int64_t host_id,
	const struct series_window *window, struct arena *a,
	struct series_points *points, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	series_host_args(&args, host_id, window);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_SERIES_GAUGE, &args, &rows, e))
		return false;
	*points = (struct series_points){0};
	if (rows.count)
		series_points_read(&rows, 0, false, a, points);
	return true;
}

bool series_host_counter(struct db *db, int64_t host_id,
	const struct series_window *window, struct arena *a,
	struct series_points *points, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	series_host_args(&args, host_id, window);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_SERIES_COUNTER, &args, &rows, e))
		return false;
	*points = (struct series_points){0};
	if (rows.count)
		series_points_read(&rows, 0, true, a, points);
	return true;
}

bool series_host(struct db *db, int64_t id, struct arena *a, struct series_host **host,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HOST_ONE, &args, &rows, e))
		return false;
	*host = NULL;
	if (rows.count == 0)
		return true;
	*host = arena_alloc(a, sizeof **host);
	**host = (struct series_host){
		.id = db_int(&rows, 0, "id"),
		.interval_ms = db_int(&rows, 0, "interval_ms"),
		.name = db_text_copy(&rows, 0, "name", a),
	};
	return true;
}

bool series_gaps(struct db *db, const struct series_window *window,
	struct figures_ids hosts, struct arena *a, struct series_gap **out,
	size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, hosts.ids, hosts.count);
	db_arg_time(&args, window->from_ms);
	db_arg_time(&args, window->to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERIES_GAPS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct series_gap){
			.host = db_text_copy(&rows, i, "host", a),
			.reason = db_text_copy(&rows, i, "reason", a),
			.from_ms = db_time(&rows, i, "from_at"),
			.to_ms = db_time(&rows, i, "to_at"),
		};
	return true;
}

bool series_kills(struct db *db, const struct series_window *window,
	const struct series_members *members, struct arena *a,
	struct series_kills **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, members->generations, members->count);
	db_arg_time(&args, window->from_ms);
	db_arg_time(&args, window->to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERIES_OOMS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct series_kills){
			.generation_id = db_int(&rows, i, "generation_id"),
			.kills = db_int(&rows, i, "kills"),
			.at_ms = db_time(&rows, i, "at"),
		};
	return true;
}
