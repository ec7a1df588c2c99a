#include "server/watch/alerting.h"

#include "server/store/evidence.h"
#include "server/store/told.h"
#include "server/watch/publish.h"
#include "server/watch/releases.h"
#include "server/watch/returning.h"
#include "server/watch/splitting.h"
#include "server/watch/tending.h"
#include "server/watch/verifying.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define HOUR_MS INT64_C(3600000)
#define FASTER  1.5

struct alerting {
	struct db *db;
	const struct book *book;
	const struct fleet_report *report;
	struct splitting split; /* the report's findings, by what people split off */
	int64_t now_ms;
	struct arena *arena;
	struct evidence_finding *known;
	bool *is_taken; /* known[i] was found */
	size_t known_count;
	struct told_feedback *feedback;
	size_t feedback_count;
	struct releases releases; /* of services with alerts resolved in a version */
	struct returning returning;
	bool changed;
};

static bool is_among(struct figures_ids ids, int64_t id)
{
	for (size_t i = 0; i < ids.count; i++)
		if (ids.ids[i] == id)
			return true;
	return false;
}

static struct figures_ids versions_of(const struct fleet_finding *f)
{
	return (struct figures_ids){f->fingerprint_ids, f->fingerprint_count};
}

static bool shares_version(
	const struct fleet_finding *f, const struct evidence_finding *known)
{
	for (size_t i = 0; i < f->fingerprint_count; i++)
		if (is_among(known->versions, f->fingerprint_ids[i]))
			return true;
	return is_among(known->versions, f->lead_fingerprint_id);
}

/* "leak", "native" and "version" are names of one growth, as the evidence for where it
 * is comes and goes; what waits in a queue is something else. */
static bool is_same_sort(const struct fleet_finding *f, const char *kind)
{
	bool was_backlog = strcmp(kind, analyse_kind_name(ANALYSE_KIND_BACKLOG)) == 0;
	return was_backlog == (f->kind == ANALYSE_KIND_BACKLOG);
}

/* How well a stored finding continues as a found one; 0: not at all. */
static int likeness(const struct fleet_finding *f, const struct evidence_finding *known)
{
	if (known->service_id != f->service_id || !is_same_sort(f, known->kind) ||
		!shares_version(f, known))
		return 0;
	return 1 + 4 * (known->alert.id && !known->alert.is_resolved) +
	       2 * known->active + (known->fingerprint_id == f->lead_fingerprint_id);
}

/* Of those resolved in a version, the last one that a finding is about: a version of
 * its own need not be inside.  The count of them: none. */
static size_t resolved_before(const struct alerting *u, const struct fleet_finding *f)
{
	size_t best = u->known_count;
	for (size_t i = 0; i < u->known_count; i++) {
		const struct evidence_finding *k = &u->known[i];
		if (u->is_taken[i] || is_among(u->split.all, k->id) ||
			k->service_id != f->service_id || !returning_has_version(k) ||
			!is_same_sort(f, k->kind) ||
			!returning_covers(&u->returning, f, k))
			continue;
		if (best == u->known_count ||
			k->alert.resolved_ms >= u->known[best].alert.resolved_ms)
			best = i;
	}
	return best;
}

/* The stored finding that people split off, of what was found of its seats. */
static struct evidence_finding *take_part(struct alerting *u, int64_t id)
{
	for (size_t i = 0; i < u->known_count; i++)
		if (u->known[i].id == id && !u->is_taken[i]) {
			u->is_taken[i] = true;
			return &u->known[i];
		}
	return NULL;
}

/* NULL: it is new. */
static struct evidence_finding *take_known(
	struct alerting *u, const struct fleet_finding *f)
{
	size_t best = u->known_count;
	int most = 0;
	for (size_t i = 0; i < u->known_count; i++) {
		bool is_free = !u->is_taken[i] &&
			       !is_among(u->split.all, u->known[i].id);
		int l = is_free ? likeness(f, &u->known[i]) : 0;
		if (l && l >= most) { /* of equals the newest */
			most = l;
			best = i;
		}
	}
	if (best == u->known_count)
		best = resolved_before(u, f);
	if (best == u->known_count)
		return NULL;
	u->is_taken[best] = true;
	return &u->known[best];
}

/* What people said of this service and sort; of several the fastest. */
static const struct told_feedback *feedback_on(
	const struct alerting *u, const struct fleet_finding *f)
{
	const struct told_feedback *best = NULL;
	for (size_t i = 0; i < u->feedback_count; i++) {
		const struct told_feedback *said = &u->feedback[i];
		if (said->service_id != f->service_id || !is_same_sort(f, said->kind))
			continue;
		if (!best || isnan(said->rate_kb_h) ||
			said->rate_kb_h > best->rate_kb_h)
			best = said;
		if (isnan(best->rate_kb_h))
			break;
	}
	return best;
}

