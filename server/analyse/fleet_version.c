/* What the slots of a version say together: pooled, and against another version. */
#include "server/analyse/cohort.h"
#include "server/analyse/fleet_inside.h"
#include "server/analyse/pool.h"
#include "server/analyse/robust.h"

#include <math.h>
#include <stdio.h>

enum {
	TIER_LEAST = 3,
	POOL_TIER = 4,
	POOL_SLOTS = 3,
	POINTS_MIN = 8,
	LATCH_S = 6 * 3600
};

#define HOUR_MS INT64_C(3600000)

/* One slot's bins of one tier while it ran a version. */
struct stretch {
	int64_t place[TRACE_BINS];
	double value[TRACE_BINS], load[TRACE_BINS], age_h[TRACE_BINS];
	int64_t age[TRACE_BINS]; /* in bins */
	size_t life[TRACE_BINS];
	int64_t host_id;
	size_t count;
	bool has_load;
};

static void take_stretch(const struct fleet_seat_state *s, size_t tier,
	int64_t fingerprint_id, struct stretch *out)
{
	struct trace_bin bins[TRACE_BINS];
	struct trace_life lives[TRACE_LIVES];
	const struct trace *t = slot_trace(s->slot);
	size_t count = trace_bins(t, tier, bins), n = 0;
	trace_lives(t, lives);
	int64_t bin_ms = trace_bin_ms(tier);
	out->has_load = true;
	out->host_id = s->seat.host_id;
	for (size_t i = 0; i < count; i++) {
		const struct trace_bin *b = &bins[i];
		if (b->life == TRACE_LIFE_FORGOTTEN || isnan(b->value[TRACE_MEMORY]))
			continue;
		const struct trace_life *l = &lives[b->life];
		int64_t place = b->at_ms / bin_ms;
		if (l->fingerprint_id != fingerprint_id ||
			b->at_ms - l->started_ms < 2 * bin_ms ||
			(n && place <= out->place[n - 1]))
			continue;
		out->place[n] = place;
		out->value[n] = b->value[TRACE_MEMORY];
		out->load[n] = b->value[TRACE_LOAD];
		out->age[n] = (b->at_ms - l->started_ms) / bin_ms;
		out->life[n] = b->life;
		out->age_h[n] = (double)(b->at_ms - l->started_ms) / (double)HOUR_MS;
		out->has_load = out->has_load && !isnan(out->load[n]);
		n++;
	}
	out->count = n;
}

/* The version to be compared with: of those that came earlier the one with most seats
 * that ran it, now or before. */
static struct fleet_version_state *reference_of(const struct fleet_version_state *v)
{
	struct fleet_version_state *best = NULL;
	for (struct fleet_version_state *o = v->service->versions; o; o = o->next)
		if (o != v && o->first_ms < v->first_ms && o->seat_count >= 2 &&
			(!best || o->seat_count > best->seat_count))
			best = o;
	return best;
}

static double scale_of(const struct fleet_version_state *v)
{
	double sum = 0;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		struct slot_state state = slot_state(s->slot);
		sum += span_scale_kb(state.limit_kb,
			trace_now(slot_trace(s->slot)).reading.memory_kb);
	}
	return v->seat_count ? sum / (double)v->seat_count : 0;
}

/* Adds the stretches of the seats of `of` while they ran `of`, or, with `before`, of
 * those that run it now while they still ran another. */
static size_t add_members(const struct fleet_version_state *of, int64_t fingerprint_id,
	size_t tier, bool is_new, struct stretch *stretches,
	struct cohort_member *members, size_t n)
{
	for (const struct fleet_seat_state *s = of->seats; s; s = s->next_of_version) {
		struct stretch *m = &stretches[n];
		take_stretch(s, tier, fingerprint_id, m);
		if (!m->count)
			continue;
		members[n++] = (struct cohort_member){is_new, m->place, m->value,
			m->has_load ? m->load : NULL, m->age_h, m->count};
	}
	return n;
}

