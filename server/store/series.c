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
			.last_ms = db_time(&rows, i, "last_sample_at"),
			.interval_ms = db_int(&rows, i, "interval_ms"),
			.watched_ms = db_time(&rows, i, "watched_at"),
		};
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

bool series_gaps(struct db *db, const struct series_scope *window,
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

bool series_versions(struct db *db, const int64_t *ids, size_t count, struct arena *a,
	struct figures_name **names, size_t *name_count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids, count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_VERSION_NAMES, &args, &rows, e))
		return false;
	*name_count = (size_t)rows.count;
	*names = arena_array(a, *name_count, sizeof **names);
	for (int i = 0; i < rows.count; i++)
		(*names)[i] = figures_name(&rows, i, "id", "label", a);
	return true;
}
