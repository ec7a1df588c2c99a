#include "server/store/targets.h"

#include <sodium.h>
#include <string.h>

const char *const targets_event_name[TARGETS_EVENTS] = {"opened", "reopened",
	"escalated", "regressed", "acknowledged", "resolved", "dismissed", "quiet",
	"growing", "verified"};
const char *const targets_kind_name[TARGETS_KINDS] = {"webhook", "alertmanager-webhook",
	"alertmanager", "smtp", "slack", "feishu", "dingtalk", "wecom"};

bool targets_kind_signs(const char *kind)
{
	return strcmp(kind, "webhook") == 0 ||
	       strcmp(kind, "alertmanager-webhook") == 0;
}

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
		.recipients = db_text_copy(rows, row, "recipients", a),
		.sender = db_text_copy(rows, row, "sender", a),
		.username = db_text_copy(rows, row, "username", a),
		.enabled = db_bool(rows, row, "enabled"),
		.starttls = db_bool(rows, row, "starttls"),
		.has_password = db_bool(rows, row, "has_password"),
		.a_minute = db_int(rows, row, "a_minute"),
		.is_signed = db_bool(rows, row, "signed"),
		.secret_ms = db_time(rows, row, "secret_made_at"),
		.old_until_ms = db_time(rows, row, "old_until"),
		.resting_ms = db_time(rows, row, "resting_until"),
		.created_by = db_text_copy(rows, row, "created_by", a),
		.created_ms = db_time(rows, row, "created_at"),
		.revision = db_int(rows, row, "revision"),
		.waiting = db_int(rows, row, "waiting"),
		.failed = db_int(rows, row, "failed"),
		.sent = db_int(rows, row, "sent"),
		.muted = db_int(rows, row, "muted"),
		.sent_ms = db_time(rows, row, "sent_at"),
		.problem = db_text_copy(rows, row, "problem", a),
	};
}

/* id 0: all */
static bool targets_ask(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct targets_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (id)
		db_arg_int(&args, id);
	else
		db_arg_null(&args);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TARGET_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = targets_read(&rows, i, a);
	return true;
}

bool targets_list(struct db *db, int64_t now_ms, struct arena *a,
	struct targets_row **rows, size_t *count, struct err *e)
{
	return targets_ask(db, 0, now_ms, a, rows, count, e);
}

bool targets_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct targets_row **row, struct err *e)
{
	size_t count;
	if (!targets_ask(db, id, now_ms, a, row, &count, e))
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
	db_arg_text(args, wish->recipients);
	db_arg_text(args, wish->sender);
	db_arg_text(args, wish->username);
	db_arg_bool(args, wish->starttls);
	db_arg_int(args, wish->a_minute);
}

/* 256 bits, to be written down. */
static const char *targets_secret(struct arena *a)
{
	unsigned char bytes[32];
	char *text = arena_alloc(a, TARGETS_SECRET);
	randombytes_buf(bytes, sizeof bytes);
	memcpy(text, "tms1_", 5);
	sodium_bin2hex(text + 5, TARGETS_SECRET - 5, bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
	return text;
}

static bool targets_keep_secret(struct db *db, const struct targets_wish *wish,
	int64_t id, struct arena *a, const char **secret, struct err *e)
{
	struct db_args args;
	*secret = targets_kind_signs(wish->kind) ? targets_secret(a) : NULL;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_text(&args, wish->password);
	db_arg_text(&args, *secret ? *secret : "");
	db_arg_time(&args, wish->now_ms);
	return db_query(db, SQL_TARGET_SECRET_PUT, &args, NULL, e);
}

static bool targets_insert(struct db *db, const struct targets_wish *wish,
	struct arena *a, struct targets_row **row, const char **secret, struct err *e)
{
	struct db_args args;
	targets_args(&args, wish, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TARGET_PUT, &args, &rows, e))
		return false;
	*row = NULL;
	*secret = NULL;
	if (rows.count == 0)
		return true;
	int64_t id = db_int(&rows, 0, "id");
	return targets_keep_secret(db, wish, id, a, secret, e) &&
	       targets_note(
		       db, &wish->actor, "target.add", wish->name, wish->url, a, e) &&
	       targets_one(db, id, wish->now_ms, a, row, e);
}

bool targets_add(struct db *db, const struct targets_wish *wish, struct arena *a,
	struct targets_row **row, const char **secret, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (targets_insert(db, wish, a, row, secret, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* A password is for those whom it was given for: whoever changes where it goes has to
 * know it. */
static bool targets_may_move(const struct targets_row *before,
	const struct targets_wish *wish, struct err *e)
{
	if (!before || !before->has_password || wish->password ||
		(strcmp(before->url, wish->url) == 0 &&
			strcmp(before->kind, wish->kind) == 0 &&
			before->starttls == wish->starttls))
		return true;
	return err_set(
		e, ERR_INPUT, "password: must be given again when the address changes");
}

static bool targets_update(struct db *db, const struct targets_wish *wish,
	struct arena *a, bool *done, struct targets_row **row, struct err *e)
{
	struct db_args args;
	struct targets_row *before;
	if (!targets_one(db, wish->id, wish->now_ms, a, &before, e) ||
		!targets_may_move(before, wish, e))
		return false;
	targets_args(&args, wish, a);
	db_arg_text(&args, wish->password);
	db_arg_int(&args, wish->id);
	db_arg_int(&args, wish->revision);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_TARGET_CHANGE, &args, &rows, e))
		return false;
	*done = rows.count > 0;
	return (!*done || targets_note(db, &wish->actor, "target.change", wish->name,
				  wish->url, a, e)) &&
	       targets_one(db, wish->id, wish->now_ms, a, row, e);
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

static bool targets_turn_inside(struct db *db, const struct targets_step *step,
	struct arena *a, struct targets_row **row, const char **secret, struct err *e)
{
	struct db_args args;
	*secret = NULL;
	if (!targets_one(db, step->id, step->now_ms, a, row, e))
		return false;
	if (!*row || !targets_kind_signs((*row)->kind))
		return true;
	*secret = targets_secret(a);
	db_args_init(&args, a);
	db_arg_int(&args, step->id);
	db_arg_text(&args, *secret);
	db_arg_time(&args, step->now_ms);
	db_arg_time(&args, step->now_ms + step->overlap_ms);
	return db_query(db, SQL_TARGET_SECRET_TURN, &args, NULL, e) &&
	       targets_note(db, &step->actor, "target.secret", (*row)->name,
		       (*row)->url, a, e) &&
	       targets_one(db, step->id, step->now_ms, a, row, e);
}

bool targets_turn(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, const char **secret, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (targets_turn_inside(db, step, a, row, secret, e))
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
	if (!targets_one(db, step->id, step->now_ms, a, row, e))
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
	       targets_one(db, step->id, step->now_ms, a, row, e);
}
