#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/replays.h"

#include <inttypes.h>

static void replays_route_row(struct json *j, const struct replays_row *r)
{
	json_object(j);
	json_put_int(j, "id", r->id);
	json_put_int(j, "service", r->service_id);
	json_put_string(j, "sensitivity", r->sensitivity);
	json_put_int(j, "from_ms", r->from_ms);
	json_put_int(j, "to_ms", r->to_ms);
	json_put_string(j, "state", r->state);
	json_put_string(j, "asked_by", r->asked_by);
	json_put_int(j, "asked_at_ms", r->asked_ms);
	shape_put_time(j, "ended_at_ms", r->ended_ms);
	json_put_int(j, "readings", r->readings);
	json_put_int(j, "alarm_count", r->alarm_count);
	json_put_string(j, "text", r->text);
	if (r->alarms)
		json_put_raw(j, "alarms", r->alarms);
	if (r->raised)
		json_put_raw(j, "raised", r->raised);
	json_end(j);
}

bool replays_route_list(struct call *c, struct err *e)
{
	struct replays_filter filter = {0};
	struct replays_row *rows;
	size_t count;
	if (!call_service(c, &filter.service_id, e) ||
		!call_after_id(c, &filter.after_id, e) ||
		!call_limit(c, &filter.limit, e) || !query_finish(&c->query, e) ||
		!call_db(c, e) ||
		!replays_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		replays_route_row(&c->json, &rows[i]);
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64, rows[shown - 1].id)
			      : NULL);
	return true;
}

bool replays_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct replays_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "replay", &id, e) ||
		!call_db(c, e) || !replays_one(c->db, id, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "replay", e);
	replays_route_row(&c->json, row);
	return true;
}

/* Of a body's number: absent is 0, which is before all history. */
static bool replays_route_read(struct call *c, struct replays_ask *ask, struct err *e)
{
	static const struct body_text sensitivity = {"sensitivity", 16, true};
	static const struct body_int from = {"from_ms", 1, QUERY_TIME_MAX, 0};
	static const struct body_int to = {"to_ms", 1, QUERY_TIME_MAX, 0};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *text;
	return body_open(&body, source, c->arena, &c->pointer, e) &&
	       body_text(&body, &sensitivity, &text, e) &&
	       body_int(&body, &from, &ask->from_ms, e) &&
	       body_int(&body, &to, &ask->to_ms, e) && body_finish(&body, e) &&
	       call_sensitivity(c, text, &ask->sensitivity, e);
}

static bool replays_route_check(struct call *c, struct replays_ask *ask, struct err *e)
{
	if (!ask->from_ms) {
		c->pointer = "/from_ms";
		return err_set(e, ERR_INPUT, "from_ms: must be given");
	}
	if (!ask->to_ms || ask->to_ms > c->now_ms)
		ask->to_ms = c->now_ms;
	if (ask->from_ms >= ask->to_ms) {
		c->pointer = "/from_ms";
		return err_set(
			e, ERR_INPUT, "from_ms: must lie before the end and now");
	}
	if (ask->to_ms - ask->from_ms > REPLAYS_SPAN_MAX_MS) {
		c->pointer = "/from_ms";
		return err_set(e, ERR_INPUT, "from_ms: a replay is 14 days at most");
	}
	return true;
}

bool replays_route_create(struct call *c, struct err *e)
{
	struct replays_ask ask = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct replays_reply reply;
	if (!query_finish(&c->query, e) || !call_id(c, "service", &ask.service_id, e) ||
		!replays_route_read(c, &ask, e) || !replays_route_check(c, &ask, e) ||
		!call_db(c, e) || !replays_create(c->db, &ask, c->arena, &reply, e))
		return false;
	if (reply.open_id)
		return call_problem(c, 409, e,
			"replay %" PRId64 " of this service is still %s", reply.open_id,
			reply.open_state);
	if (!reply.row)
		return call_missing(c, "service", e);
	replays_route_row(&c->json, reply.row);
	c->response->status = 202;
	http_add_header(c->response, "Location",
		arena_printf(c->arena, "/api/v1/replays/%" PRId64, reply.row->id));
	return true;
}
