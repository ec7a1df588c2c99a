#include "server/store/messages.h"

const char *const messages_state_name[MESSAGES_STATES] = {"waiting", "sent", "failed"};

bool messages_page(struct db *db, const struct messages_filter *filter, struct arena *a,
	struct messages_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, filter->target_id);
	db_arg_texts(&args, filter->states, filter->state_count);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct messages_row){
			.id = db_int(&rows, i, "id"),
			.state = db_text_copy(&rows, i, "state", a),
			.made_ms = db_time(&rows, i, "made_at"),
			.next_ms = db_time(&rows, i, "next_at"),
			.sent_ms = db_time(&rows, i, "sent_at"),
			.tries = db_int(&rows, i, "tries"),
			.problem = db_text_copy(&rows, i, "problem", a),
			.alert_id = db_int(&rows, i, "alert_id"),
			.event = db_text_copy(&rows, i, "event", a),
			.service = db_text_copy(&rows, i, "service", a),
		};
	return true;
}

bool messages_retry(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	bool *found, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_RETRY, &args, &rows, e))
		return false;
	*found = rows.count > 0;
	return true;
}

bool messages_claim(struct db *db, int64_t now_ms, int most_a_minute, struct arena *a,
	struct messages_due **due, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, most_a_minute);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_CLAIM, &args, &rows, e))
		return false;
	*due = NULL;
	if (rows.count == 0)
		return true;
	*due = arena_alloc(a, sizeof **due);
	**due = (struct messages_due){
		.id = db_int(&rows, 0, "id"),
		.made_ms = db_time(&rows, 0, "made_at"),
		.at_ms = db_time(&rows, 0, "at"),
		.tries = db_int(&rows, 0, "tries"),
		.url = db_text_copy(&rows, 0, "url", a),
		.target = db_text_copy(&rows, 0, "target", a),
		.alert_id = db_int(&rows, 0, "alert_id"),
		.event = db_text_copy(&rows, 0, "event", a),
		.text = db_text_copy(&rows, 0, "text", a),
		.by = db_text_copy(&rows, 0, "by", a),
	};
	return true;
}

bool messages_settle(
	struct db *db, const struct messages_end *end, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, end->id);
	db_arg_text(&args, end->state);
	db_arg_time_or_null(&args, end->next_ms);
	db_arg_time(&args, end->now_ms);
	db_arg_text(&args, end->problem);
	return db_query(db, SQL_MESSAGE_DONE, &args, NULL, e);
}

bool messages_expire(struct db *db, int64_t before_ms, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, before_ms);
	return db_query(db, SQL_MESSAGE_EXPIRE, &args, NULL, e);
}
