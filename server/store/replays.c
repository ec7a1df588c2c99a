#include "server/store/replays.h"

#include "server/store/figures.h"

static struct replays_row replays_row_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct replays_row){
		.id = db_int(rows, row, "id"),
		.service_id = db_int(rows, row, "service_id"),
		.sensitivity = db_text_copy(rows, row, "sensitivity", a),
		.from_ms = db_time(rows, row, "from_at"),
		.to_ms = db_time(rows, row, "to_at"),
		.state = db_text_copy(rows, row, "state", a),
		.asked_by = figures_text(rows, row, "asked_by", a),
		.asked_ms = db_time(rows, row, "asked_at"),
		.ended_ms = db_time(rows, row, "ended_at"),
		.readings = db_int(rows, row, "readings"),
		.alarm_count = db_int(rows, row, "alarm_count"),
		.text = db_text_copy(rows, row, "text", a),
	};
}

bool replays_page(struct db *db, const struct replays_filter *filter, struct arena *a,
	struct replays_row **out, size_t *count, struct err *e)
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
	if (!db_query(db, SQL_REPLAY_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = replays_row_read(&rows, i, a);
	return true;
}

static bool replays_read_raised(
	struct db *db, struct replays_row *row, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, row->service_id);
	db_arg_time(&args, row->from_ms);
	db_arg_time(&args, row->to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_REPLAY_RAISED, &args, &rows, e))
		return false;
	BUG_ON(rows.count != 1);
	row->raised = db_text_copy(&rows, 0, "alarms", a);
	return true;
}

bool replays_one(struct db *db, int64_t id, struct arena *a, struct replays_row **row,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_REPLAY_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	struct replays_row *found = arena_alloc(a, sizeof *found);
	*found = replays_row_read(&rows, 0, a);
	found->alarms = db_text_copy(&rows, 0, "alarms", a);
	if (!replays_read_raised(db, found, a, e))
		return false;
	*row = found;
	return true;
}

static bool replays_put(struct db *db, const struct replays_ask *ask, struct arena *a,
	int64_t *id, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, ask->service_id);
	db_arg_text(&args, ask->sensitivity);
	db_arg_time(&args, ask->from_ms);
	db_arg_time(&args, ask->to_ms);
	if (ask->user_id)
		db_arg_int(&args, ask->user_id);
	else
		db_arg_null(&args);
	db_arg_time(&args, ask->now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_REPLAY_PUT, &args, &rows, e))
		return false;
	BUG_ON(rows.count != 1);
	*id = db_int(&rows, 0, "id");
	return true;
}

/* Inside the transaction: the lock on the service keeps others from asking as well. */
static bool replays_ask(struct db *db, const struct replays_ask *ask, struct arena *a,
	struct replays_reply *reply, struct err *e)
{
	struct db_args args;
	int64_t id;
	db_args_init(&args, a);
	db_arg_int(&args, ask->service_id);
	scoped_rows struct db_rows service = {0}, open = {0};
	if (!db_query(db, SQL_REPLAY_LOCK, &args, &service, e))
		return false;
	if (service.count == 0)
		return true;
	if (!db_query(db, SQL_REPLAY_OPEN, &args, &open, e))
		return false;
	if (open.count) {
		reply->open_id = db_int(&open, 0, "id");
		reply->open_state = db_text_copy(&open, 0, "state", a);
		return true;
	}
	return replays_put(db, ask, a, &id, e) &&
	       replays_one(db, id, a, &reply->row, e);
}

bool replays_create(struct db *db, const struct replays_ask *ask, struct arena *a,
	struct replays_reply *reply, struct err *e)
{
	*reply = (struct replays_reply){0};
	if (!db_begin(db, e))
		return false;
	if (replays_ask(db, ask, a, reply, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
