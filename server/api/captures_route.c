#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/snapshot_shape.h"
#include "server/store/captures.h"

#include <inttypes.h>
#include <string.h>

static struct audit_actor captures_route_actor(const struct call *c)
{
	return (struct audit_actor){c->user.id, c->user.name};
}

/* A cursor is "<id>". */
static bool captures_route_after(
	struct call *c, struct captures_filter *filter, struct err *e)
{
	const char *after;
	if (!query_after(&c->query, &after, e))
		return false;
	if (after &&
		(!query_after_int(&after, 1, INT32_MAX, &filter->after_id) || *after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool captures_route_list(struct call *c, struct err *e)
{
	struct captures_filter filter = {0};
	struct captures_row *rows;
	size_t count;
	if (!call_service(c, &filter.service_id, e) ||
		!call_limit(c, &filter.limit, e) ||
		!captures_route_after(c, &filter, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!captures_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		snapshot_shape_capture(j, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

bool captures_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct captures_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "capture", &id, e) ||
		!call_db(c, e) || !captures_one(c->db, id, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "capture", e);
	snapshot_shape_capture(&c->json, row);
	return true;
}

static bool captures_route_answer(struct call *c, const char *what,
	const struct captures_reply *reply, struct err *e)
{
	switch (reply->outcome) {
	case CAPTURES_DONE:
		snapshot_shape_capture(&c->json, reply->row);
		return true;
	case CAPTURES_MISSING:
		return call_missing(c, what, e);
	case CAPTURES_REFUSED:
	case CAPTURES_ASKS:
		break;
	}
	return call_problem(c, 409, e, "%s", reply->reason);
}

static bool captures_route_read_route(struct call *c, const char **route, struct err *e)
{
	static const char *const known[] = {"inspector", "preload", "signal", "jvm"};
	static const struct body_text want = {"route", 16, false};
	scoped_body struct body body = {0};
	const char *text;
	struct body_source source = {c->request->body, c->request->body_length};
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &want, &text, e) || !body_finish(&body, e))
		return false;
	*route = "";
	if (!text)
		return true;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i], text) == 0) {
			*route = known[i];
			return true;
		}
	c->pointer = "/route";
	return err_set(
		e, ERR_INPUT, "route: must be inspector, preload, signal or jvm");
}

bool captures_route_create(struct call *c, struct err *e)
{
	struct captures_ask ask = {.actor = captures_route_actor(c),
		.cause = "console",
		.now_ms = c->now_ms};
	struct captures_reply reply = {0};
	if (!query_finish(&c->query, e) || !call_id(c, "instance", &ask.slot_id, e) ||
		!captures_route_read_route(c, &ask.route, e) || !call_db(c, e) ||
		!captures_create(c->db, &ask, c->arena, &reply, e) ||
		!captures_route_answer(c, "instance", &reply, e))
		return false;
	c->response->status = 201;
	http_add_header(c->response, "Location",
		arena_printf(c->arena, "/api/v1/captures/%" PRId64, reply.row->id));
	return true;
}

struct captures_route_wish {
	bool overrule, keep_raw;
};

static bool captures_route_read_wish(
	struct call *c, struct captures_route_wish *wish, struct err *e)
{
	static const struct body_bool overrule = {"overrule", false, false};
	static const struct body_bool keep_raw = {"keep_raw", false, false};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	return body_open(&body, source, c->arena, &c->pointer, e) &&
	       body_bool(&body, &overrule, &wish->overrule, e) &&
	       body_bool(&body, &keep_raw, &wish->keep_raw, e) && body_finish(&body, e);
}

/* A member who says "overrule" is believed only where there is nothing to overrule. */
bool captures_route_confirm(struct call *c, struct err *e)
{
	struct captures_route_wish wish;
	struct captures_reply reply = {0};
	struct captures_step step = {
		.actor = captures_route_actor(c), .now_ms = c->now_ms};
	bool is_admin = c->user.role >= USERS_ADMIN;
	if (!query_finish(&c->query, e) || !call_id(c, "capture", &step.id, e) ||
		!captures_route_read_wish(c, &wish, e))
		return false;
	if (wish.keep_raw && !is_admin) {
		c->pointer = "/keep_raw";
		return call_problem(c, 403, e,
			"keep_raw: to keep the raw file needs the role admin; yours is "
			"%s",
			users_role_name(c->user.role));
	}
	step.keep_raw = wish.keep_raw;
	step.overrules = wish.overrule && is_admin;
	if (!call_db(c, e) || !captures_confirm(c->db, &step, c->arena, &reply, e))
		return false;
	if (reply.outcome == CAPTURES_ASKS && wish.overrule) {
		c->pointer = "/overrule";
		return call_problem(c, 403, e,
			"overrule: this needs the role admin; yours is %s: %s",
			users_role_name(c->user.role), reply.reason);
	}
	return captures_route_answer(c, "capture", &reply, e);
}

bool captures_route_cancel(struct call *c, struct err *e)
{
	struct captures_reply reply = {0};
	struct captures_step step = {
		.actor = captures_route_actor(c), .now_ms = c->now_ms};
	return query_finish(&c->query, e) && call_id(c, "capture", &step.id, e) &&
	       call_db(c, e) && captures_cancel(c->db, &step, c->arena, &reply, e) &&
	       captures_route_answer(c, "capture", &reply, e);
}
