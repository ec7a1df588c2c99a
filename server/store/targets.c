#include "server/store/targets.h"

const char *const targets_event_name[TARGETS_EVENTS] = {"opened", "reopened",
	"escalated", "regressed", "acknowledged", "resolved", "dismissed", "quiet",
	"growing", "verified"};
const char *const targets_kind_name[TARGETS_KINDS] = {"webhook"};

static struct targets_row targets_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct targets_row){
		.id = db_int(rows, row, "id"),
		.name = db_text_copy(rows, row, "name", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.url = db_text_copy(rows, row, "url", a),
		.service = db_text_copy(rows, row, "service", a),
		.events = db_text_copy(rows, row, "events", a),
		.enabled = db_bool(rows, row, "enabled"),
		.created_by = db_text_copy(rows, row, "created_by", a),
		.created_ms = db_time(rows, row, "created_at"),
		.revision = db_int(rows, row, "revision"),
		.waiting = db_int(rows, row, "waiting"),
		.failed = db_int(rows, row, "failed"),
		.sent = db_int(rows, row, "sent"),
		.sent_ms = db_time(rows, row, "sent_at"),
		.problem = db_text_copy(rows, row, "problem", a),
	};
}

/* id 0: all */
static bool targets_ask(struct db *db, int64_t id, struct arena *a,
	struct targets_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (id)
		db_arg_int(&args, id);
	else
		db_arg_null(&args);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TARGET_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = targets_read(&rows, i, a);
	return true;
}

bool targets_list(struct db *db, struct arena *a, struct targets_row **rows,
	size_t *count, struct err *e)
{
	return targets_ask(db, 0, a, rows, count, e);
}

bool targets_one(struct db *db, int64_t id, struct arena *a, struct targets_row **row,
	struct err *e)
{
	size_t count;
	if (!targets_ask(db, id, a, row, &count, e))
		return false;
	if (count == 0)
		*row = NULL;
	return true;
}

/* Inside the transaction. */
static bool targets_note(struct db *db, const struct audit_actor *actor,
	const char *action, const char *name, const char *url, struct arena *a,
	struct err *e)
{
	struct audit_entry entry = {
		.actor = *actor, .action = action, .subject = name, .detail = url};
	return audit_put(db, &entry, a, e);
}

static void targets_args(
	struct db_args *args, const struct targets_wish *wish, struct arena *a)
{
	db_args_init(args, a);
	db_arg_text(args, wish->name);
	db_arg_text(args, wish->kind);
	db_arg_text(args, wish->url);
	db_arg_text(args, wish->service);
	db_arg_texts(args, wish->events, wish->event_count);
	db_arg_bool(args, wish->enabled);
	db_arg_text(args, wish->actor.name);
}

static bool targets_insert(struct db *db, const struct targets_wish *wish,
	struct arena *a, struct targets_row **row, struct err *e)
{
	struct db_args args;
	targets_args(&args, wish, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TARGET_PUT, &args, &rows, e))
		return false;
	*row = NULL;
	return rows.count == 0 ||
	       (targets_note(
			db, &wish->actor, "target.add", wish->name, wish->url, a, e) &&
		       targets_one(db, db_int(&rows, 0, "id"), a, row, e));
}

bool targets_add(struct db *db, const struct targets_wish *wish, struct arena *a,
	struct targets_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (targets_insert(db, wish, a, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool targets_update(struct db *db, const struct targets_wish *wish,
	struct arena *a, bool *done, struct targets_row **row, struct err *e)
{
	struct db_args args;
	targets_args(&args, wish, a);
	db_arg_int(&args, wish->id);
	db_arg_int(&args, wish->revision);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TARGET_CHANGE, &args, &rows, e))
		return false;
	*done = rows.count > 0;
	return (!*done || targets_note(db, &wish->actor, "target.change", wish->name,
				  wish->url, a, e)) &&
	       targets_one(db, wish->id, a, row, e);
}

bool targets_change(struct db *db, const struct targets_wish *wish, struct arena *a,
	bool *done, struct targets_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (targets_update(db, wish, a, done, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool targets_remove(struct db *db, const struct targets_step *step,
	struct arena *a, struct targets_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->id);
	if (!targets_one(db, step->id, a, row, e))
		return false;
	return !*row || (db_query(db, SQL_TARGET_DROP, &args, NULL, e) &&
				targets_note(db, &step->actor, "target.drop",
					(*row)->name, (*row)->url, a, e));
}

bool targets_drop(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (targets_remove(db, step, a, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

bool targets_try(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->id);
	db_arg_time(&args, step->now_ms);
	return db_query(db, SQL_TARGET_TRY, &args, NULL, e) &&
	       targets_one(db, step->id, a, row, e);
}