static bool is_faster(const struct fleet_finding *f, const struct told_feedback *said)
{
	return f->rate.known && isfinite(said->rate_kb_h) &&
	       f->rate.low_kb_h > FASTER * said->rate_kb_h;
}

static const char *day_of(int64_t unix_ms, struct arena *a)
{
	char text[32];
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm utc;
	strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&seconds, &utc));
	return arena_strdup(a, text);
}

/* The finding's reasons, and what people said. */
static struct verdicts_reasons reasons_with(const struct alerting *u,
	const struct fleet_finding *f, const struct told_feedback *said)
{
	struct verdicts_reasons found = publish_reasons(&f->reasons, u->arena);
	if (!said)
		return found;
	struct verdicts_reason *items = arena_array(
		u->arena, found.count + 1, sizeof *items);
	if (found.count)
		memcpy(items, found.items, found.count * sizeof *items);
	bool faster = is_faster(f, said);
	items[found.count] = (struct verdicts_reason){
		.speaks_for = faster,
		.text = arena_printf(u->arena,
			"%s said on %s that this is not a leak%s: %s", said->said_by,
			day_of(said->said_ms, u->arena),
			faster ? ", but it grows clearly faster than then" : "",
			said->reason),
	};
	return (struct verdicts_reasons){items, found.count + 1};
}

static bool save_finding(struct alerting *u, const struct fleet_finding *f,
	const struct told_feedback *said, int64_t known_id, int64_t *id, struct err *e)
{
	struct figures_rate *rates = arena_array(
		u->arena, f->slot_count, sizeof *rates);
	for (size_t i = 0; i < f->slot_count; i++)
		rates[i] = publish_rate(&f->slot_rates[i]);
	struct evidence_row row = {
		.id = known_id,
		.service_id = f->service_id,
		.fingerprint_id = f->lead_fingerprint_id,
		.now_ms = u->now_ms,
		.kind = analyse_kind_name(f->kind),
		.level = analyse_level_name(f->level),
		.cause = f->cause ? f->cause : "",
		.summary = f->summary,
		.rate = publish_rate(&f->rate),
		.onset = publish_moment(&f->onset),
		.exhaust = publish_moment(&f->exhaust),
		.slots = (int64_t)f->slots,
		.slots_leaking = (int64_t)f->slot_count,
		.hosts = (int64_t)f->hosts,
		.hosts_leaking = (int64_t)f->hosts_leaking,
		.reasons = reasons_with(u, f, said),
		.versions = versions_of(f),
		.slot_ids = f->slot_ids,
		.slot_rates = rates,
		.slot_count = f->slot_count,
	};
	return evidence_save(u->db, &row, u->arena, id, e);
}

static bool remark(struct alerting *u, int64_t alert_id, const char *kind,
	const char *text, struct err *e)
{
	u->changed = true;
	struct evidence_remark said = {alert_id, u->now_ms, kind, text};
	return evidence_remark(u->db, &said, u->arena, e);
}