static enum analyse_level judge_cohort(const struct fleet_version_state *v, size_t tier,
	struct arena *a, struct cohort_result *out)
{
	const struct fleet_version_state *o = reference_of(v);
	*out = (struct cohort_result){.lack = COHORT_NO_PEERS};
	if (!o)
		return ANALYSE_QUIET;
	size_t most = 2 * v->seat_count + o->seat_count, n = 0;
	struct stretch *stretches = arena_array(a, most, sizeof *stretches);
	struct cohort_member *members = arena_array(a, most, sizeof *members);
	n = add_members(v, v->id, tier, true, stretches, members, n);
	n = add_members(o, o->id, tier, false, stretches, members, n);
	n = add_members(v, o->id, tier, false, stretches, members, n);
	struct cohort_input in = {
		members, n, trace_bin_ms(tier), v->first_ms, scale_of(v)};
	cohort_judge(&in, a, out);
	return out->lack == COHORT_JUDGED ? out->level : ANALYSE_QUIET;
}

/* Theil-Sen slope of one stretch with its error: within lives, because a restart that
 * gives memory back says nothing of how it grows. */
static bool slope_of(
	const struct stretch *m, size_t tier, struct arena *a, struct pool_slope *out)
{
	if (m->count < POINTS_MIN)
		return false;
	double *x = arena_array(a, m->count, sizeof *x);
	for (size_t i = 0; i < m->count; i++)
		x[i] = (double)(m->place[i] * trace_bin_ms(tier)) / (double)HOUR_MS;
	struct robust_points p = {x, m->value, m->life, m->count};
	struct robust_slope slope = robust_theil_sen(&p, 0.5, a);
	double error = (slope.high - slope.low) / (2 * 1.96);
	if (!slope.known || !(error > 0))
		return false;
	*out = (struct pool_slope){m->host_id, slope.value, error};
	return true;
}

/* Each life of a stretch is a member of its own.  Several are joined by age, as leaks
 * and warm-ups begin anew; one by the calendar, whose days bend it. */
static size_t add_lives(const struct stretch *m, bool by_age, struct pool_member *out)
{
	const int64_t *place = by_age ? m->age : m->place;
	size_t n = 0;
	for (size_t from = 0, to; from < m->count; from = to) {
		for (to = from; to < m->count && m->life[to] == m->life[from]; to++)
			;
		if (to - from >= POINTS_MIN / 2)
			out[n++] = (struct pool_member){place + from, m->value + from,
				m->has_load ? m->load + from : NULL, to - from};
	}
	return n;
}

static enum analyse_level judge_pool(const struct fleet_version_state *v, size_t tier,
	struct arena *a, struct pool_verdict *out)
{
	*out = (struct pool_verdict){0};
	if (v->seat_count < POOL_SLOTS || tier < POOL_TIER)
		return ANALYSE_QUIET;
	struct stretch *stretches = arena_array(a, v->seat_count, sizeof *stretches);
	struct pool_member *members = arena_array(
		a, v->seat_count * TRACE_LIVES, sizeof *members);
	size_t taken = 0, n = 0;
	double youngest_h = INFINITY;
	bool by_age = false;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		struct stretch *m = &stretches[taken];
		take_stretch(s, tier, v->id, m);
		if (m->count < POINTS_MIN)
			continue;
		taken++;
		youngest_h = fmin(youngest_h, m->age_h[m->count - 1]);
		by_age = by_age || m->life[0] != m->life[m->count - 1];
	}
	for (size_t i = 0; i < taken; i++)
		n += add_lives(&stretches[i], by_age, &members[n]);
	double bin_h = (double)trace_bin_ms(tier) / (double)HOUR_MS;
	struct pool_curve curve;
	pool_mean_curve(members, n, bin_h, by_age, a, &curve);
	/* Slopes are dear, and say nothing where the curve is quiet. */
	struct pool_input in = {NULL, 0, &curve, scale_of(v), youngest_h < 24};
	pool_judge(&in, a, out);
	if (!out->curve.level)
		return ANALYSE_QUIET;
	struct pool_slope *slopes = arena_array(a, taken, sizeof *slopes);
	for (size_t i = 0; i < taken; i++)
		in.slope_count += slope_of(
			&stretches[i], tier, a, &slopes[in.slope_count]);
	if (in.slope_count < POOL_SLOTS)
		return ANALYSE_QUIET;
	in.slopes = slopes;
	pool_judge(&in, a, out);
	return out->level;
}

