#include "server/watch/capturing_rule.h"

#include <string.h>

struct deciding {
	const struct snapshot_policy_case *c;
	const struct snapshot_policy_facts *facts;
	int64_t now_ms, cooldown_ms;
};

static bool is_policys(const struct snapshot_policy_past *p)
{
	return strncmp(p->cause, "policy", 6) == 0;
}

static bool is_under_way(const struct snapshot_policy_past *p)
{
	static const char *const states[] = {"quoting", "quoted", "ordered", "running"};
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(p->state, states[i]) == 0)
			return true;
	return false;
}

static bool is_lately(const struct deciding *d, int64_t at_ms)
{
	return at_ms && d->now_ms - at_ms < d->cooldown_ms;
}

/* The quoted capture of this finding, which waits for a decision. */
static struct capturing_decision on_quoted(const struct snapshot_policy_past *p)
{
	if (!p->gate || p->is_left_noted)
		return (struct capturing_decision){.what = CAPTURING_NOTHING};
	enum capturing_what what = strcmp(p->gate, "allowed") == 0 ? CAPTURING_CONFIRM
								   : CAPTURING_LEAVE;
	return (struct capturing_decision){.what = what, .capture_id = p->id};
}

/* Whether the service is being captured, or was so lately that it needs its rest. */
static bool is_busy(const struct deciding *d)
{
	if (is_lately(d, d->c->refused_ms))
		return true;
	for (size_t i = 0; i < d->facts->past_count; i++) {
		const struct snapshot_policy_past *p = &d->facts->past[i];
		if (p->service_id != d->c->service_id)
			continue;
		if (is_under_way(p) || is_lately(d, p->ordered_ms) ||
			(is_policys(p) && is_lately(d, p->asked_ms)))
			return true;
	}
	return false;
}

static bool is_of(const struct deciding *d, const struct snapshot_policy_past *p,
	const char *cause)
{
	return p->finding_id == d->c->finding_id && strcmp(p->cause, cause) == 0;
}

static int count_tries(const struct deciding *d, const char *cause)
{
	int tries = 0;
	for (size_t i = 0; i < d->facts->past_count; i++)
		tries += is_of(d, &d->facts->past[i], cause);
	return tries;
}

/* The newest snapshot of this cause; of one process, 0: of any.  NULL: none. */
static const struct snapshot_policy_past *find_done(
	const struct deciding *d, const char *cause, int64_t generation_id)
{
	for (size_t i = 0; i < d->facts->past_count; i++) {
		const struct snapshot_policy_past *p = &d->facts->past[i];
		if (is_of(d, p, cause) && strcmp(p->state, "done") == 0 &&
			(!generation_id || p->generation_id == generation_id))
			return p;
	}
	return NULL;
}

static const struct snapshot_policy_seat *find_seat(
	const struct deciding *d, int64_t generation_id)
{
	for (size_t i = 0; i < d->facts->seat_count; i++)
		if (d->facts->seats[i].generation_id == generation_id &&
			d->facts->seats[i].runs)
			return &d->facts->seats[i];
	return NULL;
}

static const struct snapshot_policy_seat *clearest_slope(const struct deciding *d)
{
	const struct snapshot_policy_seat *best = NULL;
	for (size_t i = 0; i < d->facts->seat_count; i++) {
		const struct snapshot_policy_seat *s = &d->facts->seats[i];
		if (s->fingerprint_id == d->c->fingerprint_id && s->runs &&
			s->has_rate && strcmp(s->verdict, "leak") == 0 &&
			(!best || s->rate_low_kb_h > best->rate_low_kb_h))
			best = s;
	}
	return best;
}

static const struct snapshot_policy_seat *oldest_steady(const struct deciding *d)
{
	const struct snapshot_policy_seat *best = NULL;
	for (size_t i = 0; i < d->facts->seat_count; i++) {
		const struct snapshot_policy_seat *s = &d->facts->seats[i];
		if (s->service_id == d->c->service_id &&
			s->fingerprint_id != d->c->fingerprint_id && s->runs &&
			strcmp(s->verdict, "steady") == 0 &&
			(!best || s->started_ms < best->started_ms))
			best = s;
	}
	return best;
}

static bool has_grown(const struct deciding *d,
	const struct snapshot_policy_past *first,
	const struct snapshot_policy_seat *seat)
{
	return first->low_kb >= 0 && seat->value_kb >= 0 &&
	       (seat->value_kb - first->low_kb) * 1024 >= d->c->grown_bytes;
}

static struct capturing_decision choose(const struct deciding *d)
{
	const struct snapshot_policy_past *first = find_done(d, CAPTURING_FIRST, 0);
	const struct snapshot_policy_seat *again = first ? find_seat(d,
								   first->generation_id)
							 : NULL;
	const struct snapshot_policy_seat *control = oldest_steady(d);
	if (!again && count_tries(d, CAPTURING_FIRST) < CAPTURING_TRIES)
		return (struct capturing_decision){.what = CAPTURING_ASK,
			.seat = clearest_slope(d),
			.cause = CAPTURING_FIRST};
	if (again && !find_done(d, CAPTURING_GROWTH, again->generation_id) &&
		has_grown(d, first, again) &&
		count_tries(d, CAPTURING_GROWTH) < CAPTURING_TRIES)
		return (struct capturing_decision){.what = CAPTURING_ASK,
			.seat = again,
			.cause = CAPTURING_GROWTH};
	if (first && d->c->with_control && control &&
		!find_done(d, CAPTURING_CONTROL, 0))
		return (struct capturing_decision){.what = CAPTURING_ASK,
			.seat = control,
			.cause = CAPTURING_CONTROL};
	return (struct capturing_decision){.what = CAPTURING_NOTHING};
}

static bool is_healthy(const struct deciding *d, const struct snapshot_policy_seat *s)
{
	return s->fingerprint_id != d->c->fingerprint_id &&
	       strcmp(s->verdict, "leak") != 0;
}

/* Whether another one answers in its place: of one that leaks, any that will run on; of
 * a control, one that is healthy too. */
static bool has_another(
	const struct deciding *d, const struct snapshot_policy_seat *seat)
{
	for (size_t i = 0; i < d->facts->seat_count; i++) {
		const struct snapshot_policy_seat *s = &d->facts->seats[i];
		if (s != seat && s->service_id == seat->service_id && s->runs &&
			!s->is_near_limit && (!is_healthy(d, seat) || is_healthy(d, s)))
			return true;
	}
	return false;
}

struct capturing_decision capturing_rule_decide(const struct snapshot_policy_case *c,
	const struct snapshot_policy_facts *facts, int64_t now_ms, int64_t cooldown_ms)
{
	const struct capturing_decision nothing = {.what = CAPTURING_NOTHING};
	struct deciding d = {c, facts, now_ms, cooldown_ms};
	for (size_t i = 0; i < facts->past_count; i++) {
		const struct snapshot_policy_past *p = &facts->past[i];
		if (p->finding_id == c->finding_id && is_policys(p) &&
			strcmp(p->state, "quoted") == 0)
			return on_quoted(p);
	}
	if (is_busy(&d))
		return nothing;
	struct capturing_decision decision = choose(&d);
	if (decision.what != CAPTURING_ASK || !decision.seat ||
		count_tries(&d, decision.cause) >= CAPTURING_TRIES)
		return nothing;
	if (!has_another(&d, decision.seat))
		decision.what = c->is_skip_noted ? CAPTURING_NOTHING : CAPTURING_SKIP;
	return decision;
}
