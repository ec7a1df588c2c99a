#include "server/store/fingerprints.h"

static void fingerprints_arg_id(struct db_args *args, int64_t id)
{
	if (id)
		db_arg_int(args, id);
	else
		db_arg_null(args);
}

static struct fingerprints_row fingerprints_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct fingerprints_row){
		.id = db_int(rows, row, "id"),
		.service = figures_name(rows, row, "service_id", "service", a),
		.version = db_text_copy(rows, row, "version", a),
		.label = db_text_copy(rows, row, "label", a),
		.runtime = db_text_copy(rows, row, "runtime", a),
		.runtime_version = db_text_copy(rows, row, "runtime_version", a),
		.known = db_bool(rows, row, "known"),
		.hash = db_text_copy(rows, row, "hash", a),
		.app = db_text_copy(rows, row, "app", a),
		.app_version = db_text_copy(rows, row, "app_version", a),
		.git_head = db_text_copy(rows, row, "git_head", a),
		.build_id = db_text_copy(rows, row, "build_id", a),
		.image = db_text_copy(rows, row, "image", a),
		.source = db_text_copy(rows, row, "source", a),
		.is_cut = db_bool(rows, row, "is_cut"),
		.environment = db_text_copy(rows, row, "environment", a),
		.remarks = db_text_copy(rows, row, "remarks", a),
		.packages = db_int(rows, row, "packages"),
		.hosts = db_int(rows, row, "hosts"),
		.instances = db_int(rows, row, "instances"),
		.first_seen_ms = db_time(rows, row, "first_seen_at"),
		.last_seen_ms = db_time(rows, row, "last_seen_at"),
	};
}

bool fingerprints_page(struct db *db, const struct fingerprints_filter *filter,
	int64_t now_ms, struct arena *a, struct fingerprints_row **out, size_t *count,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	fingerprints_arg_id(&args, filter->service_id);
	if (filter->only.count)
		db_arg_ints(&args, filter->only.ids, filter->only.count);
	else
		db_arg_null(&args);
	db_arg_time_or_null(&args, filter->after_ms);
	fingerprints_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FINGERPRINT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = fingerprints_read(&rows, i, a);
	return true;
}

bool fingerprints_packages(struct db *db,
	const struct fingerprints_packages_filter *filter, struct arena *a,
	struct fingerprints_package **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, filter->fingerprint_id);
	db_arg_text(&args, filter->part);
	db_arg_text(&args, filter->after_name);
	db_arg_text(&args, filter->after_version);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FINGERPRINT_PACKAGES, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct fingerprints_package){
			.name = db_text_copy(&rows, i, "name", a),
			.version = db_text_copy(&rows, i, "version", a),
		};
	return true;
}

bool fingerprints_fields(struct db *db, int64_t from, int64_t to, struct arena *a,
	struct fingerprints_field **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, from);
	db_arg_int(&args, to);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FINGERPRINT_FIELDS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct fingerprints_field){
			.name = db_text_copy(&rows, i, "name", a),
			.from = db_text_copy(&rows, i, "from_value", a),
			.to = db_text_copy(&rows, i, "to_value", a),
		};
	return true;
}

bool fingerprints_diff(struct db *db, const struct fingerprints_pair *pair,
	struct arena *a, struct fingerprints_change **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, pair->from);
	db_arg_int(&args, pair->to);
	db_arg_int(&args, pair->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FINGERPRINT_DIFF, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct fingerprints_change){
			.name = db_text_copy(&rows, i, "name", a),
			.from = figures_text(&rows, i, "from_versions", a),
			.to = figures_text(&rows, i, "to_versions", a),
		};
	return true;
}

bool fingerprints_uses(struct db *db, const struct fingerprints_use_filter *filter,
	int64_t now_ms, struct arena *a, struct fingerprints_use **out, size_t *count,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_text(&args, filter->name);
	db_arg_text(&args, filter->version);
	db_arg_text(&args, filter->after_version);
	fingerprints_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_PACKAGE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct fingerprints_use){
			.name = db_text_copy(&rows, i, "name", a),
			.version = db_text_copy(&rows, i, "version", a),
			.service = figures_name(&rows, i, "service_id", "service", a),
			.fingerprint = figures_name(
				&rows, i, "fingerprint_id", "service_version", a),
			.hosts = db_text_copy(&rows, i, "hosts", a),
			.hosts_now = db_text_copy(&rows, i, "hosts_now", a),
			.running = db_int(&rows, i, "running"),
			.first_seen_ms = db_time(&rows, i, "first_seen_at"),
			.last_seen_ms = db_time(&rows, i, "last_seen_at"),
		};
	return true;
}
