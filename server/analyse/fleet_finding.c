/* Versions and causes, in figures and words. */
#include "server/analyse/cause.h"
#include "server/analyse/fleet_inside.h"
#include "server/analyse/outlier.h"
#include "server/analyse/reasons.h"
#include "server/analyse/words.h"

#include <math.h>
#include <string.h>

static const double AGES_ALIKE = 1.25; /* of two lives, as a factor */

enum { VERDICTS = ANALYSE_LEAK + 1, TOLERANCE_MS = 3 * 3600 * 1000, PEERS = 4 };

/* What grows by itself, and what waits, are different causes. */
static bool is_backlog(enum analyse_kind kind)
{
	return kind == ANALYSE_KIND_BACKLOG;
}

/* Seats of a version that say something at `level` at least, of one sort of cause. */
static size_t count_saying(
	const struct fleet_version_state *v, enum analyse_level level, bool backlog)
{
	size_t n = 0;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version)
		n += s->told.level >= level && is_backlog(s->told.kind) == backlog;
	return n;
}

/* Hosts of the seats that say something at `level` at least, of one sort of cause; of
 * all seats for ANALYSE_QUIET. */
static size_t count_hosts(const struct fleet_version_state *v, enum analyse_level level,
	bool backlog, struct arena *a)
{
	int64_t *seen = arena_array(a, v->seat_count, sizeof *seen);
	size_t hosts = 0;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		bool known = level != ANALYSE_QUIET &&
			     (s->told.level < level ||
				     is_backlog(s->told.kind) != backlog);
		for (size_t h = 0; h < hosts && !known; h++)
			known = seen[h] == s->seat.host_id;
		if (!known)
			seen[hosts++] = s->seat.host_id;
	}
	return hosts;
}

static enum analyse_level joint_level(const struct fleet_version_state *v)
{
	bool eager = v->service->sensitivity == ANALYSE_EAGER;
	return eager && v->level == ANALYSE_EARLY ? ANALYSE_CONFIRMED : v->level;
}

/* Mean over seats at `level`, and over the intervals' ends: their spread tells no less
 * than what each knows of itself. */
struct mean {
	double kb_h, low, high, n;
};

static void add_rates(const struct fleet_version_state *v, enum analyse_level level,
	bool backlog, struct mean *m)
{
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		const struct fleet_told *t = &s->told;
		if (t->level < level || isnan(t->kb_h) ||
			is_backlog(t->kind) != backlog)
			continue;
		m->n++;
		m->kb_h += (t->kb_h - m->kb_h) / m->n;
		m->low += (t->low_kb_h - m->low) / m->n;
		m->high += (t->high_kb_h - m->high) / m->n;
	}
}

static struct analyse_rate rate_of(const struct mean *m)
{
	return (struct analyse_rate){m->n > 0, m->kb_h, m->low, m->high};
}

/* The first of the seats at `level` to begin, and to reach its limit. */
static void first_moments(const struct fleet_version_state *v, enum analyse_level level,
	bool backlog, struct analyse_moment *onset, struct analyse_moment *exhaust)
{
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		const struct fleet_told *t = &s->told;
		if (t->level < level || is_backlog(t->kind) != backlog)
			continue;
		if (t->onset.at_ms && (!onset->at_ms || t->onset.at_ms < onset->at_ms))
			*onset = t->onset;
		if (t->exhaust.at_ms &&
			(!exhaust->at_ms || t->exhaust.at_ms < exhaust->at_ms))
			*exhaust = t->exhaust;
	}
}

/* The verdict that most of its judged seats share, none of which grows. */
static enum analyse_verdict common_verdict(
	const struct fleet_version_state *v, int64_t *wait_s)
{
	size_t votes[VERDICTS] = {0};
	*wait_s = 0;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		const struct fleet_told *t = &s->told;
		votes[t->verdict]++;
		if (t->verdict == ANALYSE_LEARNING && (!*wait_s || t->wait_s < *wait_s))
			*wait_s = t->wait_s;
	}
	enum analyse_verdict most = ANALYSE_STEADY;
	for (enum analyse_verdict w = ANALYSE_STEADY; w < ANALYSE_WATCH; w++)
		if (votes[w] > votes[most])
			most = w;
	if (votes[most]) {
		*wait_s = 0;
		return most;
	}
	return votes[ANALYSE_LEARNING] ? ANALYSE_LEARNING : ANALYSE_UNUSABLE;
}

