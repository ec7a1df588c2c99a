#include "common/utf8.h"
#include "server/api/body.h"
#include "server/api/encoding.h"
#include "server/api/handlers.h"
#include "server/api/shape.h"
#include "server/api/snapshot_shape.h"
#include "server/store/alerts.h"
#include "server/store/feedback.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ALERTS_ROUTE_SNAPSHOTS_MAX = 5 };

static bool alerts_route_filter(
	struct call *c, struct alerts_filter *filter, struct err *e)
{
	static const char *const states[] = {"open", "acknowledged", "resolved"};
	static const struct query_range ids = {1, INT32_MAX, 0};
	const char **wanted, *after;
	if (!query_words(
		    &c->query, "state", states, 3, &wanted, &filter->state_count, e) ||
		!query_int(&c->query, "service", &ids, &filter->service_id, e) ||
		!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	filter->states = wanted;
	if (filter->state_count == 0) {
		filter->states = states;
		filter->state_count = 2;
	}
	if (after &&
		(!query_after_int(&after, 0, QUERY_TIME_MAX, &filter->after_ms) ||
			!query_after_int(&after, 1, INT32_MAX, &filter->after_id) ||
			*after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

bool alerts_route_list(struct call *c, struct err *e)
{
	struct alerts_filter filter = {.now_ms = c->now_ms};
	struct alerts_row *rows;
	size_t count;
	if (!alerts_route_filter(c, &filter, e) || !call_db(c, e) ||
		!alerts_page(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	struct json *j = &c->json;
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++) {
		json_object(j);
		shape_alert_members(j, &rows[i]);
		json_end(j);
	}
	call_items_end(c,
		shown < count ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
					rows[shown - 1].opened_ms, rows[shown - 1].id)
			      : NULL);
	return true;
}

static bool alerts_route_put_instances(
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

static bool alerts_route_is_inside(const struct findings_row *f, int64_t version)
{
	for (size_t i = 0; i < f->version_ids.count; i++)
		if (f->version_ids.ids[i] == version)
			return true;
	return f->version.id == version;
}

static bool alerts_route_put_others(
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
		if (!alerts_route_is_inside(&alert->finding, rows[i].id))
			shape_version(&c->json, &rows[i]);
	json_end(&c->json);
	return true;
}

static bool alerts_route_put_events(
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
static bool alerts_route_put_snapshots(
	struct call *c, const struct alerts_row *alert, struct err *e)
{
	struct snapshots_filter filter = {
		.service_id = alert->finding.service.id,
		.fingerprint_id = alert->finding.version.id,
		.limit = ALERTS_ROUTE_SNAPSHOTS_MAX,
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

static bool alerts_route_write(
	struct call *c, const struct alerts_row *alert, struct err *e)
{
	json_object(&c->json);
	shape_alert_members(&c->json, alert);
	if (!alerts_route_put_instances(c, alert, e) ||
		!alerts_route_put_others(c, alert, e) ||
		!alerts_route_put_events(c, alert, e) ||
		!alerts_route_put_snapshots(c, alert, e))
		return false;
	json_end(&c->json);
	return true;
}

/* "3-…": a strong ETag that If-Match takes as the revision. */
static void alerts_route_put_etag(struct call *c, int64_t revision)
{
	char whole[ENCODING_ETAG_SIZE];
	const struct buf *body = &c->response->body;
	encoding_etag(body->data, body->length, whole);
	http_add_header(c->response, "ETag",
		arena_printf(c->arena, "\"%" PRId64 "-%s", revision, whole + 1));
}

bool alerts_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct alerts_row *alert;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &id, e) ||
		!call_db(c, e) ||
		!alerts_one(c->db, id, c->now_ms, c->arena, &alert, e))
		return false;
	if (!alert)
		return call_missing(c, "alert", e);
	if (!alerts_route_write(c, alert, e))
		return false;
	alerts_route_put_etag(c, alert->revision);
	return true;
}

/* If-Match: "3", the revision that the caller has seen, or the ETag that he got. */
static bool alerts_route_revision(struct call *c, int64_t *revision, struct err *e)
{
	const char *header = http_header(c->request, "If-Match");
	*revision = 0;
	if (!header || strcmp(header, "*") == 0)
		return true;
	size_t weak = strncmp(header, "W/", 2) == 0 ? 2
						    : 0; /* a proxy has gzipped it */
	const char *tag = header + weak;
	size_t length = strlen(tag);
	if (length > 2 && tag[0] == '"' && strchr(tag + 1, '"') == tag + length - 1 &&
		query_id(arena_strndup(c->arena, tag + 1, strcspn(tag + 1, "-\"")),
			revision))
		return true;
	return call_problem(c, 400, e,
		"If-Match: must be the alert's revision in quotes, its ETag, or *");
}

static bool alerts_route_note_text(
	struct call *c, const struct body_text *want, const char **note, struct err *e)
{
	scoped_body struct body body = {0};
	const char *text;
	struct body_source source = {c->request->body, c->request->body_length};
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_text(&body, want, &text, e) || !body_finish(&body, e))
		return false;
	*note = arena_strdup(c->arena, text ? text : "");
	return true;
}

static bool alerts_route_step(struct call *c, enum alerts_action action, struct err *e)
{
	static const struct body_text texts[] = {
		[ALERTS_ACKNOWLEDGE] = {"note", ALERTS_NOTE_MAX, false},
		[ALERTS_RESOLVE] = {"note", ALERTS_NOTE_MAX, false},
		[ALERTS_DISMISS] = {"reason", FEEDBACK_REASON_MAX, true},
		[ALERTS_REOPEN] = {"note", ALERTS_NOTE_MAX, false},
		[ALERTS_NOTE] = {"text", ALERTS_NOTE_MAX, true},
	};
	const struct body_text *text = &texts[action];
	struct alerts_step step = {
		.action = action, .user_id = c->user.id, .now_ms = c->now_ms};
	enum alerts_outcome outcome;
	struct alerts_row *alert;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &step.alert_id, e) ||
		!alerts_route_revision(c, &step.revision, e) ||
		!alerts_route_note_text(c, text, &step.note, e))
		return false;
	if (text->required && utf8_is_blank(step.note)) {
		c->pointer = arena_printf(c->arena, "/%s", text->name);
		return err_set(e, ERR_INPUT, "%s: must not be empty", text->name);
	}
	if (!call_db(c, e) ||
		!alerts_take_step(c->db, &step, c->arena, &outcome, &alert, e))
		return false;
	switch (outcome) {
	case ALERTS_DONE:
		return alerts_route_write(c, alert, e);
	case ALERTS_MISSING:
		return call_missing(c, "alert", e);
	case ALERTS_MOVED_ON:
		return call_problem(c, 412, e,
			"the alert has moved on to revision %" PRId64, alert->revision);
	case ALERTS_REFUSED:
		break;
	}
	return call_problem(c, 409, e, "the alert is %s", alert->state);
}

bool alerts_route_acknowledge(struct call *c, struct err *e)
{
	return alerts_route_step(c, ALERTS_ACKNOWLEDGE, e);
}

bool alerts_route_resolve(struct call *c, struct err *e)
{
	return alerts_route_step(c, ALERTS_RESOLVE, e);
}

bool alerts_route_dismiss(struct call *c, struct err *e)
{
	return alerts_route_step(c, ALERTS_DISMISS, e);
}

bool alerts_route_reopen(struct call *c, struct err *e)
{
	return alerts_route_step(c, ALERTS_REOPEN, e);
}

bool alerts_route_note(struct call *c, struct err *e)
{
	return alerts_route_step(c, ALERTS_NOTE, e);
}
