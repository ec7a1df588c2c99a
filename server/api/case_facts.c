#include "server/api/case_facts.h"

#include "server/api/shape.h"
#include "server/store/cases.h"
#include "server/store/readings.h"

#include <string.h>

enum { CASE_FACTS_VERSIONS_MAX = 200, CASE_FACTS_PARTS = 7 };

bool case_facts_is_inside(const struct findings_row *f, int64_t version_id)
{
	for (size_t i = 0; i < f->version_ids.count; i++)
		if (f->version_ids.ids[i] == version_id)
			return true;
	return f->version.id == version_id;
}

/* The versions of a case, side by side with what they consist of. */
struct case_facts_versions {
	struct cause_version *rows;
	const char **labels;
	size_t count, lead;
	int64_t first_ms; /* the leading one's first process began */
};

/* Who leaks of a version that the alert is about: where it says so as a whole, all.  Of
 * one that is neither judged nor runs any more, what the finding said last. */
static void case_facts_count(const struct case_facts *facts,
	const struct services_version *known, struct cause_version *v)
{
	const struct findings_row *f = &facts->alert->finding;
	if (known) {
		v->slots = (size_t)known->instances;
		v->hosts = (size_t)known->hosts;
		v->slots_leaking = (size_t)known->instances_leaking;
		v->hosts_leaking = (size_t)known->hosts_leaking;
	} else {
		v->slots = (size_t)f->instances;
		v->hosts = (size_t)f->hosts;
		v->slots_leaking = (size_t)f->instances_leaking;
		v->hosts_leaking = (size_t)f->hosts_leaking;
	}
	if (v->fingerprint_id == f->version.id && !v->slots_leaking) {
		v->slots_leaking = v->slots;
		v->hosts_leaking = v->hosts;
	}
}

/* The ids of those that run or are judged, newest first, and of the alert's own. */
static struct figures_ids case_facts_ids(
	const struct call *c, const struct case_facts *facts)
{
	int64_t lead = facts->alert->finding.version.id;
	size_t count = 0;
	int64_t *ids = arena_array(c->arena, facts->version_count + 1, sizeof *ids);
	ids[count++] = lead;
	for (size_t i = 0; i < facts->version_count; i++)
		if (facts->versions[i].id != lead && count < CASE_FACTS_VERSIONS_MAX)
			ids[count++] = facts->versions[i].id;
	return (struct figures_ids){ids, count};
}

static void case_facts_part(struct cause_version *to, struct fleet_part *parts,
	const char *name, const char *value)
{
	if (*value)
		parts[to->part_count++] = (struct fleet_part){name, value};
}

/* As the detector is told of them (server/watch/contents.c). */
static void case_facts_contents(struct call *c, const struct readings_version *v,
	const struct readings_part *packages, size_t count, struct cause_version *to)
{
	struct fleet_part *parts = arena_array(
		c->arena, CASE_FACTS_PARTS + count, sizeof *parts);
	to->parts = parts;
	to->lacks_parts = !v->has_content;
	parts[to->part_count++] = (struct fleet_part){"version", v->version};
	parts[to->part_count++] = (struct fleet_part){"runtime", v->runtime};
	if (!strstr(v->runtime, v->runtime_version))
		case_facts_part(to, parts, "runtime version", v->runtime_version);
	for (size_t i = 0; i < count; i++)
		case_facts_part(to, parts, packages[i].name, packages[i].version);
}

static const struct services_version *case_facts_known(
	const struct case_facts *facts, int64_t id)
{
	for (size_t i = 0; i < facts->version_count; i++)
		if (facts->versions[i].id == id)
			return &facts->versions[i];
	return NULL;
}

static bool case_facts_versions(struct call *c, const struct case_facts *facts,
	struct case_facts_versions *out, struct err *e)
{
	struct figures_ids ids = case_facts_ids(c, facts);
	struct readings_version *rows;
	struct readings_part *parts;
	size_t part_count, from = 0;
	if (!readings_versions(
		    c->db, ids.ids, ids.count, c->arena, &rows, &out->count, e) ||
		!readings_parts(
			c->db, ids.ids, ids.count, c->arena, &parts, &part_count, e))
		return false;
	out->rows = arena_array(c->arena, out->count, sizeof *out->rows);
	out->labels = arena_array(c->arena, out->count, sizeof *out->labels);
	/* Both are in the same order. */
	for (size_t i = 0; i < out->count; i++) {
		size_t to = from;
		while (to < part_count && parts[to].fingerprint_id == rows[i].id)
			to++;
		out->rows[i].fingerprint_id = rows[i].id;
		out->labels[i] = rows[i].label;
		case_facts_contents(
			c, &rows[i], parts + from, to - from, &out->rows[i]);
		case_facts_count(
			facts, case_facts_known(facts, rows[i].id), &out->rows[i]);
		if (rows[i].id == facts->alert->finding.version.id) {
			out->lead = i;
			out->first_ms = rows[i].first_ms;
		}
		from = to;
	}
	return true;
}