static enum analyse_kind kind_of(
	const struct fleet_version_state *v, enum analyse_level level, bool backlog)
{
	if (backlog)
		return ANALYSE_KIND_BACKLOG;
	size_t native = 0, leak = 0;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version) {
		native += s->told.level >= level && s->told.kind == ANALYSE_KIND_NATIVE;
		leak += s->told.level >= level && s->told.kind == ANALYSE_KIND_LEAK;
	}
	return native > leak ? ANALYSE_KIND_NATIVE
	       : leak        ? ANALYSE_KIND_LEAK
			     : ANALYSE_KIND_VERSION;
}

static enum analyse_verdict verdict_of(enum analyse_level level, enum analyse_kind kind)
{
	if (level != ANALYSE_CONFIRMED)
		return ANALYSE_WATCH;
	return kind == ANALYSE_KIND_BACKLOG  ? ANALYSE_BACKLOG
	       : kind == ANALYSE_KIND_NATIVE ? ANALYSE_NATIVE_GROWTH
					     : ANALYSE_LEAK;
}

/* A version is convicted by its slots together, or by a third of them on two hosts; the
 * only one there is by itself. */
static enum analyse_level convict(
	const struct fleet_version_state *v, bool backlog, struct arena *a)
{
	enum analyse_level level = backlog ? ANALYSE_QUIET : joint_level(v);
	for (enum analyse_level l = ANALYSE_CONFIRMED; l > level; l--) {
		size_t saying = count_saying(v, l, backlog);
		bool many = 3 * saying >= v->seat_count &&
			    (v->seat_count == 1 || count_hosts(v, l, backlog, a) >= 2 ||
				    count_hosts(v, ANALYSE_QUIET, false, a) == 1);
		if (saying && many)
			return l;
	}
	return level;
}

static const char *name_of(const struct fleet_version_state *v, struct arena *a)
{
	return v->name[0] ? arena_printf(a, "%s %s", v->service->name, v->name)
			  : arena_printf(a, "%s (unknown version)", v->service->name);
}

static const char *quiet_words(enum analyse_verdict verdict)
{
	switch (verdict) {
	case ANALYSE_CYCLIC:
		return "comes and goes";
	case ANALYSE_LOAD:
		return "follows its load";
	case ANALYSE_WARMUP:
		return "is warming up";
	case ANALYSE_STEP:
		return "rose once and stayed";
	case ANALYSE_FRAGMENTATION:
		return "grows ever slower around a resting heap";
	case ANALYSE_UNUSABLE:
		return "cannot be judged";
	default:
		return "is steady";
	}
}

static void version_words(const struct fleet *f, const struct fleet_version_state *v,
	struct arena *a, struct fleet_version_result *out)
{
	const char *name = name_of(v, a);
	const char *where = arena_printf(a, "%s on %s",
		words_count(a, out->slots, "instance"),
		words_count(a, out->hosts, "host"));
	if (out->verdict == ANALYSE_LEARNING) {
		out->summary = arena_printf(a, "%s: not enough data yet, about %s more",
			name, words_span(a, out->wait_s * 1000));
	} else if (out->level == ANALYSE_QUIET) {
		out->summary = arena_printf(
			a, "%s %s: %s", name, quiet_words(out->verdict), where);
	} else {
		const char *until =
			!out->exhaust.at_ms
				? ""
				: arena_printf(a, "; the first reaches its limit in %s",
					  words_span(
						  a, out->exhaust.at_ms - f->now_ms));
		out->summary = arena_printf(a, "%s %s: %zu of %s by %s each%s", name,
			out->level == ANALYSE_CONFIRMED
				? out->kind == ANALYSE_KIND_BACKLOG ? "has a backlog"
								    : "leaks"
				: "grows, not yet surely a leak",
			out->slots_leaking, where, words_rate(a, &out->rate), until);
	}
}

/* The words of the seat that says it longest. */
static void add_example(struct fleet *f, const struct fleet_version_state *v,
	enum analyse_level level, struct arena *a, struct reasons *r)
{
	struct fleet_seat_state *best = NULL;
	for (struct fleet_seat_state *s = v->seats; s; s = s->next_of_version)
		if (s->told.level >= level &&
			(!best || s->told.onset.at_ms < best->told.onset.at_ms))
			best = s;
	if (!best)
		return;
	struct fleet_slot said;
	fleet_explain(f, best, a, &said);
	for (size_t i = 0; i < said.reasons.count; i++)
		reasons_add(r, said.reasons.items[i].speaks_for,
			said.reasons.items[i].text);
}

