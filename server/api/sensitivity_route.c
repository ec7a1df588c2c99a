#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/settings.h"

#include <inttypes.h>

static void sensitivity_route_members(struct json *j, const struct settings *s)
{
	json_put_string(j, "sensitivity", s->sensitivity);
	json_put_bool(j, "is_default", s->is_default);
	json_put_string(j, "changed_by", s->changed_by);
	shape_put_time(j, "changed_at_ms", s->changed_ms);
	json_put_int(j, "revision", s->revision);
}

static bool sensitivity_route_answer(
	struct call *c, const struct settings *s, struct err *e)
{
	if (!s)
		return call_missing(c, "service", e);
	json_object(&c->json);
	sensitivity_route_members(&c->json, s);
	json_end(&c->json);
	revision_put_etag(c, s->revision);
	return true;
}

bool sensitivity_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct settings *settings;
	return query_finish(&c->query, e) && call_id(c, "service", &id, e) &&
	       call_db(c, e) && settings_get(c->db, id, c->arena, &settings, e) &&
	       sensitivity_route_answer(c, settings, e);
}

bool sensitivity_route_list(struct call *c, struct err *e)
{
	struct settings *rows;
	int64_t after;
	int limit;
	size_t count;
	if (!call_after_id(c, &after, e) || !call_limit(c, &limit, e) ||
		!query_finish(&c->query, e) || !call_db(c, e) ||
		!settings_page(c->db, after, limit, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++) {
		json_object(&c->json);
		json_key(&c->json, "service");
		json_object(&c->json);
		json_put_int(&c->json, "id", rows[i].service_id);
		json_put_string(&c->json, "name", rows[i].service);
		json_end(&c->json);
		sensitivity_route_members(&c->json, &rows[i]);
		json_end(&c->json);
	}
	call_items_end(c, shown < count ? arena_printf(c->arena, "%" PRId64,
						  rows[shown - 1].service_id)
					: NULL);
	return true;
}

static bool sensitivity_route_read(
	struct call *c, const char **sensitivity, struct err *e)
{
	static const struct body_text want = {"sensitivity", 16, true};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const char *text;
	return body_open(&body, source, c->arena, &c->pointer, e) &&
	       body_text(&body, &want, &text, e) && body_finish(&body, e) &&
	       call_sensitivity(c, text, sensitivity, e);
}

bool sensitivity_route_put(struct call *c, struct err *e)
{
	struct settings *settings;
	bool moved_on;
	struct settings_change change = {
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	if (!query_finish(&c->query, e) ||
		!call_id(c, "service", &change.service_id, e) ||
		!revision_wanted(c, &change.revision, e) ||
		!sensitivity_route_read(c, &change.sensitivity, e) || !call_db(c, e) ||
		!settings_put(c->db, &change, c->arena, &settings, &moved_on, e))
		return false;
	if (moved_on)
		return call_problem(c, 412, e,
			"how easily the service alerts has changed since you read it: "
			"it is %s by now",
			settings->sensitivity);
	return sensitivity_route_answer(c, settings, e);
}
