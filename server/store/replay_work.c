#include "server/store/replay_work.h"

bool replay_work_take(
	struct db *db, struct arena *a, struct replay_work *out, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_REPLAY_TAKE, NULL, &rows, e))
		return err_wrap(e, "looking for replays");
	*out = (struct replay_work){0};
	if (rows.count == 0)
		return true;
	out->id = db_int(&rows, 0, "id");
	out->service_id = db_int(&rows, 0, "service_id");
	out->sensitivity = db_text_copy(&rows, 0, "sensitivity", a);
	out->from_ms = db_time(&rows, 0, "from_at");
	out->to_ms = db_time(&rows, 0, "to_at");
	return true;
}

bool replay_work_lives(struct db *db, const struct replay_work *work, struct arena *a,
	struct replay_work_life **lives, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, work->service_id);
	db_arg_time(&args, work->from_ms);
	db_arg_time(&args, work->to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_REPLAY_LIFE, &args, &rows, e))
		return err_wrap(e, "reading the process lives of a replay");
	*count = (size_t)rows.count;
	*lives = arena_array(a, *count, sizeof **lives);
	for (int i = 0; i < rows.count; i++)
		(*lives)[i] = (struct replay_work_life){readings_life_row(&rows, i),
			db_text_copy(&rows, i, "host", a), db_int(&rows, i, "ordinal")};
	return true;
}

bool replay_work_end(struct db *db, const struct replay_work_end *end, struct arena *a,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, end->id);
	db_arg_text(&args, end->state);
	db_arg_time(&args, end->ended_ms);
	db_arg_int(&args, end->readings);
	db_arg_text(&args, end->alarms);
	db_arg_text(&args, end->text);
	return db_query(db, SQL_REPLAY_END, &args, NULL, e) ||
	       err_wrap(e, "ending a replay");
}
