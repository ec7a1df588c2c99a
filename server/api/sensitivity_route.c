#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/settings.h"

static bool sensitivity_route_answer(
	struct call *c, const struct settings *s, struct err *e)
{
	struct json *j = &c->json;
	if (!s)
		return call_missing(c, "service", e);
	json_object(j);
	json_put_string(j, "sensitivity", s->sensitivity);
	json_put_bool(j, "is_default", s->is_default);
	json_put_string(j, "changed_by", s->changed_by);
	shape_put_time(j, "changed_at_ms", s->changed_ms);
	json_put_int(j, "revision", s->revision);
	json_end(j);
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
