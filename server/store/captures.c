/* Reading, and the end of those that nobody answers.  The steps: captures_steps.c. */
#include "server/store/captures.h"

#include "server/store/places.h"

static struct captures_row captures_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct captures_row){
		.id = db_int(rows, row, "id"),
		.finding_id = db_int(rows, row, "finding_id"),
		.place = places_read(rows, row, a),
		.cause = db_text_copy(rows, row, "cause", a),
		.state = db_text_copy(rows, row, "state", a),
		.route = db_text_copy(rows, row, "route", a),
		.text = db_text_copy(rows, row, "text", a),
		.asked_by = figures_text(rows, row, "asked_by_name", a),
		.confirmed_by = figures_text(rows, row, "confirmed_by_name", a),
		.asked_ms = db_time(rows, row, "asked_at"),
		.changed_ms = db_time(rows, row, "changed_at"),
		.deadline_ms = db_time(rows, row, "deadline_at"),
		.overrules = db_bool(rows, row, "overrules"),
		.keep_raw = db_bool(rows, row, "keep_raw"),
		.progress_permille = db_int(rows, row, "progress_permille"),
		.card = figures_text(rows, row, "card", a),
		.gate = figures_text(rows, row, "gate", a),
		.snapshot = db_int(rows, row, "snapshot_id"),
	};
}

bool captures_page(struct db *db, const struct captures_filter *filter, struct arena *a,
	struct captures_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (filter->service_id)
		db_arg_int(&args, filter->service_id);
	else
		db_arg_null(&args);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CAPTURE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = captures_read(&rows, i, a);
	return true;
}

bool captures_one(struct db *db, int64_t id, struct arena *a, struct captures_row **row,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CAPTURE_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = captures_read(&rows, 0, a);
	return true;
}

bool captures_expire(struct db *db, int64_t now_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, now_ms);
	bool ok = db_query(db, SQL_CAPTURE_EXPIRE, &args, NULL, e);
	arena_finish(&a);
	return ok;
}
