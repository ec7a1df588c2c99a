#include "server/store/alert_steps.h"

#include "common/buf.h"
#include "server/store/cases.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

const char *const alert_steps_name[ALERT_STEPS_COUNT] = {"acknowledge", "assign",
	"archive", "resolve", "dismiss", "reopen", "note", "undo"};

/* Of the events. */
static const char *const alert_steps_kind[ALERT_STEPS_COUNT] = {"acknowledged",
	"assigned", "archived", "resolved", "dismissed", "reopened", "note", "undone"};

/* One step on its way. */
struct alert_steps_way {
	struct db *db;
	const struct alert_steps_order *order;
	struct arena *arena;
	struct alert_steps_result *result;

	/* The alert as it is before. */
	const char *state, *resolution, *resolved_in, *before, *subject;
	int64_t revision, service_id;
	bool is_beyond; /* tied to alerts of services that the actor does not see */

	int64_t new_owner_id; /* 0: nobody */
	const char *text;     /* of the event */
	int64_t undone_id;    /* the event that is undone */
};

static bool alert_steps_lock(struct alert_steps_way *w, bool *found, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(w->db, SQL_ALERT_LOCK, &args, &rows, e))
		return false;
	*found = rows.count == 1;
	if (!*found)
		return true;
	w->state = db_text_copy(&rows, 0, "state", w->arena);
	w->resolution = db_text_copy(&rows, 0, "resolution", w->arena);
	w->resolved_in = db_text_copy(&rows, 0, "resolved_in", w->arena);
	w->before = db_text_copy(&rows, 0, "before", w->arena);
	w->revision = db_int(&rows, 0, "revision");
	w->service_id = db_int(&rows, 0, "service_id");
	w->is_beyond = db_bool(&rows, 0, "beyond");
	w->subject = arena_printf(w->arena, "alert %" PRId64 ", %s %s",
		w->order->alert_id, db_text(&rows, 0, "service"),
		db_text(&rows, 0, "version"));
	return true;
}

/* Always true: what is wrong is told in the result. */
static bool alert_steps_refuse(
	struct alert_steps_way *w, enum alert_steps_outcome outcome, const char *why)
{
	w->result->outcome = outcome;
	w->result->why = why;
	return true;
}

static bool alert_steps_is(const struct alert_steps_way *w, const char *state)
{
	return strcmp(w->state, state) == 0;
}

/* Whether its state allows the step. */
static bool alert_steps_allowed(const struct alert_steps_way *w)
{
	const struct alert_steps_order *o = w->order;
	bool resolved = alert_steps_is(w, "resolved");
	switch (o->action) {
	case ALERT_STEPS_ACKNOWLEDGE:
		return !resolved &&
		       (!alert_steps_is(w, "acknowledged") || o->until_ms || o->owner);
	case ALERT_STEPS_RESOLVE:
		return !resolved ||
		       (strcmp(w->resolution, "not-a-leak") != 0 && o->version &&
			       strcmp(o->version, w->resolved_in) != 0);
	case ALERT_STEPS_ARCHIVE:
	case ALERT_STEPS_DISMISS:
		return !resolved;
	case ALERT_STEPS_REOPEN:
		return !alert_steps_is(w, "open");
	default:
		return true;
	}
}

static bool alert_steps_find_owner(
	struct alert_steps_way *w, bool *found, struct err *e)
{
	const struct alert_steps_order *o = w->order;
	*found = true;
	w->new_owner_id = o->action == ALERT_STEPS_ACKNOWLEDGE ? o->actor.user_id : 0;
	if (!o->owner)
		return true;
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_text(&args, o->owner);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(w->db, SQL_USER_NAMED, &args, &rows, e))
		return false;
	*found = rows.count == 1;
	if (*found)
		w->new_owner_id = db_int(&rows, 0, "id");
	return true;
}

/* What is undone, or why it cannot be. */
static bool alert_steps_find_last(
	struct alert_steps_way *w, const char **why, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_int(&args, w->order->actor.user_id);
	db_arg_time(&args, w->order->now_ms - ALERT_STEPS_UNDO_MS);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(w->db, SQL_ALERT_LAST, &args, &rows, e))
		return false;
	*why = rows.count == 0 || !db_bool(&rows, 0, "is_own")
		       ? "what last happened to the alert was no step of yours"
	       : !db_bool(&rows, 0, "is_last")
		       ? "what last happened to the alert cannot be undone"
	       : !db_bool(&rows, 0, "is_fresh") ? "a step can be undone for a minute"
						: NULL;
	if (*why)
		return true;
	w->undone_id = db_int(&rows, 0, "id");
	w->text = db_text_copy(&rows, 0, "kind", w->arena);
	return true;
}

