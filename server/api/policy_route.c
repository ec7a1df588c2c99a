#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/store/snapshot_policy.h"

static bool policy_route_answer(
	struct call *c, const struct snapshot_policy *p, struct err *e)
{
	struct json *j = &c->json;
	if (!p)
		return call_missing(c, "service", e);
	json_object(j);
	json_put_bool(j, "enabled", p->enabled);
	json_put_int(j, "grown_bytes", p->grown_bytes);
	json_put_bool(j, "with_control", p->with_control);
	json_put_string(j, "changed_by", p->changed_by);
	shape_put_time(j, "changed_at_ms", p->changed_ms);
	json_end(j);
	return true;
}

bool policy_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct snapshot_policy *policy;
	return query_finish(&c->query, e) && call_id(c, "service", &id, e) &&
	       call_db(c, e) && snapshot_policy_get(c->db, id, c->arena, &policy, e) &&
	       policy_route_answer(c, policy, e);
}

/* What is not said stays as it is. */
static bool policy_route_read(
	struct call *c, struct snapshot_policy *policy, struct err *e)
{
	const struct body_bool enabled = {"enabled", policy->enabled, true};
	const struct body_bool control = {"with_control", policy->with_control, false};
	const struct body_int grown = {"grown_bytes", SNAPSHOT_POLICY_GROWN_MIN,
		SNAPSHOT_POLICY_GROWN_MAX, policy->grown_bytes};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	return body_open(&body, source, c->arena, &c->pointer, e) &&
	       body_bool(&body, &enabled, &policy->enabled, e) &&
	       body_int(&body, &grown, &policy->grown_bytes, e) &&
	       body_bool(&body, &control, &policy->with_control, e) &&
	       body_finish(&body, e);
}

bool policy_route_put(struct call *c, struct err *e)
{
	struct snapshot_policy *policy;
	struct snapshot_policy_change change = {
		.actor = {c->user.id, c->user.name}, .now_ms = c->now_ms};
	if (!query_finish(&c->query, e) ||
		!call_id(c, "service", &change.service_id, e) || !call_db(c, e) ||
		!snapshot_policy_get(c->db, change.service_id, c->arena, &policy, e))
		return false;
	if (!policy)
		return call_missing(c, "service", e);
	if (!policy_route_read(c, policy, e))
		return false;
	change.to = policy;
	return snapshot_policy_put(c->db, &change, c->arena, &policy, e) &&
	       policy_route_answer(c, policy, e);
}
