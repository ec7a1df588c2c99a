#include "server/store/groups.h"

const char *const groups_by_name[GROUPS_BY] = {"host", "version", "label"};

static void groups_row_read(
	const struct db_rows *rows, int row, struct arena *a, struct groups_row *out)
{
	*out = (struct groups_row){
		.id = db_int(rows, row, "id"),
		.name = db_text_copy(rows, row, "name", a),
		.service = figures_name(rows, row, "of_service_id", "of_service", a),
		.verdict = db_text_copy(rows, row, "verdict", a),
		.level = db_text_copy(rows, row, "level", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.rate = figures_rate(rows, row),
		.memory_kb = figures_count(rows, row, "memory_kb"),
		.instances = db_int(rows, row, "instances"),
		.services = db_int(rows, row, "services"),
		.hosts = db_int(rows, row, "hosts"),
		.instances_leaking = db_int(rows, row, "instances_leaking"),
		.services_leaking = db_int(rows, row, "services_leaking"),
		.hosts_leaking = db_int(rows, row, "hosts_leaking"),
		.open_alerts = db_int(rows, row, "open_alerts"),
		.onset_ms = db_time(rows, row, "onset_at"),
		.exhaust_ms = db_time(rows, row, "exhaust_at"),
		.worst_service = figures_name(
			rows, row, "worst_service_id", "worst_service", a),
		.worst_version = figures_name(
			rows, row, "worst_version_id", "worst_version", a),
		.sort_name = db_text_copy(rows, row, "sort_name", a),
		.rank = db_int(rows, row, "rank"),
		.rate_order = db_double(rows, row, "rate_order"),
	};
}

static void groups_args(struct db_args *args, const struct groups_filter *filter,
	int64_t now_ms, struct arena *a)
{
	db_args_init(args, a);
	db_arg_time(args, now_ms);
	if (filter->by != GROUPS_VERSION)
		db_arg_text(args, filter->by == GROUPS_LABEL ? filter->label : NULL);
	db_arg_text(args, filter->name_part);
	db_arg_text(args, filter->verdict);
	if (filter->after_name) {
		db_arg_int(args, filter->after_rank);
		db_arg_double(args, filter->after_rate);
		db_arg_text(args, filter->after_name);
		db_arg_int(args, filter->after_id);
	} else {
		for (int i = 0; i < 4; i++)
			db_arg_null(args);
	}
	db_arg_int(args, filter->limit);
}

bool groups_page(struct db *db, const struct groups_filter *filter, int64_t now_ms,
	struct arena *a, struct groups_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	groups_args(&args, filter, now_ms, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db,
		    filter->by == GROUPS_VERSION ? SQL_GROUP_VERSIONS : SQL_GROUP_SEATS,
		    &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		groups_row_read(&rows, i, a, &(*out)[i]);
	return true;
}
