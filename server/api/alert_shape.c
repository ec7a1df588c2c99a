#include "server/api/alert_shape.h"

#include "server/api/case_facts.h"
#include "server/api/shape.h"
#include "server/api/snapshot_shape.h"

enum { ALERT_SHAPE_SNAPSHOTS_MAX = 5 };

static bool alert_shape_put_instances(
	struct call *c, const struct alerts_row *alert, struct err *e)
{
	struct alerts_instance *rows;
	size_t count;
	if (!alerts_instances(
		    c->db, alert->finding.id, c->now_ms, c->arena, &rows, &count, e))
		return false;
	struct json *j = &c->json;
	json_key(j, "instances");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		const struct alerts_instance *r = &rows[i];
		json_object(j);
		json_put_int(j, "id", r->id);
		shape_put_name(j, "host", "name", &r->host);
		json_put_int(j, "ordinal", r->ordinal);
		shape_put_name(j, "version", "version", &r->version);
		json_put_int(j, "pid", r->pid);
		json_put_bool(j, "running", r->running);
		json_put_int(j, "first_at_ms", r->first_ms);
		json_put_int(j, "last_at_ms", r->last_ms);
		shape_put_rate(j, "rate", &r->rate);
		shape_put_count(j, "value_kb", r->value_kb);
		shape_put_count(j, "limit_kb", r->limit_kb);
		shape_put_time(j, "exhaust_at_ms", r->exhaust.at_ms);
		shape_put_moment(j, "exhaust", &r->exhaust);
		shape_put_moment(j, "onset", &r->onset);
		shape_put_word(j, "level", r->level);
		shape_put_time(j, "silent_since_ms", r->silent_since_ms);
		json_put_int(j, "restarts", r->restarts);
		json_put_string(j, "summary", r->summary);
		json_end(j);
	}
	json_end(j);
	return true;
}

static bool alert_shape_is_inside(const struct findings_row *f, int64_t version)
{
	for (size_t i = 0; i < f->version_ids.count; i++)
		if (f->version_ids.ids[i] == version)
			return true;
	return f->version.id == version;
}

static bool alert_shape_put_others(
	struct call *c, const struct alerts_row *alert, struct err *e)
{
	struct services_version *rows;
	size_t count;
	const int64_t *service = &alert->finding.service.id;
	if (!services_versions(c->db, (struct figures_ids){service, 1}, c->now_ms,
		    c->arena, &rows, &count, e))
		return false;
	json_key(&c->json, "others");
	json_array(&c->json);
	for (size_t i = 0; i < count; i++)
		if (!alert_shape_is_inside(&alert->finding, rows[i].id))
			shape_version(&c->json, &rows[i]);
	json_end(&c->json);
	return true;
}

static bool alert_shape_put_events(
	struct call *c, const struct alerts_row *alert, struct err *e)
{
	struct alerts_event *rows;
	size_t count;
	if (!alerts_events(c->db, alert->id, c->arena, &rows, &count, e))
		return false;
	struct json *j = &c->json;
	json_key(j, "events");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_int(j, "id", rows[i].id);
		json_put_int(j, "at_ms", rows[i].at_ms);
		json_put_string(j, "user", rows[i].user);
		json_put_string(j, "kind", rows[i].kind);
		json_put_string(j, "text", rows[i].text);
		json_end(j);
	}
	json_end(j);
	return true;
}

/* The newest ones of its version. */
static bool alert_shape_put_snapshots(
	struct call *c, const struct alerts_row *alert, struct err *e)
{
	struct snapshots_filter filter = {
		.service_id = alert->finding.service.id,
		.fingerprint_id = alert->finding.version.id,
		.limit = ALERT_SHAPE_SNAPSHOTS_MAX,
	};
	struct snapshots_row *rows;
	size_t count;
	if (!snapshots_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	json_key(&c->json, "snapshots");
	json_array(&c->json);
	for (size_t i = 0; i < count; i++)
		snapshot_shape_row(&c->json, &rows[i]);
	json_end(&c->json);
	return true;
}

bool alert_shape_write(struct call *c, const struct alerts_row *alert, struct err *e)
{
	json_object(&c->json);
	shape_alert_members(&c->json, alert);
	if (!alert_shape_put_instances(c, alert, e) ||
		!alert_shape_put_others(c, alert, e) ||
		!alert_shape_put_events(c, alert, e) ||
		!alert_shape_put_snapshots(c, alert, e) ||
		!case_facts_put_similar(c, alert->id, e))
		return false;
	json_end(&c->json);
	return true;
}
