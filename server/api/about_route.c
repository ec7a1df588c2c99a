#include "server/api/handlers.h"
#include "server/api/shared.h"

bool about_route_get(struct call *c, struct err *e)
{
	const struct api_options *o = &c->shared->options;
	if (!query_finish(&c->query, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	json_put_string(j, "version", TIDEMARK_VERSION);
	json_put_int(j, "started_at_ms", o->started_ms);
	json_put_string(j, "agent_endpoint", o->agent_endpoint);
	json_put_string(j, "enrol_endpoint", o->enrol_endpoint);
	json_put_int(j, "raw_retention_days", o->raw_retention_ms / 86400000);
	json_put_int(j, "rollup_retention_days", o->rollup_retention_ms / 86400000);
	json_end(j);
	return true;
}

bool about_route_events(struct call *c, struct err *e)
{
	if (!query_finish(&c->query, e))
		return false;
	struct live_viewer viewer = {c->user.id, c->session, c->bearer, call_client(c)};
	c->response->stream = live_open(
		c->shared->live, &viewer, http_header(c->request, "Last-Event-ID"));
	if (!c->response->stream) {
		http_add_header(c->response, "Retry-After", "30");
		return call_problem(c, 503, e, "too many event streams are open");
	}
	c->response->type = "text/event-stream";
	return true;
}