static void alert_steps_put_time(struct buf *b, int64_t unix_ms)
{
	char text[64];
	struct tm utc;
	time_t seconds = (time_t)(unix_ms / 1000);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", gmtime_r(&seconds, &utc));
	buf_text(b, text);
}

/* The terms of a step, for its event. */
static void alert_steps_put_terms(const struct alert_steps_way *w, struct buf *b)
{
	const struct alert_steps_order *o = w->order;
	bool archives = o->action == ALERT_STEPS_ARCHIVE;
	if (o->action == ALERT_STEPS_ASSIGN)
		buf_text(b, o->owner ? o->owner : "nobody");
	if (o->action == ALERT_STEPS_ACKNOWLEDGE && o->owner)
		buf_printf(b, "for %s", o->owner);
	if (o->action == ALERT_STEPS_RESOLVE && o->version)
		buf_printf(b, "in %s", o->version);
	if (o->until_ms) {
		buf_text(b, b->length ? ", until " : "until ");
		alert_steps_put_time(b, o->until_ms);
	}
	if (archives && !isnan(o->above_kb_h))
		buf_printf(b, "%sit grows by more than %.3g MiB per hour",
			b->length ? " or " : "until ", o->above_kb_h / 1024);
	if (archives && o->above_hosts >= 0)
		buf_printf(b, "%smore than %" PRId64 " %s leak",
			b->length ? " or " : "until ", o->above_hosts,
			o->above_hosts == 1 ? "host" : "hosts");
}

static const char *alert_steps_words(const struct alert_steps_way *w)
{
	struct buf b = {0};
	alert_steps_put_terms(w, &b);
	if (w->order->note && *w->order->note)
		buf_printf(&b, "%s%s", b.length ? ": " : "", w->order->note);
	const char *text = arena_strndup(w->arena, b.data ? b.data : "", b.length);
	buf_finish(&b);
	return text;
}

static void alert_steps_arg_id(struct db_args *args, int64_t id)
{
	if (id)
		db_arg_int(args, id);
	else
		db_arg_null(args);
}

static bool alert_steps_acknowledge(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_int(&args, w->order->actor.user_id);
	db_arg_time(&args, w->order->now_ms);
	db_arg_time_or_null(&args, w->order->until_ms);
	alert_steps_arg_id(&args, w->new_owner_id);
	return db_query(w->db, SQL_ALERT_ACKNOWLEDGE, &args, NULL, e);
}

static bool alert_steps_assign(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	alert_steps_arg_id(&args, w->new_owner_id);
	return db_query(w->db, SQL_ALERT_ASSIGN, &args, NULL, e);
}

static bool alert_steps_archive(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_int(&args, w->order->actor.user_id);
	db_arg_time(&args, w->order->now_ms);
	db_arg_time_or_null(&args, w->order->until_ms);
	db_arg_double(&args, w->order->above_kb_h);
	if (w->order->above_hosts >= 0)
		db_arg_int(&args, w->order->above_hosts);
	else
		db_arg_null(&args);
	return db_query(w->db, SQL_ALERT_ARCHIVE, &args, NULL, e);
}

static bool alert_steps_resolve(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_int(&args, w->order->actor.user_id);
	db_arg_time(&args, w->order->now_ms);
	db_arg_text(&args, w->order->version);
	db_arg_int(&args, w->order->verify_hours);
	return db_query(w->db, SQL_ALERT_RESOLVE, &args, NULL, e);
}

static bool alert_steps_dismiss(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_int(&args, w->order->actor.user_id);
	db_arg_time(&args, w->order->now_ms);
	db_arg_text(&args, w->order->note);
	return db_query(w->db, SQL_ALERT_DISMISS, &args, NULL, e);
}

static bool alert_steps_reopen(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_time(&args, w->order->now_ms);
	return db_query(w->db, SQL_ALERT_REOPEN, &args, NULL, e);
}

static bool alert_steps_note(struct alert_steps_way *w, struct err *e)
{
	(void)e;
	w->before = NULL; /* what was said was said */
	return true;
}