/* What would have been found, had it been there. */
static void add_detectable(
	const struct fleet_version_state *v, struct arena *a, struct reasons *r)
{
	double least = INFINITY;
	for (size_t tier = 0; tier < TRACE_TIERS; tier++)
		if (v->detectable_kb_h[tier] > 0)
			least = fmin(least, v->detectable_kb_h[tier]);
	if (isfinite(least))
		reasons_add(r, true,
			arena_printf(a,
				"It does not grow beside the version before it; %s/h "
				"more would show",
				words_memory(a, least)));
}

void fleet_version_tell(struct fleet *f, struct fleet_version_state *v, struct arena *a,
	struct fleet_version_result *out)
{
	*out = (struct fleet_version_result){.service_id = v->service->id,
		.fingerprint_id = v->id,
		.at_ms = f->now_ms,
		.slots = v->seat_count,
		.hosts = count_hosts(v, ANALYSE_QUIET, false, a)};
	enum analyse_level growth = convict(v, false, a), queue = convict(v, true, a);
	bool backlog = queue > growth;
	out->level = backlog ? queue : growth;
	enum analyse_level of = out->level == ANALYSE_QUIET ? ANALYSE_CONFIRMED
							    : out->level;
	out->slots_leaking = count_saying(v, of, backlog);
	out->hosts_leaking = out->slots_leaking ? count_hosts(v, of, backlog, a) : 0;
	struct reasons r = {0};
	if (out->level == ANALYSE_QUIET) {
		out->verdict = common_verdict(v, &out->wait_s);
		add_detectable(v, a, &r);
		if (out->slots_leaking)
			reasons_add(&r, false,
				arena_printf(a,
					"%zu of %s leak: too few to blame the version",
					out->slots_leaking,
					words_count(a, out->slots, "instance")));
	} else {
		struct mean mean = {0};
		add_rates(v, out->level, backlog, &mean);
		out->rate = mean.n > 0 ? rate_of(&mean) : v->rate;
		out->kind = kind_of(v, out->level, backlog);
		out->verdict = verdict_of(out->level, out->kind);
		first_moments(v, out->level, backlog, &out->onset, &out->exhaust);
		if (!out->onset.at_ms)
			out->onset = v->onset;
		if (!backlog && v->level != ANALYSE_QUIET)
			reasons_add(&r, true, arena_strdup(a, v->reason));
	}
	add_example(
		f, v, out->level == ANALYSE_QUIET ? ANALYSE_EARLY : out->level, a, &r);
	version_words(f, v, a, out);
	out->reasons = reasons_finish(&r, a);
}

/* What is gathered for one cause. */
struct gathering {
	struct fleet *f;
	struct fleet_service_state *o;
	struct arena *a;
	bool backlog;
	enum analyse_level level;
	struct fleet_finding *out;
	struct reasons reasons;
};

static bool takes_part(const struct gathering *g, const struct fleet_version_state *v)
{
	if (count_saying(v, g->level, g->backlog))
		return true;
	return !g->backlog && v->seat_count && joint_level(v) >= g->level;
}

/* The level that the worst of its seats, or its versions as a whole, say. */
static enum analyse_level level_of(const struct gathering *g)
{
	enum analyse_level level = ANALYSE_QUIET;
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next) {
		if (!g->backlog && v->seat_count && joint_level(v) > level)
			level = joint_level(v);
		for (const struct fleet_seat_state *s = v->seats; s;
			s = s->next_of_version)
			if (is_backlog(s->told.kind) == g->backlog &&
				s->told.level > level)
				level = s->told.level;
	}
	return level;
}

static size_t judged_seats(const struct fleet_version_state *v)
{
	size_t n = 0;
	for (const struct fleet_seat_state *s = v->seats; s; s = s->next_of_version)
		n += s->told.verdict > ANALYSE_LEARNING;
	return n;
}

