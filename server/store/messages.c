#include "server/store/messages.h"

#include <inttypes.h>

const char *const messages_state_name[MESSAGES_STATES] = {
	"waiting", "sent", "failed", "dropped", "folded", "muted"};

bool messages_page(struct db *db, const struct messages_filter *filter, struct arena *a,
	struct messages_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (filter->target_id)
		db_arg_int(&args, filter->target_id);
	else
		db_arg_null(&args);
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
			.key = db_text_copy(&rows, i, "key", a),
			.target_id = db_int(&rows, i, "target_id"),
			.target = db_text_copy(&rows, i, "target", a),
			.digest_count = db_int(&rows, i, "digest_count"),
			.folded_into = db_int(&rows, i, "folded_into"),
			.alert_id = db_int(&rows, i, "alert_id"),
			.event = db_text_copy(&rows, i, "event", a),
			.service = db_text_copy(&rows, i, "service", a),
		};
	return true;
}

/* Inside the transaction. */
static bool messages_note(struct db *db, const struct messages_step *step,
	const char *action, const struct db_rows *rows, struct arena *a, struct err *e)
{
	struct audit_entry entry = {.actor = step->actor,
		.action = action,
		.subject = db_text_copy(rows, 0, "target", a),
		.detail = arena_printf(a, "message %" PRId64, step->id)};
	return audit_put(db, &entry, a, e);
}

static bool messages_step(struct db *db, const struct messages_step *step,
	enum sql_query query, struct arena *a, bool *found, struct err *e)
{
	bool retries = query == SQL_MESSAGE_RETRY;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->id);
	if (retries)
		db_arg_time(&args, step->now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_begin(db, e))
		return false;
	bool ok = db_query(db, query, &args, &rows, e);
	*found = ok && rows.count > 0;
	if (*found)
		ok = messages_note(db, step, retries ? "message.retry" : "message.drop",
			&rows, a, e);
	if (ok)
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

bool messages_retry(struct db *db, const struct messages_step *step, struct arena *a,
	bool *found, struct err *e)
{
	return messages_step(db, step, SQL_MESSAGE_RETRY, a, found, e);
}

bool messages_drop(struct db *db, const struct messages_step *step, struct arena *a,
	bool *found, struct err *e)
{
	return messages_step(db, step, SQL_MESSAGE_DROP, a, found, e);
}

bool messages_counts(struct db *db, struct arena *a, struct messages_count **out,
	size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_COUNTS, NULL, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct messages_count){
			.target = db_text_copy(&rows, i, "target", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.state = db_text_copy(&rows, i, "state", a),
			.messages = db_int(&rows, i, "messages"),
			.oldest_ms = db_time(&rows, i, "oldest_at"),
		};
	return true;
}

static struct messages_due messages_read_due(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct messages_due){
		.id = db_int(rows, row, "id"),
		.made_ms = db_time(rows, row, "made_at"),
		.due_ms = db_time(rows, row, "due_at"),
		.at_ms = db_time(rows, row, "at"),
		.tries = db_int(rows, row, "tries"),
		.target_id = db_int(rows, row, "target_id"),
		.failures = db_int(rows, row, "failures"),
		.key = db_text_copy(rows, row, "key", a),
		.target = db_text_copy(rows, row, "target", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.url = db_text_copy(rows, row, "url", a),
		.recipients = db_text_copy(rows, row, "recipients", a),
		.sender = db_text_copy(rows, row, "sender", a),
		.username = db_text_copy(rows, row, "username", a),
		.password = db_text_copy(rows, row, "password", a),
		.signing = db_text_copy(rows, row, "signing", a),
		.signing_old = db_text_copy(rows, row, "signing_old", a),
		.starttls = db_bool(rows, row, "starttls"),
		.digest = db_bool(rows, row, "digest"),
		.was_muted = db_bool(rows, row, "was_muted"),
		.alert_id = db_int(rows, row, "alert_id"),
		.event = db_text_copy(rows, row, "event", a),
		.text = db_text_copy(rows, row, "text", a),
		.by = db_text_copy(rows, row, "by", a),
	};
}

bool messages_claim(struct db *db, int64_t now_ms, int most, struct arena *a,
	struct messages_due **due, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, most);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_CLAIM, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*due = arena_array(a, *count, sizeof **due);
	for (int i = 0; i < rows.count; i++)
		(*due)[i] = messages_read_due(&rows, i, a);
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
	db_arg_time_or_null(&args, end->target_next_ms);
	db_arg_time(&args, end->late_ms);
	return db_query(db, SQL_MESSAGE_DONE, &args, NULL, e);
}

bool messages_fold(struct db *db, int64_t now_ms, struct arena *a,
	struct messages_folded **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_FOLD, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct messages_folded){
			db_text_copy(&rows, i, "target", a),
			db_int(&rows, i, "folded"),
		};
	return true;
}

bool messages_digest(struct db *db, int64_t id, struct arena *a,
	struct messages_item **out, size_t *count, int64_t *total, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_int(&args, MESSAGES_ITEMS);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MESSAGE_DIGEST, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*total = rows.count ? db_int(&rows, 0, "total") : 0;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct messages_item){
			.alert_id = db_int(&rows, i, "alert_id"),
			.at_ms = db_time(&rows, i, "at"),
			.event = db_text_copy(&rows, i, "event", a),
			.service = db_text_copy(&rows, i, "service", a),
		};
	return true;
}

bool messages_unmute(struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	return db_query(db, SQL_MESSAGE_UNMUTE, &args, NULL, e);
}

bool messages_expire(struct db *db, int64_t before_ms, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, before_ms);
	return db_query(db, SQL_MESSAGE_EXPIRE, &args, NULL, e);
}
