#include "server/store/experiments.h"

static struct experiments_row experiments_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct experiments_row){
		.id = db_int(rows, row, "id"),
		.service = figures_name(rows, row, "service_id", "service", a),
		.name = db_text_copy(rows, row, "name", a),
		.note = db_text_copy(rows, row, "note", a),
		.created_by = db_text_copy(rows, row, "created_by", a),
		.from_ms = db_time(rows, row, "from_at"),
		.to_ms = db_time(rows, row, "to_at"),
		.created_ms = db_time(rows, row, "created_at"),
	};
}

static struct experiments_row *experiments_first(
	const struct db_rows *rows, struct arena *a)
{
	if (rows->count == 0)
		return NULL;
	struct experiments_row *row = arena_alloc(a, sizeof *row);
	*row = experiments_read(rows, 0, a);
	return row;
}

bool experiments_page(struct db *db, const struct experiments_filter *filter,
	struct arena *a, struct experiments_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (filter->service_id)
		db_arg_int(&args, filter->service_id);
	else
		db_arg_null(&args);
	db_arg_time(&args, filter->from_ms);
	db_arg_time(&args, filter->to_ms);
	db_arg_time_or_null(&args, filter->after_from_ms);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EXPERIMENT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = experiments_read(&rows, i, a);
	return true;
}

bool experiments_one(struct db *db, int64_t id, struct arena *a,
	struct experiments_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EXPERIMENT_ONE, &args, &rows, e))
		return false;
	*row = experiments_first(&rows, a);
	return true;
}

/* Inside the transaction. */
static bool experiments_note(struct db *db, const struct audit_actor *actor,
	const char *action, const struct experiments_row *row, struct arena *a,
	struct err *e)
{
	struct audit_entry entry = {
		.actor = *actor,
		.action = action,
		.service_id = row->service.id,
		.subject = row->service.name,
		.detail = row->name,
	};
	return audit_put(db, &entry, a, e) && db_notify(db, "tidemark", "samples", e);
}

static bool experiments_save(struct db *db, const struct experiments_wish *wish,
	struct arena *a, struct experiments_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, wish->service);
	db_arg_text(&args, wish->name);
	db_arg_text(&args, wish->note);
	db_arg_time(&args, wish->from_ms);
	db_arg_time_or_null(&args, wish->to_ms);
	db_arg_text(&args, wish->actor.name);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EXPERIMENT_PUT, &args, &rows, e))
		return false;
	*row = experiments_first(&rows, a);
	return true;
}

bool experiments_begin(struct db *db, const struct experiments_wish *wish,
	struct arena *a, struct experiments_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (experiments_save(db, wish, a, row, e) &&
		(!*row || experiments_note(
				  db, &wish->actor, "experiment.begin", *row, a, e)))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool experiments_close(struct db *db, const struct experiments_step *step,
	struct arena *a, bool *changed, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->id);
	db_arg_time(&args, step->at_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EXPERIMENT_END, &args, &rows, e))
		return false;
	*changed = rows.count > 0;
	return true;
}

bool experiments_end(struct db *db, const struct experiments_step *step,
	struct arena *a, struct experiments_row **row, bool *changed, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (experiments_close(db, step, a, changed, e) &&
		experiments_one(db, step->id, a, row, e) &&
		(!*changed || experiments_note(
				      db, &step->actor, "experiment.end", *row, a, e)))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool experiments_remove(
	struct db *db, int64_t id, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	return db_query(db, SQL_EXPERIMENT_DROP, &args, NULL, e);
}

bool experiments_drop(struct db *db, const struct experiments_step *step,
	struct arena *a, struct experiments_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (experiments_one(db, step->id, a, row, e) &&
		(!*row || (experiments_remove(db, step->id, a, e) &&
				  experiments_note(db, &step->actor, "experiment.drop",
					  *row, a, e))))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
