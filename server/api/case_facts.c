#include "server/api/case_facts.h"

#include "server/api/shape.h"
#include "server/store/alerts.h"
#include "server/store/cases.h"

bool case_facts_table(struct call *c, int64_t alert_id, struct hypotheses_row **rows,
	size_t *count, struct err *e)
{
	struct alerts_row *alert;
	if (!call_db(c, e) ||
		!alerts_one(c->db, alert_id, c->now_ms, c->arena, &alert, e))
		return false;
	if (!alert)
		return call_missing(c, "alert", e);
	return hypotheses_of_alert(c->db, alert_id, c->arena, rows, count, e);
}

static void case_facts_like(struct json *j, const struct cases_like *l)
{
	json_object(j);
	json_put_int(j, "id", l->id);
	shape_put_name(j, "service", "name", &l->service);
	shape_put_name(j, "version", "version", &l->version);
	json_put_string(j, "kind", l->kind);
	shape_put_word(j, "cause", l->cause);
	json_put_bool(j, "same_cause", l->same_cause);
	json_put_bool(j, "same_service", l->same_service);
	json_put_string(j, "state", l->state);
	shape_put_word(j, "resolution", l->resolution);
	json_put_string(j, "resolved_in", l->resolved_in);
	json_put_int(j, "opened_at_ms", l->opened_ms);
	shape_put_time(j, "resolved_at_ms", l->resolved_ms);
	shape_put_rate(j, "rate", &l->rate);
	json_put_string(j, "summary", l->summary);
	json_put_string(j, "ended", l->ended);
	json_end(j);
}

bool case_facts_put_similar(struct call *c, int64_t alert_id, struct err *e)
{
	struct cases_like *rows;
	size_t count;
	if (!cases_similar(c->db, alert_id, c->arena, &rows, &count, e))
		return false;
	json_key(&c->json, "similar");
	json_array(&c->json);
	for (size_t i = 0; i < count; i++)
		case_facts_like(&c->json, &rows[i]);
	json_end(&c->json);
	return true;
}
