#include "server/api/alert_shape.h"
#include "server/api/body.h"
#include "server/api/handlers.h"
#include "server/api/revision.h"
#include "server/store/alerts.h"
#include "server/store/cases.h"

#include <inttypes.h>

/* What a step on a case takes: some ids, and of some steps a note. */
struct cases_route_kind {
	const char *name; /* of the ids */
	size_t count_max;
	bool has_note;
	bool (*take)(struct db *db, const struct cases_step *step, struct arena *a,
		struct cases_answer *answer, struct err *e);
};

static bool cases_route_read(struct call *c, const struct cases_route_kind *kind,
	struct cases_step *step, struct err *e)
{
	static const struct body_text note = {"note", ALERTS_NOTE_MAX, false};
	scoped_body struct body body = {0};
	struct body_source source = {c->request->body, c->request->body_length};
	struct body_ids ids = {kind->name, kind->count_max};
	const char *text = NULL;
	if (!body_open(&body, source, c->arena, &c->pointer, e) ||
		!body_ids(&body, &ids, &step->these.ids, &step->these.count, e) ||
		(kind->has_note && !body_text(&body, &note, &text, e)) ||
		!body_finish(&body, e))
		return false;
	step->note = arena_strdup(c->arena, text ? text : "");
	return true;
}

static bool cases_route_refuse(struct call *c, const struct cases_route_kind *kind,
	const struct cases_answer *answer, struct err *e)
{
	switch (answer->outcome) {
	case CASES_MISSING:
		return call_missing(c, "alert", e);
	case CASES_MOVED_ON:
		return call_problem(c, 412, e, "%s", answer->why);
	case CASES_WRONG:
		c->pointer = arena_printf(c->arena, "/%s", kind->name);
		return err_set(e, ERR_INPUT, "%s: %s", kind->name, answer->why);
	default:
		return call_problem(c, 409, e, "%s", answer->why);
	}
}

static bool cases_route_answer(struct call *c, int64_t id, struct err *e)
{
	struct alerts_row *alert;
	if (!alerts_one(c->db, id, c->now_ms, c->arena, &alert, e))
		return false;
	if (!alert)
		return call_missing(c, "alert", e);
	return alert_shape_write(c, alert, e);
}

static bool cases_route_step(
	struct call *c, const struct cases_route_kind *kind, struct err *e)
{
	struct cases_step step = {.user_id = c->user.id, .now_ms = c->now_ms};
	struct cases_answer answer;
	if (!query_finish(&c->query, e) || !call_id(c, "alert", &step.alert_id, e) ||
		!revision_wanted(c, &step.revision, e) ||
		!cases_route_read(c, kind, &step, e) || !call_db(c, e) ||
		!kind->take(c->db, &step, c->arena, &answer, e))
		return false;
	if (answer.outcome != CASES_DONE)
		return cases_route_refuse(c, kind, &answer, e);
	if (answer.alert_id != step.alert_id) {
		c->response->status = 201;
		http_add_header(c->response, "Location",
			arena_printf(
				c->arena, "/api/v1/alerts/%" PRId64, answer.alert_id));
	}
	return cases_route_answer(c, answer.alert_id, e);
}

bool cases_route_merge(struct call *c, struct err *e)
{
	static const struct cases_route_kind kind = {
		"alerts", CASES_MERGE_MAX, false, cases_merge};
	return cases_route_step(c, &kind, e);
}

bool cases_route_unmerge(struct call *c, struct err *e)
{
	static const struct cases_route_kind kind = {
		"alerts", CASES_MERGE_MAX, false, cases_unmerge};
	return cases_route_step(c, &kind, e);
}

bool cases_route_split(struct call *c, struct err *e)
{
	static const struct cases_route_kind kind = {
		"instances", CASES_SPLIT_MAX, true, cases_split};
	return cases_route_step(c, &kind, e);
}