static void gather_versions(struct gathering *g, struct mean *mean)
{
	struct fleet_finding *out = g->out;
	size_t versions = 0, seats = 0, most = 0;
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next) {
		versions++;
		seats += v->seat_count;
	}
	int64_t *ids = arena_array(g->a, versions, sizeof *ids);
	int64_t *slots = arena_array(g->a, seats, sizeof *slots);
	struct analyse_rate *rates = arena_array(g->a, seats, sizeof *rates);
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next) {
		if (!takes_part(g, v))
			continue;
		size_t saying = count_saying(v, g->level, g->backlog);
		if (!out->lead_fingerprint_id || saying > most) {
			out->lead_fingerprint_id = v->id;
			out->kind = kind_of(v, g->level, g->backlog);
			most = saying;
		}
		ids[out->fingerprint_count++] = v->id;
		out->is_joint = out->is_joint || (!g->backlog && v->seat_count &&
							 joint_level(v) >= g->level);
		out->slots += v->seat_count;
		out->hosts += count_hosts(v, ANALYSE_QUIET, false, g->a);
		out->hosts_leaking += saying ? count_hosts(
						       v, g->level, g->backlog, g->a)
					     : 0;
		add_rates(v, g->level, g->backlog, mean);
		first_moments(v, g->level, g->backlog, &out->onset, &out->exhaust);
		for (const struct fleet_seat_state *s = v->seats; s;
			s = s->next_of_version) {
			const struct fleet_told *t = &s->told;
			if (t->level < g->level || is_backlog(t->kind) != g->backlog)
				continue;
			slots[out->slot_count] = s->id;
			rates[out->slot_count++] = (struct analyse_rate){
				!isnan(t->kb_h), t->kb_h, t->low_kb_h, t->high_kb_h};
		}
		if (!mean->n && v->rate.known)
			out->rate = v->rate;
		if (!out->onset.at_ms)
			out->onset = v->onset;
		if (!g->backlog && v->level != ANALYSE_QUIET)
			reasons_add(&g->reasons, true, arena_strdup(g->a, v->reason));
	}
	out->fingerprint_ids = ids;
	out->slot_ids = slots;
	out->slot_rates = rates;
}

/* Which part of the fingerprints goes with it. */
static void find_rule(struct gathering *g)
{
	size_t count = 0, n = 0;
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next)
		count++;
	struct cause_version *versions = arena_array(g->a, count, sizeof *versions);
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next) {
		size_t judged = judged_seats(v);
		if (!judged)
			continue;
		size_t saying = count_saying(v, g->level, g->backlog);
		if (!saying && takes_part(g, v))
			saying = judged; /* known of the version as a whole */
		struct fleet_part *parts = arena_array(
			g->a, v->part_count, sizeof *parts);
		for (size_t i = 0; i < v->part_count; i++)
			parts[i] = (struct fleet_part){
				v->parts[i].name, v->parts[i].value};
		size_t hosts = count_hosts(v, ANALYSE_QUIET, false, g->a);
		size_t leaking = saying ? count_hosts(v, g->level, g->backlog, g->a)
					: 0;
		versions[n++] = (struct cause_version){v->id, parts, v->part_count,
			judged, saying, hosts,
			leaking  ? leaking
			: saying ? hosts
				 : 0,
			v->lacks_parts};
	}
	struct cause_rules rules;
	cause_explain(versions, n, g->a, &rules);
	if (!rules.count)
		return;
	g->out->cause = arena_printf(
		g->a, "%s %s", rules.items[0].name, rules.items[0].value);
	for (size_t i = 0; i < rules.count && i < 3; i++)
		reasons_add(&g->reasons, true, rules.items[i].sentence);
}

/* The oldest reading that is remembered: an onset may lie as far back. */
static int64_t seen_since_ms(const struct gathering *g)
{
	int64_t from_ms = g->f->now_ms;
	struct trace_life lives[TRACE_LIVES];
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next)
		for (const struct fleet_seat_state *s = v->seats; s;
			s = s->next_of_version)
			if (trace_lives(slot_trace(s->slot), lives) &&
				lives[0].first_ms < from_ms)
				from_ms = lives[0].first_ms;
	return from_ms;
}

/* Which event the onsets follow. */
static void find_event(struct gathering *g)
{
	size_t known = g->o->event_count < FLEET_EVENTS ? g->o->event_count
							: FLEET_EVENTS;
	struct cause_event *events = arena_array(g->a, known, sizeof *events);
	int64_t from_ms = known < FLEET_EVENTS ? seen_since_ms(g) : g->f->now_ms;
	for (size_t i = 0; i < known; i++) {
		const struct fleet_event_state *e = &g->o->events[i];
		events[i] = (struct cause_event){
			e->kind, e->at_ms, arena_strdup(g->a, e->text)};
		from_ms = e->at_ms < from_ms ? e->at_ms : from_ms;
	}
	struct analyse_moment *onsets = arena_array(
		g->a, g->out->slots, sizeof *onsets);
	size_t n = 0;
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next)
		for (const struct fleet_seat_state *s = v->seats; s;
			s = s->next_of_version)
			if (s->told.level >= g->level && n < g->out->slots &&
				is_backlog(s->told.kind) == g->backlog)
				onsets[n++] = s->told.onset;
	struct cause_experiment experiment = {
		onsets, n, events, known, from_ms - 1, g->f->now_ms, TOLERANCE_MS};
	struct cause_matches matches;
	if (!known || !n)
		return;
	cause_rank_events(&experiment, g->a, &matches);
	if (matches.count && matches.items[0].convincing)
		reasons_add(&g->reasons, true, matches.items[0].sentence);
}

