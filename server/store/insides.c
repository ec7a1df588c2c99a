#include "server/store/insides.h"

const char *const insides_census_kind_name[INSIDES_CENSUS_KINDS] = {
	"listeners", "timers", "closures", "resources", "classes"};

bool insides_way(struct db *db, int64_t slot_id, struct arena *a,
	struct insides_way *way, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, slot_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_INSTANCE_ROUTE, &args, &rows, e))
		return false;
	*way = (struct insides_way){"", ""};
	if (rows.count)
		*way = (struct insides_way){db_text_copy(&rows, 0, "route", a),
			db_text_copy(&rows, 0, "problem", a)};
	return true;
}

static struct insides_count insides_count_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	int64_t kind = db_int(rows, row, "kind");
	struct insides_count out = {
		.kind = kind >= 1 && kind <= INSIDES_CENSUS_KINDS
				? insides_census_kind_name[kind - 1]
				: "",
		.name = db_text_copy(rows, row, "name", a),
		.location = db_text_copy(rows, row, "location", a),
		.newest = db_int(rows, row, "newest"),
		.first = db_int(rows, row, "first"),
		.has_growth = !db_is_null(rows, row, "per_hour"),
		.per_hour = db_double(rows, row, "per_hour"),
		.processes = db_int(rows, row, "processes"),
		.total = db_int(rows, row, "total"),
		.host = figures_name(rows, row, "host_id", "host", a),
		.slot_id = db_int(rows, row, "slot_id"),
		.pid = db_int(rows, row, "pid"),
	};
	size_t counts;
	out.times_ms = db_ints(rows, row, "times_ms", a, &out.points, NULL);
	out.counts = db_ints(rows, row, "counts", a, &counts, NULL);
	if (counts < out.points)
		out.points = counts;
	return out;
}

bool insides_census(struct db *db, const struct insides_census_filter *filter,
	struct arena *a, struct insides_count **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, filter->service_id);
	db_arg_time(&args, filter->from_ms);
	db_arg_time(&args, filter->to_ms);
	if (filter->kind)
		db_arg_int(&args, filter->kind);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CENSUS_GROWTH, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = insides_count_read(&rows, i, a);
	return true;
}

bool insides_warnings(struct db *db, const struct insides_warnings_filter *filter,
	struct arena *a, struct insides_warning **out, size_t *count, struct err *e)
{
	bool is_stray = filter->service_id == 0;
	struct db_args args;
	db_args_init(&args, a);
	if (is_stray && filter->host_id == 0)
		db_arg_null(&args);
	else
		db_arg_int(&args, is_stray ? filter->host_id : filter->service_id);
	db_arg_time(&args, filter->from_ms);
	db_arg_time_or_null(&args, filter->after_ms);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, is_stray ? SQL_WARNING_STRAY : SQL_WARNING_PAGE, &args, &rows,
		    e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct insides_warning){
			.id = db_int(&rows, i, "id"),
			.kind = db_text_copy(&rows, i, "kind", a),
			.source = db_text_copy(&rows, i, "source", a),
			.fields = db_text_copy(&rows, i, "fields", a),
			.host = figures_name(&rows, i, "host_id", "host", a),
			.first_ms = db_time(&rows, i, "first_at"),
			.last_ms = db_time(&rows, i, "last_at"),
			.count = db_int(&rows, i, "count"),
		};
	for (int i = 0; i < rows.count && !is_stray; i++) {
		struct insides_warning *w = &(*out)[i];
		w->version = figures_name(&rows, i, "fingerprint_id", "version", a);
		w->slot_id = db_int(&rows, i, "slot_id");
		w->ordinal = db_int(&rows, i, "ordinal");
		w->pid = db_int(&rows, i, "pid");
	}
	return true;
}