static void hold(struct fleet_hold *h, enum analyse_level level, uint32_t now_s)
{
	if (level < ANALYSE_CONFIRMED)
		h->confirmed_s = 0;
	else if (!h->confirmed_s)
		h->confirmed_s = now_s;
	if (level < ANALYSE_EARLY)
		h->early_s = 0;
	else if (!h->early_s)
		h->early_s = now_s;
}

/* Twice as long as for one slot: two versions or many slots that wander together look
 * alike for a while. */
static enum analyse_level held(const struct fleet_hold *h, size_t tier, uint32_t now_s)
{
	double window_s = (double)trace_window_ms(tier) / 1000;
	double confirmed = fmin(0.2 * window_s, 10 * 3600);
	double early = fmin(0.16 * window_s, 8 * 3600);
	if (h->confirmed_s && now_s - h->confirmed_s >= confirmed)
		return ANALYSE_CONFIRMED;
	return h->early_s && now_s - h->early_s >= early ? ANALYSE_EARLY
							 : ANALYSE_QUIET;
}

static void note(struct fleet_version_state *v, size_t tier, bool by_cohort,
	const struct analyse_rate *rate, const struct analyse_moment *onset,
	const char *words)
{
	v->tier = tier;
	v->by_cohort = by_cohort;
	v->rate = *rate;
	v->onset = *onset;
	snprintf(v->reason, sizeof v->reason, "%s", words ? words : "");
}

static void judge_tier(
	struct fleet_version_state *v, size_t tier, int64_t now_ms, struct arena *a)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000);
	struct cohort_result cohort;
	struct pool_verdict pool;
	hold(&v->cohort[tier], judge_cohort(v, tier, a, &cohort), now_s);
	hold(&v->pool[tier], judge_pool(v, tier, a, &pool), now_s);
	enum analyse_level by_cohort = held(&v->cohort[tier], tier, now_s);
	enum analyse_level by_pool = held(&v->pool[tier], tier, now_s);
	enum analyse_level level = by_cohort > by_pool ? by_cohort : by_pool;
	if (cohort.lack == COHORT_JUDGED && cohort.detectable_kb_h > 0)
		v->detectable_kb_h[tier] = cohort.detectable_kb_h;
	if (level == ANALYSE_QUIET)
		return;
	struct analyse_moment unknown = {0};
	if (by_cohort >= by_pool)
		note(v, tier, true, &cohort.rate, &cohort.onset, cohort.summary);
	else
		note(v, tier, false, &pool.rate, &unknown, pool.summary);
	v->early_until_s = now_s + LATCH_S;
	if (level == ANALYSE_CONFIRMED)
		v->confirmed_until_s = now_s + LATCH_S;
}

bool fleet_version_judge(struct fleet *f, struct fleet_version_state *v, int64_t now_ms)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000);
	enum analyse_level before = v->level;
	for (size_t tier = TIER_LEAST; tier < TRACE_TIERS && v->seat_count >= 1;
		tier++) {
		int64_t bin = now_ms / trace_bin_ms(tier);
		if (bin == v->bins[tier])
			continue;
		v->bins[tier] = bin;
		arena_reset(&f->scratch);
		if (v->service->versions->next || v->seat_count >= POOL_SLOTS)
			judge_tier(v, tier, now_ms, &f->scratch);
	}
	v->level = now_s < v->confirmed_until_s ? ANALYSE_CONFIRMED
		   : now_s < v->early_until_s   ? ANALYSE_EARLY
						: ANALYSE_QUIET;
	return v->level != before;
}
