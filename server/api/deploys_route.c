#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/deploys.h"

#include <inttypes.h>

#define DEPLOYS_AHEAD_MS (INT64_C(3600) * 1000)
#define DEPLOYS_PAST_MS  (INT64_C(400) * 86400 * 1000)

static void deploys_route_row(struct json *j, const struct deploys_row *d)
{
	json_object(j);
	json_put_int(j, "id", d->id);
	shape_put_name(j, "service", "name", &d->service);
	json_put_int(j, "at_ms", d->at_ms);
	json_put_string(j, "origin", d->origin);
	json_put_string(j, "kind", d->kind);
	json_put_string(j, "version", d->version);
	json_put_string(j, "note", d->note);
	json_put_string(j, "actor", d->actor);
	if (d->fingerprint_id)
		json_put_int(j, "fingerprint_id", d->fingerprint_id);
	else
		json_put_null(j, "fingerprint_id");
	json_put_int(j, "created_at_ms", d->created_ms);
	json_end(j);
}

static bool deploys_route_filter(
	struct call *c, struct deploys_filter *filter, struct err *e)
{
	static const struct query_range from = {0, QUERY_TIME_MAX, 0};
	static const struct query_range to = {0, QUERY_TIME_MAX, QUERY_TIME_MAX};
	if (!call_service(c, &filter->service_id, e) ||
		!query_int(&c->query, "from", &from, &filter->from_ms, e) ||
		!query_int(&c->query, "to", &to, &filter->to_ms, e) ||
		!call_limit(c, &filter->limit, e) ||
		!call_after_time(c, &filter->after_ms, &filter->after_id, e) ||
		!query_finish(&c->query, e))
		return false;
	return true;
}

bool deploys_route_list(struct call *c, struct err *e)
{
	struct deploys_filter filter = {0};
	struct deploys_row *rows;
	size_t count;
	if (!deploys_route_filter(c, &filter, e) || !call_db(c, e) ||
		!deploys_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		deploys_route_row(&c->json, &rows[i]);
	call_items_end(c, shown < count
				  ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
					    rows[shown - 1].at_ms, rows[shown - 1].id)
				  : NULL);
	return true;
}

/* The texts of a body live only as long as it. */
static const char *deploys_route_own(struct call *c, const char *text)
{
	return text ? arena_strdup(c->arena, text) : "";
}

static bool deploys_route_read(struct call *c, struct deploys_said *said, struct err *e)
{
	static const struct body_text service = {"service", 256, true};
	static const struct body_text version = {"version", 256, false};
	static const struct body_text kind = {"kind", 16, false};
	static const struct body_text note = {"note", 1000, false};
	struct body_int at = {"at_ms", c->now_ms - DEPLOYS_PAST_MS,
		c->now_ms + DEPLOYS_AHEAD_MS, c->now_ms};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *texts[4];
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, &service, &texts[0], e) ||
		!body_text(&body, &version, &texts[1], e) ||
		!body_text(&body, &kind, &texts[2], e) ||
		!body_text(&body, &note, &texts[3], e) ||
		!body_int(&body, &at, &said->at_ms, e) || !body_finish(&body, e))
		return false;
	said->service = deploys_route_own(c, texts[0]);
	said->version = deploys_route_own(c, texts[1]);
	said->note = deploys_route_own(c, texts[3]);
	said->kind = deploys_kind(texts[2] ? texts[2] : deploys_kind_name[0]);
	if (said->kind)
		return true;
	c->pointer = "/kind";
	return err_set(e, ERR_INPUT, "kind: must be deploy, config or load");
}

bool deploys_route_put(struct call *c, struct err *e)
{
	struct deploys_said said = {.actor = {c->user.id, c->user.name}};
	struct deploys_row *row;
	bool made;
	if (!query_finish(&c->query, e) || !deploys_route_read(c, &said, e) ||
		!call_db(c, e) || !deploys_put(c->db, &said, c->arena, &row, &made, e))
		return false;
	if (!row) {
		c->pointer = "/service";
		return err_set(
			e, ERR_INPUT, "service: none is called '%.200s'", said.service);
	}
	deploys_route_row(&c->json, row);
	c->response->status = made ? 201 : 200;
	return true;
}
