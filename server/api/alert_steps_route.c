#include "common/log.h"
#include "common/utf8.h"
#include "server/api/alert_shape.h"
#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/api/shared.h"
#include "server/store/alert_steps.h"
#include "server/store/feedback.h"
#include "server/store/users.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
	ALERT_STEPS_ROUTE_BULK_MAX = 200,
	ALERT_STEPS_ROUTE_HOSTS_MAX = 1000000,
	ALERT_STEPS_ROUTE_VERSION_MAX = 256, /* bytes */
};

#define ALERT_STEPS_ROUTE_KB_MAX 1e12

/* A text of the body; when it must be there, it must say something. */
static bool alert_steps_route_text(struct call *c, struct body *body,
	const struct body_text *want, const char **out, struct err *e)
{
	const char *text;
	if (!body_text(body, want, &text, e))
		return false;
	bool blank = text && utf8_is_blank(text);
	if (want->required && blank) {
		c->pointer = arena_printf(c->arena, "/%s", want->name);
		return err_set(e, ERR_INPUT, "%s: must not be empty", want->name);
	}
	*out = text ? arena_strdup(c->arena, text) : NULL;
	return true;
}

/* A name of something: blank is none. */
static bool alert_steps_route_name(struct call *c, struct body *body,
	const struct body_text *want, const char **out, struct err *e)
{
	if (!alert_steps_route_text(c, body, want, out, e))
		return false;
	if (*out && utf8_is_blank(*out))
		*out = NULL;
	return true;
}

static bool alert_steps_route_until(
	struct call *c, struct body *body, int64_t *until_ms, struct err *e)
{
	static const struct body_int want = {"until_ms", 0, QUERY_TIME_MAX, 0};
	if (!body_int(body, &want, until_ms, e))
		return false;
	if (*until_ms == 0 || *until_ms > c->now_ms)
		return true;
	c->pointer = "/until_ms";
	return err_set(e, ERR_INPUT, "until_ms: must lie ahead");
}

static bool alert_steps_route_archive(
	struct call *c, struct body *body, struct alert_steps_order *o, struct err *e)
{
	static const struct body_number rate = {
		"above_kb_h", 0, ALERT_STEPS_ROUTE_KB_MAX};
	static const struct body_int hosts = {
		"above_hosts", 0, ALERT_STEPS_ROUTE_HOSTS_MAX, -1};
	if (!alert_steps_route_until(c, body, &o->until_ms, e) ||
		!body_number(body, &rate, &o->above_kb_h, e) ||
		!body_int(body, &hosts, &o->above_hosts, e))
		return false;
	if (o->until_ms || !isnan(o->above_kb_h) || o->above_hosts >= 0)
		return true;
	return err_set(e, ERR_INPUT,
		"until_ms, above_kb_h or above_hosts must say when it comes back");
}

/* The members that a step takes. */
static bool alert_steps_route_members(
	struct call *c, struct body *body, struct alert_steps_order *o, struct err *e)
{
	static const struct body_text note = {"note", ALERTS_NOTE_MAX, false},
				      text = {"text", ALERTS_NOTE_MAX, true},
				      reason = {"reason", FEEDBACK_REASON_MAX, true},
				      owner = {"owner", USERS_NAME_MAX, false},
				      version = {"version",
					      ALERT_STEPS_ROUTE_VERSION_MAX, false};
	o->above_kb_h = (double)NAN;
	o->above_hosts = -1;
	switch (o->action) {
	case ALERT_STEPS_ACKNOWLEDGE:
		return alert_steps_route_text(c, body, &note, &o->note, e) &&
		       alert_steps_route_until(c, body, &o->until_ms, e) &&
		       alert_steps_route_name(c, body, &owner, &o->owner, e);
	case ALERT_STEPS_ASSIGN:
		return alert_steps_route_name(c, body, &owner, &o->owner, e);
	case ALERT_STEPS_ARCHIVE:
		return alert_steps_route_text(c, body, &note, &o->note, e) &&
		       alert_steps_route_archive(c, body, o, e);
	case ALERT_STEPS_RESOLVE:
		return alert_steps_route_text(c, body, &note, &o->note, e) &&
		       alert_steps_route_name(c, body, &version, &o->version, e);
	case ALERT_STEPS_DISMISS:
		return alert_steps_route_text(c, body, &reason, &o->note, e);
	case ALERT_STEPS_REOPEN:
		return alert_steps_route_text(c, body, &note, &o->note, e);
	case ALERT_STEPS_NOTE:
		return alert_steps_route_text(c, body, &text, &o->note, e);
	default:
		return true;
	}
}

static struct alert_steps_order alert_steps_route_order(
	const struct call *c, enum alert_steps_action action)
{
	return (struct alert_steps_order){
		.action = action,
		.actor = {c->user.id, c->user.name},
		.now_ms = c->now_ms,
		.verify_hours = c->shared->options.verify_hours,
	};
}

