#include "server/api/agent_shape.h"
#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/api/shape.h"
#include "server/store/host_list.h"

#include <string.h>

static bool hosts_route_put_alerts(struct call *c, int64_t id, struct err *e)
{
	struct host_list_alert *alerts;
	size_t count;
	struct json *j = &c->json;
	if (!host_list_alerts(c->db, id, c->arena, &alerts, &count, e))
		return false;
	json_key(j, "alerts");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_int(j, "id", alerts[i].id);
		json_put_string(j, "state", alerts[i].state);
		shape_put_level(j, alerts[i].level, alerts[i].kind);
		json_put_string(j, "version", alerts[i].version);
		shape_put_name(j, "service", "name", &alerts[i].service);
		json_put_string(j, "summary", alerts[i].summary);
		json_end(j);
	}
	json_end(j);
	return true;
}

static bool hosts_route_put_labels(struct call *c, int64_t id, struct err *e)
{
	struct host_list_label *labels;
	size_t count;
	if (!host_list_labels(c->db, id, c->arena, &labels, &count, e))
		return false;
	json_key(&c->json, "labels");
	json_object(&c->json);
	for (size_t i = 0; i < count; i++)
		json_put_string(&c->json, labels[i].key, labels[i].value);
	json_end(&c->json);
	return true;
}

static bool hosts_route_write(
	struct call *c, const struct host_list_row *host, struct err *e)
{
	struct json *j = &c->json;
	struct agent_list_row *agent = NULL;
	if (host->agent_id &&
		!agent_list_one(c->db, host->agent_id, c->now_ms, c->arena, &agent, e))
		return false;
	json_object(j);
	json_put_int(j, "id", host->id);
	json_put_string(j, "name", host->name);
	json_put_string(j, "kernel", host->kernel);
	json_put_int(j, "cpus", host->cpus);
	json_put_int(j, "interval_ms", host->interval_ms);
	json_put_int(j, "first_seen_at_ms", host->first_seen_ms);
	if (agent) {
		json_key(j, "agent");
		agent_shape(j, agent);
	} else {
		json_put_null(j, "agent");
	}
	if (!hosts_route_put_labels(c, host->id, e))
		return false;
	json_put_int(j, "labels_revision", host->label_revision);
	if (!hosts_route_put_alerts(c, host->id, e))
		return false;
	json_end(j);
	revision_put_etag(c, host->label_revision);
	return true;
}

static bool hosts_route_answer(struct call *c, int64_t id, struct err *e)
{
	struct host_list_row *host;
	if (!host_list_one(c->db, id, c->arena, &host, e))
		return false;
	return host ? hosts_route_write(c, host, e) : call_missing(c, "host", e);
}

bool hosts_route_get(struct call *c, struct err *e)
{
	int64_t id;
	return query_finish(&c->query, e) && call_id(c, "host", &id, e) &&
	       call_db(c, e) && hosts_route_answer(c, id, e);
}

static bool hosts_route_read_labels(
	struct call *c, struct host_list_change *change, struct err *e)
{
	static const struct body_pairs want = {"labels", HOST_LIST_LABELS_MAX,
		HOST_LIST_LABEL_KEY_MAX, HOST_LIST_LABEL_VALUE_MAX, true};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	const struct body_pair *pairs;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_pairs(&body, &want, &pairs, &change->count, e) ||
		!body_finish(&body, e))
		return false;
	const char **keys = arena_array(c->arena, change->count, sizeof *keys);
	const char **values = arena_array(c->arena, change->count, sizeof *values);
	for (size_t i = 0; i < change->count; i++) {
		if (!host_list_check_label(pairs[i].name, pairs[i].value, e)) {
			c->pointer = "/labels";
			return false;
		}
		keys[i] = arena_strdup(c->arena, pairs[i].name);
		values[i] = arena_strdup(c->arena, pairs[i].value);
	}
	change->keys = keys;
	change->values = values;
	return true;
}

bool hosts_route_set_labels(struct call *c, struct err *e)
{
	bool moved;
	struct host_list_row *host;
	struct host_list_change change = {.actor = {c->user.id, c->user.name}};
	if (!query_finish(&c->query, e) || !call_id(c, "host", &change.host_id, e) ||
		!revision_wanted(c, &change.revision, e) ||
		!hosts_route_read_labels(c, &change, e) || !call_db(c, e) ||
		!host_list_one(c->db, change.host_id, c->arena, &host, e))
		return false;
	if (!host)
		return call_missing(c, "host", e);
	if (!host_list_set_labels(c->db, &change, c->arena, &moved, e))
		return false;
	if (!moved)
		return revision_refuse(c, "the labels", e);
	return hosts_route_answer(c, change.host_id, e);
}
