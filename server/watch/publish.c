#include "server/watch/publish.h"

struct figures_rate publish_rate(const struct analyse_rate *rate)
{
	return (struct figures_rate){
		rate->known, rate->kb_h, rate->low_kb_h, rate->high_kb_h};
}

struct verdicts_reasons publish_reasons(
	const struct analyse_reason *reasons, size_t count, struct arena *a)
{
	struct verdicts_reason *items = arena_array(a, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct verdicts_reason){
			reasons[i].speaks_for, reasons[i].text};
	return (struct verdicts_reasons){items, count};
}

static struct verdicts_slot slot_row(const struct roster *roster,
	const struct roster_version *v, size_t i, struct arena *a)
{
	const struct analyse_slot *slot = &v->slots[i];
	const struct analyse_slot_result *r = &v->results[i];
	return (struct verdicts_slot){
		.slot_id = slot->id,
		.life_id = slot->generations[slot->count - 1].id,
		.fingerprint_id = v->fingerprint_id,
		.at_ms = roster->now_ms,
		.verdict = analyse_verdict_name(r->verdict),
		.series = analyse_series_name(slot->series),
		.summary = r->summary,
		.rate = publish_rate(&r->rate),
		.value_kb = (int64_t)r->value_kb,
		.limit_kb = (int64_t)slot->limit_kb,
		.exhaust_ms = r->exhaust_ms,
		.onset_ms = r->onset_ms,
		.wait_s = r->wait_s,
		.restarts = (int64_t)r->restarts,
		.reasons = publish_reasons(r->reasons, r->reason_count, a),
	};
}

static struct verdicts_version version_row(
	const struct roster *roster, const struct roster_version *v, struct arena *a)
{
	const struct analyse_version_result *r = &v->result;
	return (struct verdicts_version){
		.fingerprint_id = v->fingerprint_id,
		.service_id = v->service_id,
		.at_ms = roster->now_ms,
		.verdict = analyse_verdict_name(r->verdict),
		.summary = r->summary,
		.rate = publish_rate(&r->rate),
		.slots = (int64_t)r->slots,
		.slots_leaking = (int64_t)r->slots_leaking,
		.hosts = (int64_t)r->hosts,
		.hosts_leaking = (int64_t)r->hosts_leaking,
		.exhaust_ms = r->exhaust_ms,
		.wait_s = r->wait_s,
		.reasons = publish_reasons(r->reasons, r->reason_count, a),
	};
}

static bool is_among(struct figures_ids held, int64_t fingerprint_id)
{
	for (size_t i = 0; i < held.count; i++)
		if (held.ids[i] == fingerprint_id)
			return true;
	return false;
}

bool publish_verdicts(struct db *db, const struct roster *roster,
	struct figures_ids held, struct arena *a, struct err *e)
{
	struct verdicts_slot *slots = arena_array(a, roster->slot_count, sizeof *slots);
	struct verdicts_version *versions = arena_array(
		a, roster->count, sizeof *versions);
	size_t slot_count = 0, version_count = 0;
	for (size_t i = 0; i < roster->count; i++) {
		const struct roster_version *v = &roster->versions[i];
		if (!is_among(held, v->fingerprint_id))
			versions[version_count++] = version_row(roster, v, a);
		for (size_t s = 0; s < v->count; s++)
			slots[slot_count++] = slot_row(roster, v, s, a);
	}
	return verdicts_save_slots(db, slots, slot_count, e) &&
	       verdicts_save_versions(db, versions, version_count, e) &&
	       verdicts_hold_versions(db, held, roster->now_ms, e);
}