static double age_h_of(const struct fleet_seat_state *s)
{
	struct trace_life lives[TRACE_LIVES];
	size_t count = trace_lives(slot_trace(s->slot), lives);
	if (!count)
		return NAN;
	const struct trace_life *l = &lives[count - 1];
	return (double)(l->last_ms - l->started_ms) / 3600e3;
}

/* A seat beside the one that leaks.  How much it holds can be compared at like age
 * only; one that is judged and does not grow has a slope of 0. */
static struct outlier_slot peer_of(
	const struct fleet_seat_state *s, const struct fleet_seat_state *leaking)
{
	double ages = age_h_of(s) / age_h_of(leaking);
	bool alike = ages >= 1 / AGES_ALIKE && ages <= AGES_ALIKE;
	double rests = s->told.verdict > ANALYSE_LEARNING ? 0 : NAN;
	return (struct outlier_slot){s->seat.host_id,
		isnan(s->told.kb_h) ? rests : s->told.kb_h,
		alike ? trace_now(slot_trace(s->slot)).reading.memory_kb : NAN};
}

/* One instance among many that do not: the host may be to blame. */
static void look_for_outlier(struct gathering *g)
{
	if (g->out->slot_count != 1 || g->out->slots <= PEERS)
		return;
	struct outlier_slot *slots = arena_array(g->a, g->out->slots, sizeof *slots);
	const struct fleet_seat_state *leaking = NULL;
	size_t n = 0;
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next)
		for (const struct fleet_seat_state *s = v->seats; s;
			s = s->next_of_version)
			if (s->id == g->out->slot_ids[0])
				leaking = s;
	if (!leaking)
		return;
	for (const struct fleet_version_state *v = g->o->versions; v; v = v->next)
		for (const struct fleet_seat_state *s = v->seats; s && takes_part(g, v);
			s = s->next_of_version)
			slots[n++] = peer_of(s, leaking);
	struct outlier_input in = {slots, n, leaking->seat.host_id, 1024, 10240};
	struct outlier_result r;
	outlier_judge(&in, g->a, &r);
	if (r.known && r.stands_out)
		reasons_add(&g->reasons, true, r.sentence);
}

static void finding_words(struct gathering *g)
{
	struct fleet_finding *out = g->out;
	struct arena *a = g->a;
	const char *what = g->level != ANALYSE_CONFIRMED
				   ? "grows, not yet surely a leak"
			   : g->backlog ? "has a backlog"
			   : out->kind == ANALYSE_KIND_NATIVE
				   ? "leaks outside its managed heap"
				   : "leaks";
	const char *where = out->slot_count
				    ? arena_printf(a, "%zu of %s on %zu of %s",
					      out->slot_count,
					      words_count(a, out->slots, "instance"),
					      out->hosts_leaking,
					      words_count(a, out->hosts, "host"))
				    : arena_printf(a, "%s together, none of them alone",
					      words_count(a, out->slots, "instance"));
	const char *until = !out->exhaust.at_ms
				    ? ""
				    : arena_printf(a,
					      "; the first reaches its limit in %s",
					      words_span(a, out->exhaust.at_ms -
								    g->f->now_ms));
	out->summary = arena_printf(a, "%s%s%s %s: %s by %s each%s", g->o->name,
		*out->cause ? ", " : "", out->cause, what, where,
		words_rate(a, &out->rate), until);
}

static bool find_cause(struct fleet *f, struct fleet_service_state *o, bool backlog,
	struct arena *a, struct fleet_finding *out)
{
	struct gathering g = {.f = f, .o = o, .a = a, .backlog = backlog, .out = out};
	g.level = level_of(&g);
	if (g.level == ANALYSE_QUIET)
		return false;
	*out = (struct fleet_finding){
		.service_id = o->id, .level = g.level, .cause = "", .summary = ""};
	struct mean mean = {0};
	gather_versions(&g, &mean);
	if (mean.n > 0)
		out->rate = rate_of(&mean);
	find_rule(&g);
	find_event(&g);
	look_for_outlier(&g);
	for (const struct fleet_version_state *v = o->versions; v; v = v->next)
		if (v->id == out->lead_fingerprint_id)
			add_example(f, v, g.level, a, &g.reasons);
	finding_words(&g);
	out->reasons = reasons_finish(&g.reasons, a);
	return true;
}

size_t fleet_find(struct fleet *f, struct fleet_service_state *o, struct arena *a,
	struct fleet_finding *out)
{
	size_t n = 0;
	for (int backlog = 0; backlog < 2; backlog++)
		n += find_cause(f, o, backlog, a, &out[n]);
	return n;
}