static int64_t between(int64_t low, int64_t value, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static bool on_resolved(struct alerting *u, const struct fleet_finding *f,
	const struct evidence_finding *k, struct err *e)
{
	bool back = true;
	int64_t version = 0;
	if (returning_has_version(k)) {
		version = returning_version(&u->returning, f, k);
		/* What is older was to be expected, but not that it gets clearly worse.
		 */
		back = version != 0 || tending_is_worse(f, &k->alert);
	}
	if (back && strcmp(k->alert.resolution, "not-a-leak") != 0 &&
		!returning_has_grown(&u->returning, f, k, &back, e))
		return false;
	if (!back)
		return true;
	u->changed = true;
	if (!version)
		return evidence_reopen(
			u->db, k->alert.id, u->now_ms, f->summary, u->arena, e);
	return evidence_regress(u->db, k->alert.id, u->now_ms,
		arena_printf(u->arena, "%s leaks, and was resolved in %s: %s",
			releases_label(&u->releases, version), k->alert.resolved_in,
			f->summary),
		u->arena, e);
}

/* One that people have dealt with may be worse than they thought. */
static bool tend(struct alerting *u, const struct fleet_finding *f,
	const struct evidence_finding *k, struct err *e)
{
	const char *why = tending_reason(&k->alert, f, u->arena);
	if (!why)
		return true;
	u->changed = true;
	return evidence_escalate(u->db, k->alert.id, u->now_ms, why, u->arena, e);
}

/* Writes what has changed of it. */
static bool set_quiet(struct alerting *u, const struct evidence_alert *alert,
	int64_t quiet_ms, int64_t silent_ms, struct err *e)
{
	if (alert->quiet_ms == quiet_ms && alert->silent_ms == silent_ms)
		return true;
	struct evidence_alert now = *alert;
	now.quiet_ms = quiet_ms;
	now.silent_ms = silent_ms;
	return evidence_quiet(u->db, &now, u->arena, e);
}

static bool on_confirmed(struct alerting *u, const struct fleet_finding *f,
	const struct evidence_finding *k, const struct told_feedback *said, int64_t id,
	struct err *e)
{
	bool muted = said && !is_faster(f, said);
	if (!k || !k->alert.id) {
		u->changed = u->changed || !muted;
		return muted ||
		       evidence_open(u->db, id, u->now_ms, f->summary, u->arena, e);
	}
	if (k->alert.is_resolved)
		return muted || on_resolved(u, f, k, e);
	if ((k->alert.quiet_ms && !remark(u, k->alert.id, "growing", f->summary, e)) ||
		!tend(u, f, k, e))
		return false;
	int64_t silent_ms = !k->is_unseen || k->is_seen ? 0
			    : k->alert.silent_ms        ? k->alert.silent_ms
							: u->now_ms;
	return set_quiet(u, &k->alert, 0, silent_ms, e);
}

static const char *gone_text(
	const struct evidence_finding *k, int64_t now_ms, struct arena *a)
{
	if (k->ran_ms && now_ms - k->ran_ms >= 6 * HOUR_MS)
		return "No process of its versions has run for 6 h";
	return arena_printf(a, "Nothing has grown for %" PRId64 " h",
		(now_ms - k->alert.quiet_ms) / HOUR_MS);
}

/* An open alert of a finding that is not confirmed now; when it is quiet, and with
 * which words. */
static bool on_rest(struct alerting *u, const struct evidence_finding *k,
	int64_t due_ms, const char *text, struct err *e)
{
	const struct evidence_alert *alert = &k->alert;
	if (k->is_unseen) {
		int64_t silent_ms = alert->silent_ms ? alert->silent_ms : u->now_ms;
		return set_quiet(
			u, alert, alert->quiet_ms, k->is_seen ? 0 : silent_ms, e);
	}
	if (u->now_ms < due_ms)
		return set_quiet(u, alert, alert->quiet_ms, 0, e);
	if (!alert->quiet_ms)
		return set_quiet(u, alert, u->now_ms, 0, e) &&
		       remark(u, alert->id, "quiet", text, e);
	bool is_over = k->ran_ms && u->now_ms - k->ran_ms >= 6 * HOUR_MS;
	int64_t patience_ms = between(
		6 * HOUR_MS, 2 * returning_search_ms(k), 48 * HOUR_MS);
	if (!is_over && u->now_ms - alert->quiet_ms < patience_ms)
		return set_quiet(u, alert, alert->quiet_ms, 0, e);
	u->changed = true;
	return evidence_resolve(u->db, alert->id, u->now_ms,
		gone_text(k, u->now_ms, u->arena), u->arena, e);
}

static bool is_open(const struct evidence_finding *k)
{
	return k && k->alert.id && !k->alert.is_resolved;
}

/* `part`: the finding of what people split off that this is; 0: none. */
static bool on_found(
	struct alerting *u, const struct fleet_finding *f, int64_t part, struct err *e)
{
	struct evidence_finding *k = part ? take_part(u, part) : take_known(u, f);
	if (part && !k)
		return true; /* told once, of another cause with its seats */
	const struct told_feedback *said = feedback_on(u, f);
	int64_t id;
	if (!save_finding(u, f, said, k ? k->id : 0, &id, e))
		return false;
	if (f->level == ANALYSE_CONFIRMED)
		return on_confirmed(u, f, k, said, id, e);
	return !is_open(k) ||
	       on_rest(u, k, k->confirmed_ms + ALERTING_UNSURE_MS, f->summary, e);
}

/* Where a version says it as a whole, all seats of the versions are inside. */
static bool has_ended(const struct alerting *u, const struct fleet_finding *f)
{
	for (size_t i = 0; i < f->slot_count; i++)
		if (!book_has_ended(u->book, f->slot_ids[i], u->now_ms))
			return false;
	if (f->slot_count && !f->is_joint)
		return true;
	for (size_t i = 0; i < f->fingerprint_count; i++)
		if (!book_version_has_ended(u->book, f->fingerprint_ids[i], u->now_ms))
			return false;
	return true;
}

/* What was two causes may turn out to be one: the finding that an alert's versions are
 * inside of now, which goes on under another alert.  NULL: none. */
static const struct fleet_finding *joined(
	const struct alerting *u, const struct evidence_finding *k)
{
	if (is_among(u->split.all, k->id))
		return NULL;
	for (size_t i = 0; i < u->split.count; i++) {
		const struct fleet_finding *f = &u->split.findings[i];
		if (!u->split.parts[i] && likeness(f, k) && !has_ended(u, f))
			return f;
	}
	return NULL;
}

static bool on_missing(
	struct alerting *u, const struct evidence_finding *k, struct err *e)
{
	if (k->active && !k->is_unseen && u->now_ms - k->last_ms >= ALERTING_QUIET_MS &&
		!evidence_rest(u->db, k->id, u->arena, e))
		return false;
	if (!is_open(k))
		return true;
	const struct fleet_finding *other = joined(u, k);
	if (other) {
		u->changed = true;
		return evidence_resolve(u->db, k->alert.id, u->now_ms,
			arena_printf(u->arena, "One cause with another alert: %s",
				other->summary),
			u->arena, e);
	}
	return on_rest(u, k, k->last_ms + ALERTING_QUIET_MS,
		k->is_seen ? "Its processes no longer grow"
			   : "No process of its versions runs any more",
		e);
}

static struct figures_ids found_services(const struct alerting *u)
{
	size_t count = u->report->finding_count;
	int64_t *ids = arena_array(u->arena, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = u->report->findings[i].service_id;
	return (struct figures_ids){ids, count};
}

/* Every version in a report. */
static struct figures_ids found_versions(const struct alerting *u)
{
	size_t count = 0;
	for (size_t i = 0; i < u->report->finding_count; i++)
		count += u->report->findings[i].fingerprint_count + 1;
	int64_t *ids = arena_array(u->arena, count, sizeof *ids);
	count = 0;
	for (size_t i = 0; i < u->report->finding_count; i++) {
		const struct fleet_finding *f = &u->report->findings[i];
		for (size_t k = 0; k < f->fingerprint_count; k++)
			ids[count++] = f->fingerprint_ids[k];
		ids[count++] = f->lead_fingerprint_id;
	}
	return (struct figures_ids){ids, count};
}

/* The versions of services with alerts that were resolved in one. */
static bool read_releases(struct alerting *u, struct err *e)
{
	int64_t *services = arena_array(u->arena, u->known_count, sizeof *services);
	size_t count = 0;
	for (size_t i = 0; i < u->known_count; i++)
		if (returning_has_version(&u->known[i]))
			services[count++] = u->known[i].service_id;
	u->returning = (struct returning){
		u->db, u->book, &u->releases, u->now_ms, u->arena};
	return releases_read(u->db, (struct figures_ids){services, count}, u->arena,
		&u->releases, e);
}

static bool read_known(struct alerting *u, struct err *e)
{
	struct evidence_scope scope = {found_versions(u), found_services(u), u->now_ms};
	/* Feedback last: of an alert that is seen as dismissed, the reason is too. */
	if (!evidence_find(u->db, &scope, u->arena, &u->known, &u->known_count, e) ||
		!told_feedback(u->db, u->arena, &u->feedback, &u->feedback_count, e) ||
		!read_releases(u, e) ||
		!splitting_read(u->db, u->report, u->known, u->known_count, u->arena,
			&u->split, e))
		return false;
	u->is_taken = arena_array(u->arena, u->known_count, sizeof *u->is_taken);
	return true;
}

bool alerting_update(struct db *db, const struct alerting_input *in, struct arena *a,
	bool *changed, struct err *e)
{
	const struct fleet_report *report = in->report;
	struct alerting u = {.db = db,
		.book = in->book,
		.report = report,
		.now_ms = in->now_ms,
		.arena = a};
	if (!evidence_expire(db, in->now_ms, a, &u.changed, e) || !read_known(&u, e))
		return false;
	for (size_t i = 0; i < u.split.count; i++) {
		const struct fleet_finding *f = &u.split.findings[i];
		if (!has_ended(&u, f) && !on_found(&u, f, u.split.parts[i], e))
			return false;
	}
	for (size_t i = 0; i < u.known_count; i++)
		if (!u.is_taken[i] && !on_missing(&u, &u.known[i], e))
			return false;
	*changed = u.changed;
	return verifying_run(db, report, in->now_ms, a, changed, e);
}
