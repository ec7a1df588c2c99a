#include "server/store/queues.h"

#include <math.h>

static void queues_arg_id(struct db_args *args, int64_t id)
{
	if (id)
		db_arg_int(args, id);
	else
		db_arg_null(args);
}

static double queues_rate(const struct db_rows *rows, int row, const char *column)
{
	return db_is_null(rows, row, column) ? NAN : db_double(rows, row, column);
}

static struct queues_row queues_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	struct queues_row out = {
		.id = db_int(rows, row, "id"),
		.host = figures_name(rows, row, "host_id", "host", a),
		.source = db_text_copy(rows, row, "source", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.name = db_text_copy(rows, row, "name", a),
		.producers = db_text_copy(rows, row, "producers", a),
		.workers = db_text_copy(rows, row, "workers", a),
		.interval_ms = db_int(rows, row, "interval_ms"),
		.at_ms = db_time(rows, row, "at"),
		.depth = figures_count(rows, row, "depth"),
		.waiting = figures_count(rows, row, "waiting"),
		.active = figures_count(rows, row, "active"),
		.delayed = figures_count(rows, row, "delayed"),
		.failed = figures_count(rows, row, "failed"),
		.oldest_ms = figures_count(rows, row, "oldest_ms"),
		.overdue = figures_count(rows, row, "overdue"),
		.attached = figures_count(rows, row, "attached"),
		.entered = figures_count(rows, row, "entered"),
		.completed = figures_count(rows, row, "completed"),
		.failures = figures_count(rows, row, "failures"),
		.in_min = queues_rate(rows, row, "in_min"),
		.out_min = queues_rate(rows, row, "out_min"),
		.net_min = queues_rate(rows, row, "net_min"),
	};
	if (!out.at_ms)
		out.at_ms = db_time(rows, row, "last_at");
	return out;
}

bool queues_page(struct db *db, const struct queues_filter *filter, int64_t now_ms,
	struct arena *a, struct queues_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	queues_arg_id(&args, filter->queue_id);
	queues_arg_id(&args, filter->service_id);
	db_arg_text(&args, filter->name_part);
	db_arg_text(&args, filter->after_name);
	queues_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_QUEUE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = queues_read(&rows, i, a);
	return true;
}

int64_t queues_drain_s(const struct queues_row *row)
{
	if (row->depth == 0)
		return 0;
	/* Less than one item in an hour is no draining that anybody could wait for. */
	if (row->depth < 0 || isnan(row->net_min) || row->net_min > -1.0 / 60)
		return -1;
	return (int64_t)(60 * (double)row->depth / -row->net_min);
}

bool queues_series(struct db *db, const struct queues_window *window, struct arena *a,
	struct queues_step **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, window->queue_id);
	db_arg_time(&args, window->from_ms);
	db_arg_time(&args, window->to_ms);
	db_arg_int(&args, window->step_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_QUEUE_SERIES, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct queues_step){
			.step = db_int(&rows, i, "step"),
			.depth = figures_count(&rows, i, "depth"),
			.oldest_ms = figures_count(&rows, i, "oldest_ms"),
			.came = figures_count(&rows, i, "came"),
			.came_ms = db_int(&rows, i, "came_ms"),
			.went = figures_count(&rows, i, "went"),
			.went_ms = db_int(&rows, i, "went_ms"),
		};
	return true;
}

bool queues_sources(struct db *db, const struct queues_sources_filter *filter,
	struct arena *a, struct queues_source **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (filter->works < 0)
		db_arg_null(&args);
	else
		db_arg_bool(&args, filter->works);
	db_arg_text(&args, filter->after_host);
	db_arg_text(&args, filter->after_name);
	queues_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SOURCE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct queues_source){
			.id = db_int(&rows, i, "id"),
			.host = figures_name(&rows, i, "host_id", "host", a),
			.name = db_text_copy(&rows, i, "name", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.text = db_text_copy(&rows, i, "text", a),
			.works = db_bool(&rows, i, "works"),
			.took_us = db_int(&rows, i, "took_us"),
			.at_ms = db_time(&rows, i, "at"),
			.changed_ms = db_time(&rows, i, "changed_at"),
		};
	return true;
}
