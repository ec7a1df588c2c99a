#include "server/store/feedback.h"

static struct feedback_row feedback_row_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct feedback_row){
		.id = db_int(rows, row, "id"),
		.service_id = db_int(rows, row, "service_id"),
		.finding_id = db_int(rows, row, "finding_id"),
		.alert_id = db_int(rows, row, "alert_id"),
		.kind = db_text_copy(rows, row, "kind", a),
		.version = figures_name(rows, row, "fingerprint_id", "version", a),
		.has_rate = !db_is_null(rows, row, "rate_kb_h"),
		.rate_kb_h = db_double(rows, row, "rate_kb_h"),
		.reason = db_text_copy(rows, row, "reason", a),
		.said_by = db_text_copy(rows, row, "said_by", a),
		.said_ms = db_time(rows, row, "said_at"),
		.withdrawn_ms = db_time(rows, row, "withdrawn_at"),
		.revision = db_is_null(rows, row, "withdrawn_at") ? 1 : 2,
	};
}

bool feedback_page(struct db *db, const struct feedback_filter *filter, struct arena *a,
	struct feedback_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, filter->service_id);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FEEDBACK_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = feedback_row_read(&rows, i, a);
	return true;
}

bool feedback_withdraw(struct db *db, const struct feedback_step *step, struct arena *a,
	struct feedback_row **row, bool *moved_on, struct err *e)
{
	struct db_args args, one;
	db_args_init(&args, a);
	db_arg_int(&args, step->id);
	db_arg_int(&args, step->user_id);
	db_arg_time(&args, step->now_ms);
	db_args_init(&one, a);
	db_arg_int(&one, step->id);
	scoped_rows struct db_rows done = {0}, rows = {0};
	bool possible = step->revision <= 1; /* it can be withdrawn once */
	if ((possible && !db_query(db, SQL_FEEDBACK_WITHDRAW, &args, &done, e)) ||
		!db_query(db, SQL_FEEDBACK_ONE, &one, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = feedback_row_read(&rows, 0, a);
	*moved_on = step->revision && done.count == 0 &&
		    (*row)->revision != step->revision;
	return true;
}