static enum analyse_kind case_facts_kind(const char *name)
{
	static const enum analyse_kind kinds[] = {ANALYSE_KIND_LEAK,
		ANALYSE_KIND_NATIVE, ANALYSE_KIND_BACKLOG, ANALYSE_KIND_VERSION};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(analyse_kind_name(kinds[i]), name) == 0)
			return kinds[i];
	return ANALYSE_KIND_NONE;
}

static bool case_facts_examine(struct call *c, const struct case_facts *facts,
	struct suspects_rows *out, struct err *e)
{
	const struct findings_row *f = &facts->alert->finding;
	struct case_facts_versions versions = {0};
	if (!case_facts_versions(c, facts, &versions, e))
		return false;
	const struct suspects_case given = {
		.versions = versions.rows,
		.labels = versions.labels,
		.version_count = versions.count,
		.lead = versions.lead,
		.kind = case_facts_kind(f->kind),
		.onset = {f->onset.at_ms, f->onset.low_ms, f->onset.high_ms},
		.first_ms = versions.first_ms,
		.now_ms = c->now_ms,
		.cause = f->cause,
		.lines = facts->lines.lines,
		.line_count = facts->lines.count,
		.steps = facts->lines.steps.count,
		.step_ms = facts->lines.steps.step_ms,
		.load_is_requests = facts->lines.load_is_requests,
		.queues = facts->lines.queues,
		.queue_count = facts->lines.queue_count,
	};
	suspects_examine(&given, c->arena, out);
	return true;
}

static void case_facts_remark(
	struct case_facts *facts, const struct hypotheses_row *said)
{
	for (size_t i = 0; i < facts->own_count; i++) {
		struct hypotheses_row *row = &facts->table[i];
		if (strcmp(row->key, said->key) != 0)
			continue;
		row->text.remark = said->text.remark;
		row->author = said->author;
		row->changed_ms = said->changed_ms;
		row->revision = said->revision;
	}
}

bool case_facts_read_said(struct call *c, struct case_facts *facts, struct err *e)
{
	struct hypotheses_row *said, *own = facts->table;
	size_t count;
	if (!hypotheses_of_alert(c->db, facts->alert->id, c->arena, &said, &count, e))
		return false;
	facts->table = arena_array(
		c->arena, facts->own_count + count, sizeof *facts->table);
	for (size_t i = 0; i < facts->own_count; i++)
		facts->table[i] = own[i];
	facts->table_count = facts->own_count;
	for (size_t i = 0; i < count; i++)
		if (*said[i].key)
			case_facts_remark(facts, &said[i]);
		else
			facts->table[facts->table_count++] = said[i];
	return true;
}

static bool case_facts_table(struct call *c, struct case_facts *facts, struct err *e)
{
	struct suspects_rows own;
	if (!case_facts_examine(c, facts, &own, e))
		return false;
	facts->own_count = own.count;
	facts->table = arena_array(c->arena, own.count, sizeof *facts->table);
	for (size_t i = 0; i < own.count; i++) {
		const struct suspects_row *s = &own.items[i];
		facts->table[i] = (struct hypotheses_row){.key = s->key,
			.text = {s->cause, s->test, s->result,
				suspects_verdict_name(s->verdict), ""},
			.revision = 1};
	}
	return case_facts_read_said(c, facts, e);
}

bool case_facts_read(
	struct call *c, int64_t alert_id, struct case_facts *out, struct err *e)
{
	*out = (struct case_facts){0};
	if (!call_take_turn(c, e) || !call_db(c, e) ||
		!alerts_one(c->db, alert_id, c->now_ms, c->arena, &out->alert, e))
		return false;
	if (!out->alert)
		return call_missing(c, "alert", e);
	const struct findings_row *f = &out->alert->finding;
	return alerts_instances(c->db, f->id, c->now_ms, c->arena, &out->instances,
		       &out->instance_count, e) &&
	       services_versions(c->db, (struct figures_ids){&f->service.id, 1},
		       c->now_ms, c->arena, &out->versions, &out->version_count, e) &&
	       case_lines_read(c, out->alert, out->instances, out->instance_count,
		       &out->lines, e) &&
	       case_facts_table(c, out, e);
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
