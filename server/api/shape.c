#include "server/api/shape.h"

#include <math.h>

void shape_put_json(struct json *j, const char *key, const char *json)
{
	if (json)
		json_put_raw(j, key, json);
	else
		json_put_null(j, key);
}

void shape_put_time(struct json *j, const char *key, int64_t unix_ms)
{
	if (unix_ms)
		json_put_int(j, key, unix_ms);
	else
		json_put_null(j, key);
}

void shape_put_count(struct json *j, const char *key, int64_t value)
{
	if (value >= 0)
		json_put_int(j, key, value);
	else
		json_put_null(j, key);
}

void shape_put_word(struct json *j, const char *key, const char *word)
{
	json_put_string(j, key, *word ? word : NULL);
}

void shape_put_moment(
	struct json *j, const char *key, const struct figures_moment *moment)
{
	if (!moment->at_ms) {
		json_put_null(j, key);
		return;
	}
	json_key(j, key);
	json_object(j);
	json_put_int(j, "at_ms", moment->at_ms);
	shape_put_time(j, "low_ms", moment->low_ms);
	shape_put_time(j, "high_ms", moment->high_ms);
	json_end(j);
}

void shape_put_level(struct json *j, const char *level, const char *kind)
{
	shape_put_word(j, "level", level);
	shape_put_word(j, "kind", kind);
}

void shape_put_rate(struct json *j, const char *key, const struct figures_rate *rate)
{
	if (!rate->known) {
		json_put_null(j, key);
		return;
	}
	json_key(j, key);
	json_object(j);
	json_put_double(j, "kb_h", rate->kb_h);
	json_put_double(j, "low_kb_h", rate->low_kb_h);
	json_put_double(j, "high_kb_h", rate->high_kb_h);
	json_end(j);
}

void shape_put_name(struct json *j, const char *key, const char *name_key,
	const struct figures_name *name)
{
	json_key(j, key);
	json_object(j);
	json_put_int(j, "id", name->id);
	json_put_string(j, name_key, name->name);
	json_end(j);
}

void shape_version(struct json *j, const struct services_version *v)
{
	json_object(j);
	json_put_int(j, "id", v->id);
	json_put_string(j, "version", v->version);
	json_put_string(j, "label", v->label);
	json_put_string(j, "runtime", v->runtime);
	json_put_int(j, "first_seen_ms", v->first_seen_ms);
	json_put_int(j, "instances", v->instances);
	json_put_int(j, "hosts", v->hosts);
	json_put_int(j, "instances_leaking", v->instances_leaking);
	json_put_int(j, "hosts_leaking", v->hosts_leaking);
	json_put_string(j, "verdict", v->verdict);
	shape_put_level(j, v->level, v->kind);
	shape_put_time(j, "silent_since_ms", v->silent_since_ms);
	shape_put_rate(j, "rate", &v->rate);
	shape_put_time(j, "onset_at_ms", v->onset_ms);
	shape_put_time(j, "exhaust_at_ms", v->exhaust_ms);
	shape_put_count(j, "wait_s", v->wait_s);
	json_put_string(j, "summary", v->summary);
	json_put_raw(j, "reasons", v->reasons);
	json_end(j);
}

void shape_finding(struct json *j, const struct findings_row *f)
{
	json_object(j);
	json_put_int(j, "id", f->id);
	shape_put_name(j, "service", "name", &f->service);
	shape_put_name(j, "version", "version", &f->version);
	json_put_raw(j, "versions", f->versions);
	json_put_string(j, "kind", f->kind);
	json_put_string(j, "level", f->level);
	shape_put_word(j, "cause", f->cause);
	json_put_bool(j, "active", f->active);
	shape_put_time(j, "silent_since_ms", f->silent_since_ms);
	json_put_int(j, "first_at_ms", f->first_ms);
	json_put_int(j, "last_at_ms", f->last_ms);
	shape_put_rate(j, "rate", &f->rate);
	json_put_int(j, "instances", f->instances);
	json_put_int(j, "instances_leaking", f->instances_leaking);
	json_put_int(j, "hosts", f->hosts);
	json_put_int(j, "hosts_leaking", f->hosts_leaking);
	shape_put_time(j, "onset_at_ms", f->onset.at_ms);
	shape_put_time(j, "exhaust_at_ms", f->exhaust.at_ms);
	shape_put_moment(j, "onset", &f->onset);
	shape_put_moment(j, "exhaust", &f->exhaust);
	json_put_string(j, "summary", f->summary);
	json_put_raw(j, "reasons", f->reasons);
	json_end(j);
}

static void shape_put_archive(struct json *j, const struct alerts_archive *r)
{
	if (!r->at_ms) {
		json_put_null(j, "archive");
		return;
	}
	json_key(j, "archive");
	json_object(j);
	json_put_string(j, "by", r->by);
	json_put_int(j, "at_ms", r->at_ms);
	shape_put_time(j, "until_ms", r->until_ms);
	if (isnan(r->above_kb_h))
		json_put_null(j, "above_kb_h");
	else
		json_put_double(j, "above_kb_h", r->above_kb_h);
	shape_put_count(j, "above_hosts", r->above_hosts);
	json_end(j);
}

static void shape_put_verification(struct json *j, const struct alerts_verification *v)
{
	enum { TENTH_MS = 360000 };
	if (!v->state) {
		json_put_null(j, "verification");
		return;
	}
	json_key(j, "verification");
	json_object(j);
	json_put_string(j, "state", v->state);
	/* Not finer, so that the answer changes seldom. */
	json_put_double(j, "seen_h", (double)(v->seen_ms / TENTH_MS) / 10);
	json_put_int(j, "needed_h", v->needed_h);
	json_put_int(j, "hosts", v->hosts);
	shape_put_time(j, "since_ms", v->since_ms);
	shape_put_time(j, "verified_at_ms", v->verified_ms);
	json_end(j);
}

static void shape_put_life(struct json *j, const struct alerts_row *a)
{
	json_put_string(j, "inbox", a->inbox);
	json_put_string(j, "owner", a->owner);
	shape_put_time(j, "acknowledged_until_ms", a->acknowledged_until_ms);
	shape_put_archive(j, &a->archive);
	shape_put_time(j, "escalated_at_ms", a->escalated_ms);
	shape_put_time(j, "regressed_at_ms", a->regressed_ms);
	json_put_string(j, "resolved_in", a->resolved_in);
	shape_put_verification(j, &a->verification);
	shape_put_time(j, "silenced_until_ms", a->silenced_until_ms);
	shape_put_time(j, "merged_into", a->merged_into);
	json_key(j, "merged");
	json_array(j);
	for (size_t i = 0; i < a->merged.count; i++)
		json_int(j, a->merged.ids[i]);
	json_end(j);
	shape_put_time(j, "split_from", a->split_from);
}

void shape_alert_members(struct json *j, const struct alerts_row *a)
{
	json_put_int(j, "id", a->id);
	json_put_string(j, "state", a->state);
	shape_put_word(j, "resolution", a->resolution);
	json_put_int(j, "opened_at_ms", a->opened_ms);
	json_put_int(j, "reopened", a->reopened);
	shape_put_time(j, "acknowledged_at_ms", a->acknowledged_ms);
	json_put_string(j, "acknowledged_by", a->acknowledged_by);
	shape_put_time(j, "resolved_at_ms", a->resolved_ms);
	json_put_string(j, "resolved_by", a->resolved_by);
	json_put_int(j, "revision", a->revision);
	shape_put_life(j, a);
	json_key(j, "finding");
	shape_finding(j, &a->finding);
}