static bool alert_steps_undo(struct alert_steps_way *w, struct err *e)
{
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, w->order->alert_id);
	db_arg_int(&args, w->undone_id);
	db_arg_time(&args, w->order->now_ms);
	w->before = NULL;
	if (strcmp(w->text, "merged") != 0 && strcmp(w->text, "unmerged") != 0)
		return db_query(w->db, SQL_ALERT_RESTORE, &args, NULL, e);
	db_arg_int(&args, w->order->actor.user_id);
	return db_query(w->db, SQL_ALERT_REMERGE, &args, NULL, e);
}

/* Revision and event. */
static bool alert_steps_tell(struct alert_steps_way *w, struct err *e)
{
	const struct alert_steps_order *o = w->order;
	struct audit_entry entry = {
		.actor = o->actor,
		.action = arena_printf(
			w->arena, "alert.%s", alert_steps_name[o->action]),
		.service_id = w->service_id,
		.subject = w->subject,
		.detail = w->text,
	};
	struct db_args args;
	db_args_init(&args, w->arena);
	db_arg_int(&args, o->alert_id);
	db_arg_int(&args, o->actor.user_id);
	db_arg_time(&args, o->now_ms);
	db_arg_text(&args, alert_steps_kind[o->action]);
	db_arg_text(&args, w->text);
	db_arg_text(&args, w->before);
	return db_query(w->db, SQL_ALERT_STEP, &args, NULL, e) &&
	       audit_put(w->db, &entry, w->arena, e);
}

static bool alert_steps_do(struct alert_steps_way *w, struct err *e)
{
	static bool (*const actions[])(struct alert_steps_way *, struct err *) = {
		[ALERT_STEPS_ACKNOWLEDGE] = alert_steps_acknowledge,
		[ALERT_STEPS_ASSIGN] = alert_steps_assign,
		[ALERT_STEPS_ARCHIVE] = alert_steps_archive,
		[ALERT_STEPS_RESOLVE] = alert_steps_resolve,
		[ALERT_STEPS_DISMISS] = alert_steps_dismiss,
		[ALERT_STEPS_REOPEN] = alert_steps_reopen,
		[ALERT_STEPS_NOTE] = alert_steps_note,
		[ALERT_STEPS_UNDO] = alert_steps_undo,
	};
	if (!w->text)
		w->text = alert_steps_words(w);
	w->result->outcome = ALERT_STEPS_DONE;
	return actions[w->order->action](w, e) && alert_steps_tell(w, e);
}

/* Inside the transaction. */
static bool alert_steps_try(struct alert_steps_way *w, struct err *e)
{
	const struct alert_steps_order *o = w->order;
	const char *why = NULL;
	bool found;
	if (!alert_steps_lock(w, &found, e))
		return false;
	if (!found)
		return alert_steps_refuse(
			w, ALERT_STEPS_MISSING, "there is no such alert");
	if (o->revision && o->revision != w->revision)
		return alert_steps_refuse(w, ALERT_STEPS_MOVED_ON,
			arena_printf(w->arena,
				"the alert has moved on to revision %" PRId64,
				w->revision));
	if (w->is_beyond && o->action != ALERT_STEPS_NOTE)
		return alert_steps_refuse(w, ALERT_STEPS_REFUSED, cases_beyond);
	if (!alert_steps_allowed(w))
		return alert_steps_refuse(w, ALERT_STEPS_REFUSED,
			arena_printf(w->arena, "the alert is %s", w->state));
	if (!alert_steps_find_owner(w, &found, e))
		return false;
	if (!found)
		return alert_steps_refuse(w, ALERT_STEPS_NOBODY,
			arena_printf(w->arena, "there is no user '%s'", o->owner));
	if (o->action == ALERT_STEPS_UNDO && !alert_steps_find_last(w, &why, e))
		return false;
	if (why)
		return alert_steps_refuse(w, ALERT_STEPS_REFUSED, why);
	return alert_steps_do(w, e);
}

bool alert_steps_take(struct db *db, const struct alert_steps_order *order,
	struct arena *a, struct alert_steps_result *result, struct err *e)
{
	struct alert_steps_way way = {
		.db = db, .order = order, .arena = a, .result = result};
	*result = (struct alert_steps_result){0};
	if (!db_begin(db, e))
		return false;
	if (alert_steps_try(&way, e) &&
		alerts_one(db, order->alert_id, order->now_ms, a, &result->row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
