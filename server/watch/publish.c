#include "server/watch/publish.h"

#include <math.h>

struct figures_rate publish_rate(const struct analyse_rate *rate)
{
	return (struct figures_rate){
		rate->known, rate->kb_h, rate->low_kb_h, rate->high_kb_h};
}

struct verdicts_moment publish_moment(const struct analyse_moment *moment)
{
	if (!moment->at_ms)
		return (struct verdicts_moment){0};
	return (struct verdicts_moment){moment->at_ms, moment->low_ms, moment->high_ms};
}

struct verdicts_reasons publish_reasons(
	const struct analyse_reasons *reasons, struct arena *a)
{
	struct verdicts_reason *items = arena_array(a, reasons->count, sizeof *items);
	for (size_t i = 0; i < reasons->count; i++)
		items[i] = (struct verdicts_reason){
			reasons->items[i].speaks_for, reasons->items[i].text};
	return (struct verdicts_reasons){items, reasons->count};
}

static int64_t kib(double kb)
{
	return isfinite(kb) && kb > 0 ? (int64_t)kb : 0;
}

static struct verdicts_slot slot_row(
	const struct fleet_slot *s, int64_t now_ms, struct arena *a)
{
	return (struct verdicts_slot){
		.slot_id = s->seat.slot_id,
		.life_id = s->life_id,
		.fingerprint_id = s->fingerprint_id,
		.at_ms = now_ms,
		.level = analyse_level_name(s->level),
		.kind = analyse_kind_name(s->kind),
		.verdict = analyse_verdict_name(s->verdict),
		.series = analyse_series_name(s->series),
		.summary = s->summary,
		.silent = s->silent,
		.rate = publish_rate(&s->rate),
		.value_kb = kib(s->value_kb),
		.limit_kb = kib(s->limit_kb),
		.onset = publish_moment(&s->onset),
		.exhaust = publish_moment(&s->exhaust),
		.wait_s = s->wait_s,
		.restarts = (int64_t)s->restarts,
		.reasons = publish_reasons(&s->reasons, a),
	};
}

static struct verdicts_version version_row(
	const struct fleet_version_result *v, int64_t now_ms, struct arena *a)
{
	return (struct verdicts_version){
		.fingerprint_id = v->fingerprint_id,
		.service_id = v->service_id,
		.at_ms = now_ms,
		.level = analyse_level_name(v->level),
		.kind = analyse_kind_name(v->kind),
		.verdict = analyse_verdict_name(v->verdict),
		.summary = v->summary,
		.rate = publish_rate(&v->rate),
		.slots = (int64_t)v->slots,
		.slots_leaking = (int64_t)v->slots_leaking,
		.hosts = (int64_t)v->hosts,
		.hosts_leaking = (int64_t)v->hosts_leaking,
		.onset = publish_moment(&v->onset),
		.exhaust = publish_moment(&v->exhaust),
		.wait_s = v->wait_s,
		.reasons = publish_reasons(&v->reasons, a),
	};
}

static bool touch(struct db *db, const struct book *book, int64_t now_ms,
	struct arena *a, struct err *e)
{
	int64_t *ids = arena_array(a, HASH_COUNT(book->versions), sizeof *ids);
	struct figures_ids running = {ids, 0};
	for (const struct book_version *v = book->versions; v; v = v->hh.next)
		if (v->runs)
			ids[running.count++] = v->id;
	return verdicts_touch_versions(db, running, now_ms, e);
}

bool publish_report(struct db *db, const struct book *book,
	const struct fleet_report *report, int64_t now_ms, struct arena *a,
	struct err *e)
{
	struct verdicts_slot *slots = arena_array(a, report->slot_count, sizeof *slots);
	struct verdicts_version *versions = arena_array(
		a, report->version_count, sizeof *versions);
	size_t slot_count = 0;
	for (size_t i = 0; i < report->slot_count; i++)
		if (report->slots[i]
				.life_id) /* nothing usable was read of the others */
			slots[slot_count++] = slot_row(&report->slots[i], now_ms, a);
	for (size_t i = 0; i < report->version_count; i++)
		versions[i] = version_row(&report->versions[i], now_ms, a);
	return verdicts_save_slots(db, slots, slot_count, e) &&
	       verdicts_save_versions(db, versions, report->version_count, e) &&
	       touch(db, book, now_ms, a, e);
}
