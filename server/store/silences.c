#include "server/store/silences.h"

static struct silences_row row_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct silences_row){
		.id = db_int(rows, row, "id"),
		.globs = {db_text_copy(rows, row, "service", a),
			db_text_copy(rows, row, "host", a),
			db_text_copy(rows, row, "version", a),
			db_text_copy(rows, row, "kind", a)},
		.window = {db_time(rows, row, "starts_at"),
			db_time(rows, row, "ends_at"), db_bool(rows, row, "weekly")},
		.ended_ms = db_time(rows, row, "ended_at"),
		.reason = db_text_copy(rows, row, "reason", a),
		.state = db_text_copy(rows, row, "state", a),
		.created_by = db_text_copy(rows, row, "created_by", a),
		.created_ms = db_time(rows, row, "created_at"),
		.revision = db_int(rows, row, "revision"),
	};
}

bool silences_page(struct db *db, const struct silences_filter *filter, struct arena *a,
	struct silences_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_texts(&args, filter->states, filter->state_count);
	db_arg_time(&args, filter->now_ms);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = row_read(&rows, i, a);
	return true;
}

static bool one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct silences_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = row_read(&rows, 0, a);
	return true;
}

static void put_globs(struct db_args *args, const struct silences_globs *globs)
{
	db_arg_text(args, globs->service);
	db_arg_text(args, globs->host);
	db_arg_text(args, globs->version);
	db_arg_text(args, globs->kind);
}

static void put_what(struct db_args *args, const struct silences_change *change)
{
	put_globs(args, &change->globs);
	db_arg_time(args, change->window.starts_ms);
	db_arg_time(args, change->window.ends_ms);
	db_arg_bool(args, change->window.weekly);
	db_arg_text(args, change->reason);
}

static void put_revision(struct db_args *args, int64_t revision)
{
	if (revision)
		db_arg_int(args, revision);
	else
		db_arg_null(args);
}

bool silences_add(struct db *db, const struct silences_change *change, struct arena *a,
	struct silences_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, change->user_id);
	db_arg_time(&args, change->now_ms);
	put_what(&args, change);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_PUT, &args, &rows, e))
		return false;
	*row = NULL;
	return rows.count == 0 ||
	       one(db, db_int(&rows, 0, "id"), change->now_ms, a, row, e);
}

bool silences_change(struct db *db, const struct silences_change *change,
	struct arena *a, bool *done, struct silences_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, change->id);
	db_arg_time(&args, change->now_ms);
	put_what(&args, change);
	put_revision(&args, change->revision);
	db_arg_int(&args, change->user_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_CHANGE, &args, &rows, e))
		return false;
	*done = rows.count > 0;
	return one(db, change->id, change->now_ms, a, row, e);
}

bool silences_end(struct db *db, const struct silences_change *change, struct arena *a,
	bool *done, struct silences_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, change->id);
	db_arg_time(&args, change->now_ms);
	put_revision(&args, change->revision);
	db_arg_int(&args, change->user_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_END, &args, &rows, e))
		return false;
	*done = rows.count > 0;
	return one(db, change->id, change->now_ms, a, row, e);
}

bool silences_mute(struct db *db, int64_t alert_id, int64_t now_ms, struct arena *a,
	int64_t *until_ms, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, alert_id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_OF_ALERT, &args, &rows, e))
		return err_wrap(e, "asking whether an alert is muted");
	*until_ms = rows.count ? db_time(&rows, 0, "until") : 0;
	return true;
}

static bool preview_counts(struct db *db, const struct silences_globs *globs,
	int64_t now_ms, struct arena *a, struct silences_reach *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, globs->service);
	db_arg_text(&args, globs->host);
	db_arg_text(&args, globs->version);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_PREVIEW_COUNTS, &args, &rows, e))
		return false;
	out->services = db_int(&rows, 0, "services");
	out->hosts = db_int(&rows, 0, "hosts");
	out->instances = db_int(&rows, 0, "instances");
	return true;
}

bool silences_preview(struct db *db, const struct silences_globs *globs, int64_t now_ms,
	struct arena *a, struct silences_reach *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	put_globs(&args, globs);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SILENCE_PREVIEW_ALERTS, &args, &rows, e))
		return false;
	int64_t *ids = arena_array(a, (size_t)rows.count, sizeof *ids);
	for (int i = 0; i < rows.count; i++)
		ids[i] = db_int(&rows, i, "id");
	out->alerts = (struct figures_ids){ids, (size_t)rows.count};
	return preview_counts(db, globs, now_ms, a, out, e);
}
