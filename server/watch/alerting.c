#include "server/watch/alerting.h"

#include "server/store/evidence.h"
#include "server/watch/publish.h"

struct alerting {
	struct db *db;
	const struct roster *roster;
	struct arena *arena;
	struct evidence_finding *findings;
	size_t count;
	bool changed;
};

static const struct evidence_finding *finding_of(
	const struct alerting *u, int64_t fingerprint_id)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->findings[i].fingerprint_id == fingerprint_id)
			return &u->findings[i];
	return NULL;
}

static const struct roster_version *version_of(
	const struct alerting *u, int64_t fingerprint_id)
{
	for (size_t i = 0; i < u->roster->count; i++)
		if (u->roster->versions[i].fingerprint_id == fingerprint_id)
			return &u->roster->versions[i];
	return NULL;
}

static bool save_finding(
	struct alerting *u, const struct roster_version *v, int64_t *id, struct err *e)
{
	const struct analyse_version_result *r = &v->result;
	int64_t *slot_ids = arena_array(u->arena, v->count, sizeof *slot_ids);
	struct figures_rate *rates = arena_array(u->arena, v->count, sizeof *rates);
	struct evidence_row row = {
		.service_id = v->service_id,
		.fingerprint_id = v->fingerprint_id,
		.now_ms = u->roster->now_ms,
		.onset_ms = r->onset_ms,
		.exhaust_ms = r->exhaust_ms,
		.rate = publish_rate(&r->rate),
		.slots = (int64_t)r->slots,
		.slots_leaking = (int64_t)r->slots_leaking,
		.hosts = (int64_t)r->hosts,
		.hosts_leaking = (int64_t)r->hosts_leaking,
		.summary = r->summary,
		.reasons = publish_reasons(r->reasons, r->reason_count, u->arena),
		.slot_ids = slot_ids,
		.slot_rates = rates,
	};
	for (size_t i = 0; i < v->count; i++) {
		if (v->results[i].verdict != ANALYSE_LEAK)
			continue;
		slot_ids[row.slot_count] = v->slots[i].id;
		rates[row.slot_count++] = publish_rate(&v->results[i].rate);
	}
	return evidence_save(u->db, &row, u->arena, id, e);
}

static bool remark(struct alerting *u, int64_t alert_id, const char *kind,
	const char *text, struct err *e)
{
	u->changed = true;
	struct evidence_remark remark = {alert_id, u->roster->now_ms, kind, text};
	return evidence_remark(u->db, &remark, u->arena, e);
}

static bool on_leak(struct alerting *u, const struct roster_version *v, struct err *e)
{
	const struct evidence_finding *known = finding_of(u, v->fingerprint_id);
	int64_t now_ms = u->roster->now_ms, id;
	const char *text = v->result.summary;
	if (!save_finding(u, v, &id, e))
		return false;
	if (!known || !known->alert_id) {
		u->changed = true;
		return evidence_alert(u->db, id, now_ms, text, u->arena, e);
	}
	if (known->is_resolved) {
		if (roster_verdict_since(u->roster, v, known->resolved_ms, u->arena) !=
			ANALYSE_LEAK)
			return true;
		u->changed = true;
		return evidence_reopen(
			u->db, known->alert_id, now_ms, text, u->arena, e);
	}
	return known->active || remark(u, known->alert_id, "growing", text, e);
}

static bool on_rest(struct alerting *u, const struct evidence_finding *f,
	const struct roster_version *v, struct err *e)
{
	if (f->is_unseen || u->roster->now_ms - f->last_ms < ALERTING_QUIET_MS)
		return true;
	if (!evidence_quiet(u->db, f->id, u->arena, e))
		return false;
	if (!f->alert_id || f->is_resolved)
		return true;
	return remark(u, f->alert_id, "quiet",
		v ? v->result.summary : "No process of this version runs any more", e);
}

/* Only what is judged now can be held; what people resolved is not. */
static bool is_held(const struct alerting *u, const struct evidence_finding *f,
	const struct roster_version *v)
{
	return v && !f->is_resolved &&
	       (f->is_unseen || u->roster->now_ms - f->last_ms < ALERTING_QUIET_MS);
}

bool alerting_update(struct db *db, const struct roster *roster, struct arena *a,
	struct alerting_outcome *outcome, struct err *e)
{
	struct alerting u = {.db = db, .roster = roster, .arena = a};
	int64_t *leaking = arena_array(a, roster->count, sizeof *leaking);
	struct evidence_wanted wanted = {{leaking, 0}, roster->now_ms};
	for (size_t i = 0; i < roster->count; i++)
		if (roster->versions[i].result.verdict == ANALYSE_LEAK)
			leaking[wanted.fingerprints.count++] =
				roster->versions[i].fingerprint_id;
	if (!evidence_find(db, &wanted, a, &u.findings, &u.count, e))
		return false;
	for (size_t i = 0; i < roster->count; i++) {
		const struct roster_version *v = &roster->versions[i];
		if (v->result.verdict == ANALYSE_LEAK && !on_leak(&u, v, e))
			return false;
	}
	int64_t *held = arena_array(a, u.count, sizeof *held);
	outcome->held = (struct figures_ids){held, 0};
	for (size_t i = 0; i < u.count; i++) {
		const struct evidence_finding *f = &u.findings[i];
		const struct roster_version *v = version_of(&u, f->fingerprint_id);
		bool leaks = v && v->result.verdict == ANALYSE_LEAK;
		if (!f->active || leaks)
			continue;
		if (!on_rest(&u, f, v, e))
			return false;
		if (is_held(&u, f, v))
			held[outcome->held.count++] = f->fingerprint_id;
	}
	outcome->changed = u.changed;
	return true;
}