static int alert_steps_route_status(enum alert_steps_outcome outcome)
{
	switch (outcome) {
	case ALERT_STEPS_DONE:
		return 200;
	case ALERT_STEPS_MISSING:
		return 404;
	case ALERT_STEPS_MOVED_ON:
		return 412;
	case ALERT_STEPS_NOBODY:
		return 400;
	case ALERT_STEPS_FAILED:
		return 503;
	case ALERT_STEPS_REFUSED:
		break;
	}
	return 409;
}

static bool alert_steps_route_read(
	struct call *c, struct alert_steps_order *order, struct err *e)
{
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	return body_open(&body, source, c->arena, &c->pointer, e) &&
	       alert_steps_route_members(c, &body, order, e) && body_finish(&body, e);
}

static bool alert_steps_route_one(
	struct call *c, enum alert_steps_action action, struct err *e)
{
	struct alert_steps_order order = alert_steps_route_order(c, action);
	struct alert_steps_result result;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &order.alert_id, e) ||
		!revision_wanted(c, &order.revision, e) ||
		!alert_steps_route_read(c, &order, e) || !call_db(c, e) ||
		!alert_steps_take(c->db, &order, c->arena, &result, e))
		return false;
	if (result.outcome == ALERT_STEPS_MISSING)
		return call_missing(c, "alert", e);
	if (result.outcome == ALERT_STEPS_NOBODY)
		c->pointer = "/owner";
	if (result.outcome != ALERT_STEPS_DONE)
		return call_problem(c, alert_steps_route_status(result.outcome), e,
			"%s", result.why);
	if (!alert_shape_write(c, result.row, e))
		return false;
	revision_put_etag(c, result.row->revision);
	return true;
}

bool alert_steps_route_acknowledge(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_ACKNOWLEDGE, e);
}

bool alert_steps_route_assign(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_ASSIGN, e);
}

bool alert_steps_route_archive_one(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_ARCHIVE, e);
}

bool alert_steps_route_resolve(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_RESOLVE, e);
}

bool alert_steps_route_dismiss(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_DISMISS, e);
}

bool alert_steps_route_reopen(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_REOPEN, e);
}

bool alert_steps_route_note(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_NOTE, e);
}

bool alert_steps_route_undo(struct call *c, struct err *e)
{
	return alert_steps_route_one(c, ALERT_STEPS_UNDO, e);
}

/* One answer of many. */
static void alert_steps_route_put(
	struct call *c, int64_t id, const struct alert_steps_result *result)
{
	struct json *j = &c->json;
	json_object(j);
	json_put_int(j, "id", id);
	json_put_int(j, "status", alert_steps_route_status(result->outcome));
	json_put_string(j, "detail", result->why);
	if (result->row) {
		json_key(j, "alert");
		json_object(j);
		shape_alert_members(j, result->row);
		json_end(j);
	} else {
		json_put_null(j, "alert");
	}
	json_end(j);
}

static bool alert_steps_route_action(struct call *c, struct body *body,
	enum alert_steps_action *action, struct err *e)
{
	static const struct body_text want = {"step", 32, true};
	const char *step;
	if (!body_text(body, &want, &step, e))
		return false;
	for (int i = 0; i < ALERT_STEPS_COUNT; i++) {
		if (i == ALERT_STEPS_NOTE || strcmp(alert_steps_name[i], step) != 0)
			continue;
		*action = (enum alert_steps_action)i;
		return true;
	}
	c->pointer = "/step";
	return err_set(e, ERR_INPUT,
		"step: must be acknowledge, assign, archive, resolve, dismiss, reopen "
		"or undo");
}

struct alert_steps_route_many {
	struct alert_steps_order order;
	const struct body_mark *marks;
	size_t count;
};

static bool alert_steps_route_read_many(
	struct call *c, struct alert_steps_route_many *many, struct err *e)
{
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	enum alert_steps_action action;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!alert_steps_route_action(c, &body, &action, e) ||
		!body_marks(&body, "alerts", ALERT_STEPS_ROUTE_BULK_MAX, &many->marks,
			&many->count, e))
		return false;
	many->order = alert_steps_route_order(c, action);
	return alert_steps_route_members(c, &body, &many->order, e) &&
	       body_finish(&body, e);
}

/* Each in a transaction of its own: what one does not allow keeps no other back.  Of a
 * database that fails on the way, those that were done are still told. */
bool alert_steps_route_bulk(struct call *c, struct err *e)
{
	struct alert_steps_route_many many = {0};
	if (!query_finish(&c->query, e) || !alert_steps_route_read_many(c, &many, e) ||
		!call_take_turn(c, e) || !call_db(c, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < many.count; i++) {
		struct alert_steps_result result;
		many.order.alert_id = many.marks[i].id;
		many.order.revision = many.marks[i].revision;
		if (!alert_steps_take(c->db, &many.order, c->arena, &result, e)) {
			log_warn("api: a step on alert %" PRId64 ": %s",
				many.order.alert_id, e->text);
			if (i == 0)
				return false;
			result = (struct alert_steps_result){
				.outcome = ALERT_STEPS_FAILED,
				.why = "cannot be done now; try again",
			};
		}
		alert_steps_route_put(c, many.marks[i].id, &result);
	}
	call_items_end(c, NULL);
	return true;
}
