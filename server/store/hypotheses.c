#include "server/store/hypotheses.h"

static struct hypotheses_row row_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct hypotheses_row){
		.id = db_int(rows, row, "id"),
		.alert_id = db_int(rows, row, "alert_id"),
		.key = db_text_copy(rows, row, "key", a),
		.text = {db_text_copy(rows, row, "cause", a),
			db_text_copy(rows, row, "test", a),
			db_text_copy(rows, row, "result", a),
			db_text_copy(rows, row, "verdict", a),
			db_text_copy(rows, row, "remark", a)},
		.author_id = db_int(rows, row, "author_id"),
		.author = db_text_copy(rows, row, "author", a),
		.changed_ms = db_time(rows, row, "changed_at"),
		.revision = db_int(rows, row, "revision"),
	};
}

bool hypotheses_of_alert(struct db *db, int64_t alert_id, struct arena *a,
	struct hypotheses_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, alert_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HYPOTHESIS_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = row_read(&rows, i, a);
	return true;
}

bool hypotheses_one(struct db *db, int64_t id, struct arena *a,
	struct hypotheses_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HYPOTHESIS_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = row_read(&rows, 0, a);
	return true;
}

static void put_revision(struct db_args *args, int64_t revision)
{
	if (revision)
		db_arg_int(args, revision);
	else
		db_arg_null(args);
}

static void put_texts(struct db_args *args, const struct hypotheses_text *text)
{
	db_arg_text(args, text->cause);
	db_arg_text(args, text->test);
	db_arg_text(args, text->result);
	db_arg_text(args, text->verdict);
	db_arg_text(args, text->remark);
}

static void put_who(struct db_args *args, const struct hypotheses_change *change)
{
	db_arg_int(args, change->id);
	db_arg_int(args, change->user_id);
	db_arg_time(args, change->now_ms);
}

bool hypotheses_add(struct db *db, const struct hypotheses_change *change,
	struct arena *a, struct hypotheses_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	put_who(&args, change);
	put_texts(&args, &change->text);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_HYPOTHESIS_PUT, &args, &rows, e))
		return false;
	*row = NULL;
	return rows.count == 0 || hypotheses_one(db, db_int(&rows, 0, "id"), a, row, e);
}

static bool ask(struct db *db, enum sql_query query, const struct db_args *args,
	bool *done, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, args, &rows, e))
		return false;
	*done = rows.count > 0;
	return true;
}

bool hypotheses_change(struct db *db, const struct hypotheses_change *change,
	struct arena *a, bool *done, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	put_who(&args, change);
	put_texts(&args, &change->text);
	db_arg_bool(&args, change->is_anybodys);
	put_revision(&args, change->revision);
	return ask(db, SQL_HYPOTHESIS_CHANGE, &args, done, e);
}

bool hypotheses_drop(struct db *db, const struct hypotheses_change *change,
	struct arena *a, bool *done, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	put_who(&args, change);
	db_arg_bool(&args, change->is_anybodys);
	put_revision(&args, change->revision);
	return ask(db, SQL_HYPOTHESIS_DROP, &args, done, e);
}

bool hypotheses_remark(struct db *db, const struct hypotheses_change *change,
	struct arena *a, bool *done, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	put_who(&args, change);
	db_arg_text(&args, change->key);
	db_arg_text(&args, change->text.remark);
	put_revision(&args, change->revision);
	return ask(db, SQL_HYPOTHESIS_REMARK, &args, done, e);
}
