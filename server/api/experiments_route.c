#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/experiments.h"

#include <inttypes.h>

#define EXPERIMENTS_AHEAD_MS (INT64_C(3600) * 1000)
#define EXPERIMENTS_PAST_MS  (INT64_C(400) * 86400 * 1000)

enum { EXPERIMENTS_NAME_MAX = 200, EXPERIMENTS_NOTE_MAX = 4000 };

static void experiments_route_row(struct json *j, const struct experiments_row *x)
{
	json_object(j);
	json_put_int(j, "id", x->id);
	shape_put_name(j, "service", "name", &x->service);
	json_put_string(j, "name", x->name);
	json_put_string(j, "note", x->note);
	json_put_int(j, "from_ms", x->from_ms);
	shape_put_time(j, "to_ms", x->to_ms);
	json_put_string(j, "created_by", x->created_by);
	json_put_int(j, "created_at_ms", x->created_ms);
	json_end(j);
}

static bool experiments_route_filter(
	struct call *c, struct experiments_filter *filter, struct err *e)
{
	static const struct query_range service = {1, INT32_MAX, 0};
	static const struct query_range from = {0, QUERY_TIME_MAX, 0};
	static const struct query_range to = {0, QUERY_TIME_MAX, QUERY_TIME_MAX};
	if (!query_int(&c->query, "service", &service, &filter->service_id, e) ||
		!query_int(&c->query, "from", &from, &filter->from_ms, e) ||
		!query_int(&c->query, "to", &to, &filter->to_ms, e) ||
		!call_limit(c, &filter->limit, e) ||
		!call_after_time(c, &filter->after_from_ms, &filter->after_id, e) ||
		!query_finish(&c->query, e))
		return false;
	return true;
}

bool experiments_route_list(struct call *c, struct err *e)
{
	struct experiments_filter filter = {0};
	struct experiments_row *rows;
	size_t count;
	if (!experiments_route_filter(c, &filter, e) || !call_db(c, e) ||
		!experiments_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		experiments_route_row(&c->json, &rows[i]);
	call_items_end(c, shown < count
				  ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
					    rows[shown - 1].from_ms, rows[shown - 1].id)
				  : NULL);
	return true;
}

bool experiments_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct experiments_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "experiment", &id, e) ||
		!call_db(c, e) || !experiments_one(c->db, id, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "experiment", e);
	experiments_route_row(&c->json, row);
	return true;
}

static const char *experiments_route_own(struct call *c, const char *text)
{
	return text ? arena_strdup(c->arena, text) : "";
}

static bool experiments_route_read(
	struct call *c, struct experiments_wish *wish, struct err *e)
{
	static const struct body_text service = {"service", 256, true};
	static const struct body_text name = {"name", EXPERIMENTS_NAME_MAX, true};
	static const struct body_text note = {"note", EXPERIMENTS_NOTE_MAX, false};
	struct body_int from = {"from_ms", c->now_ms - EXPERIMENTS_PAST_MS,
		c->now_ms + EXPERIMENTS_AHEAD_MS, c->now_ms};
	struct body_int to = {"to_ms", from.minimum, from.maximum, 0};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *texts[3];
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &service, &texts[0], e) ||
		!body_text(&body, &name, &texts[1], e) ||
		!body_text(&body, &note, &texts[2], e) ||
		!body_int(&body, &from, &wish->from_ms, e) ||
		!body_int(&body, &to, &wish->to_ms, e) || !body_finish(&body, e))
		return false;
	wish->service = experiments_route_own(c, texts[0]);
	wish->name = experiments_route_own(c, texts[1]);
	wish->note = experiments_route_own(c, texts[2]);
	if (!*wish->name) {
		c->pointer = "/name";
		return err_set(e, ERR_INPUT, "name: must not be empty");
	}
	if (!wish->to_ms || wish->to_ms >= wish->from_ms)
		return true;
	c->pointer = "/to_ms";
	return err_set(e, ERR_INPUT, "to_ms: must not be before from_ms");
}

bool experiments_route_create(struct call *c, struct err *e)
{
	struct experiments_wish wish = {.actor = {c->user.id, c->user.name}};
	struct experiments_row *row;
	if (!query_finish(&c->query, e) || !experiments_route_read(c, &wish, e) ||
		!call_db(c, e) || !experiments_begin(c->db, &wish, c->arena, &row, e))
		return false;
	if (!row) {
		c->pointer = "/service";
		return err_set(
			e, ERR_INPUT, "service: none is called '%.200s'", wish.service);
	}
	experiments_route_row(&c->json, row);
	c->response->status = 201;
	return true;
}

bool experiments_route_end(struct call *c, struct err *e)
{
	struct experiments_step step = {.actor = {c->user.id, c->user.name}};
	struct body_int at = {"at_ms", c->now_ms - EXPERIMENTS_PAST_MS,
		c->now_ms + EXPERIMENTS_AHEAD_MS, c->now_ms};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	struct experiments_row *row;
	bool changed;
	if (!query_finish(&c->query, e) || !call_id(c, "experiment", &step.id, e) ||
		!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_int(&body, &at, &step.at_ms, e) || !body_finish(&body, e) ||
		!call_db(c, e) ||
		!experiments_end(c->db, &step, c->arena, &row, &changed, e))
		return false;
	if (!row)
		return call_missing(c, "experiment", e);
	if (!changed)
		return call_problem(c, 409, e, "the experiment has ended already");
	experiments_route_row(&c->json, row);
	return true;
}

bool experiments_route_drop(struct call *c, struct err *e)
{
	struct experiments_step step = {.actor = {c->user.id, c->user.name}};
	struct experiments_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "experiment", &step.id, e) ||
		!call_db(c, e) || !experiments_drop(c->db, &step, c->arena, &row, e))
		return false;
	if (!row)
		return call_missing(c, "experiment", e);
	experiments_route_row(&c->json, row);
	return true;
}
