#include "server/analyse/cause.h"

#include "server/analyse/chance.h"
#include "server/analyse/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOSTS_MIN = 4, /* fewer tell nothing: then slots are counted */
	EQUALS_NAMED = 2,
};

static const double CHANCE_MAX = 0.2; /* more often than that explains nothing */

/* One part of one version. */
struct entry {
	const struct fleet_part *part;
	size_t version, order;
};

static int compare_parts(const struct fleet_part *a, const struct fleet_part *b)
{
	int names = strcmp(a->name, b->name);
	return names ? names : strcmp(a->value, b->value);
}

static int by_part(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int parts = compare_parts(a->part, b->part);
	if (parts)
		return parts;
	return a->version != b->version ? (a->version > b->version ? 1 : -1)
					: (a->order > b->order) - (a->order < b->order);
}

/* A rule in the making: `has` tells for each version whether it has the part. */
struct candidate {
	struct cause_rule rule;
	bool *has;
	size_t order; /* where its part stands at best */
};

static struct entry *list_entries(const struct cause_version *versions, size_t count,
	struct arena *a, size_t *entry_count)
{
	size_t n = 0;
	for (size_t v = 0; v < count; v++)
		n += versions[v].part_count;
	struct entry *entries = arena_array(a, n ? n : 1, sizeof *entries);
	n = 0;
	for (size_t v = 0; v < count; v++)
		for (size_t i = 0; i < versions[v].part_count; i++) {
			const struct fleet_part *p = &versions[v].parts[i];
			if (p->name && p->value)
				entries[n++] = (struct entry){p, v, i};
		}
	qsort(entries, n, sizeof *entries, by_part);
	*entry_count = n;
	return entries;
}

static bool counts_hosts(const struct cause_version *versions, size_t count)
{
	size_t hosts = 0;
	for (size_t v = 0; v < count; v++)
		hosts += versions[v].hosts;
	return hosts >= HOSTS_MIN;
}

static size_t at_most(size_t value, size_t most)
{
	return value < most ? value : most;
}

/* Whether the version has another part of that name, or surely none. */
static bool knows_part(const struct cause_version *version, const char *name)
{
	if (!version->lacks_parts)
		return true;
	for (size_t i = 0; i < version->part_count; i++)
		if (strcmp(version->parts[i].name, name) == 0)
			return true;
	return false;
}

/* Counts who leaks with the part and who without. */
static void count_rule(
	struct candidate *c, const struct cause_version *versions, size_t count)
{
	struct cause_rule *r = &c->rule;
	for (size_t v = 0; v < count; v++) {
		if (!c->has[v] && !knows_part(&versions[v], r->name))
			continue;
		size_t all = r->counts_hosts ? versions[v].hosts : versions[v].slots;
		size_t leaking = r->counts_hosts ? versions[v].hosts_leaking
						 : versions[v].slots_leaking;
		leaking = at_most(leaking, all);
		*(c->has[v] ? &r->leaking_with : &r->leaking_without) += leaking;
		*(c->has[v] ? &r->clean_with : &r->clean_without) += all - leaking;
		r->versions += c->has[v];
	}
	struct chance_table table = {
		r->leaking_with, r->clean_with, r->leaking_without, r->clean_without};
	size_t with = r->leaking_with + r->clean_with;
	r->p_value = chance_fisher(&table);
	r->purity = with ? (double)r->leaking_with / (double)with : 0;
	r->exact = r->leaking_with && r->clean_without && !r->clean_with &&
		   !r->leaking_without;
}

/* More often leaking with the part than without it. */
static bool goes_with_leaking(const struct cause_rule *r)
{
	size_t with = r->leaking_with + r->clean_with;
	size_t without = r->leaking_without + r->clean_without;
	return with && without &&
	       (double)r->leaking_with * (double)without >
		       (double)r->leaking_without * (double)with;
}

/* Holds without exception, and hardly by chance. */
static bool is_proof(const struct cause_rule *r)
{
	return r->exact && r->p_value < 0.05;
}

/* Where all versions tell all their parts, a rule without exception has the smallest
 * p-value by itself.  Where some do not, rules are counted on different hosts, and one
 * that is counted on more must not win by that. */
static int by_power(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	if (is_proof(&a->rule) != is_proof(&b->rule))
		return is_proof(&a->rule) ? -1 : 1;
	double difference = a->rule.p_value - b->rule.p_value;
	if (fabs(difference) > 1e-9 * fmax(a->rule.p_value, b->rule.p_value))
		return difference > 0 ? 1 : -1;
	if (a->rule.purity != b->rule.purity)
		return a->rule.purity < b->rule.purity ? 1 : -1;
	if (a->order != b->order)
		return a->order > b->order ? 1 : -1;
	int names = strcmp(a->rule.name, b->rule.name);
	return names ? names : strcmp(a->rule.value, b->rule.value);
}

/* One candidate for each part that some versions have and others have not. */
static struct candidate *list_candidates(const struct cause_version *versions,
	size_t count, struct arena *a, size_t *candidate_count)
{
	size_t n;
	const struct entry *entries = list_entries(versions, count, a, &n);
	struct candidate *candidates = arena_array(a, n ? n : 1, sizeof *candidates);
	bool hosts = counts_hosts(versions, count);
	size_t found = 0;
	for (size_t from = 0, to; from < n; from = to) {
		struct candidate *c = &candidates[found];
		*c = (struct candidate){.rule = {.name = entries[from].part->name,
						.value = entries[from].part->value,
						.counts_hosts = hosts},
			.has = arena_array(a, count, sizeof(bool)),
			.order = SIZE_MAX};
		for (to = from;
			to < n && !compare_parts(entries[from].part, entries[to].part);
			to++) {
			c->has[entries[to].version] = true;
			c->order = at_most(entries[to].order, c->order);
		}
		count_rule(c, versions, count);
		found += goes_with_leaking(&c->rule);
	}
	qsort(candidates, found, sizeof *candidates, by_power);
	*candidate_count = found;
	return candidates;
}

static const char *sentence_of(struct arena *a, const struct cause_rule *r)
{
	size_t without = r->leaking_without + r->clean_without;
	const char *text = arena_printf(a,
		"Leaks with %s %s: %zu of %s; without: %zu of %zu", r->name, r->value,
		r->leaking_with,
		words_count(a, r->leaking_with + r->clean_with,
			r->counts_hosts ? "host" : "instance"),
		r->leaking_without, without);
	if (!r->equal_count)
		return text;
	const char *others = "";
	for (size_t i = 0; i < r->equal_count && i < EQUALS_NAMED; i++)
		others = arena_printf(a, "%s%s%s %s", others, i ? ", " : "",
			r->equals[i].name, r->equals[i].value);
	if (r->equal_count > EQUALS_NAMED)
		others = arena_printf(
			a, "%s and %zu more", others, r->equal_count - EQUALS_NAMED);
	return arena_printf(a, "%s.  Always deployed with it, so equally suspect: %s",
		text, others);
}

/* Parts on just the same versions explain the same: they become one rule.  `c` is the
 * simplest of them; those that are joined lose their mark in `open`. */
static void join_equals(const struct candidate *candidates, size_t count, size_t which,
	size_t versions, bool *open, struct arena *a, struct cause_rule *out)
{
	struct fleet_part *equals = arena_array(a, count, sizeof *equals);
	*out = candidates[which].rule;
	for (size_t i = which + 1; i < count; i++) {
		if (!open[i] || memcmp(candidates[which].has, candidates[i].has,
					versions * sizeof(bool)))
			continue;
		open[i] = false;
		equals[out->equal_count++] = (struct fleet_part){
			candidates[i].rule.name, candidates[i].rule.value};
	}
	out->equals = equals;
	out->sentence = sentence_of(a, out);
}

void cause_explain(const struct cause_version *versions, size_t count, struct arena *a,
	struct cause_rules *out)
{
	size_t n;
	const struct candidate *c = list_candidates(versions, count, a, &n);
	struct cause_rule *rules = arena_array(a, CAUSE_RULES_MAX, sizeof *rules);
	bool *open = arena_array(a, n ? n : 1, sizeof *open);
	memset(open, true, n * sizeof *open);
	*out = (struct cause_rules){.items = rules};
	for (size_t i = 0; i < n && out->count < CAUSE_RULES_MAX; i++)
		if (open[i])
			join_equals(c, n, i, count, open, a, &rules[out->count++]);
}

static bool has_part(const struct cause_version *version, const struct fleet_part *part)
{
	bool named = false;
	for (size_t i = 0; i < version->part_count; i++) {
		const struct fleet_part *p = &version->parts[i];
		if (strcmp(p->name, part->name) != 0)
			continue;
		named = true;
		if (part->value && strcmp(p->value, part->value) == 0)
			return true;
	}
	return !part->value && !named && !version->lacks_parts;
}

void cause_count(const struct cause_version *versions, size_t count,
	const struct fleet_part *part, struct arena *a, struct cause_rule *out)
{
	struct candidate c = {
		.rule = {.name = part->name,
			.value = part->value,
			.counts_hosts = counts_hosts(versions, count)},
		.has = arena_array(a, count ? count : 1, sizeof(bool)),
	};
	for (size_t i = 0; i < count; i++)
		c.has[i] = has_part(&versions[i], part);
	count_rule(&c, versions, count);
	*out = c.rule;
}

static const char *text_of(const struct cause_event *e)
{
	return e->text ? e->text : "";
}

static bool same_class(const struct cause_event *a, const struct cause_event *b)
{
	return a->kind == b->kind && !strcmp(text_of(a), text_of(b));
}

/* Times are far apart at most by the age of the universe of Unix milliseconds. */
static double ms_between(int64_t from, int64_t to)
{
	return (double)to - (double)from;
}

/* An onset may have followed an event that lies within its interval, or before it by
 * no more than the tolerance. */
static bool may_follow(const struct cause_experiment *in,
	const struct analyse_moment *o, const struct cause_event *e)
{
	int64_t high = o->high_ms ? o->high_ms : o->at_ms;
	return ms_between(e->at_ms, o->low_ms) <= (double)in->tolerance_ms &&
	       e->at_ms <= high;
}

static int by_time(const void *left, const void *right)
{
	const struct cause_event *const *a = left, *const *b = right;
	return ((*a)->at_ms > (*b)->at_ms) - ((*a)->at_ms < (*b)->at_ms);
}

/* The share of the known time in which an onset with an interval of this length would
 * be found to follow some event of the class: each event covers so much behind it. */
static double coverage(const struct cause_experiment *in,
	const struct cause_event *const *events, size_t count, double length_ms)
{
	double covered = 0, until = (double)in->from_ms;
	for (size_t i = 0; i < count; i++) {
		double from = fmax(until, (double)events[i]->at_ms);
		double to = fmin(
			(double)in->to_ms, (double)events[i]->at_ms + length_ms);
		if (to > from) {
			covered += to - from;
			until = to;
		}
	}
	double all = ms_between(in->from_ms, in->to_ms);
	return all > 0 ? fmin(1, covered / all) : 1;
}

static const char *kind_of(enum fleet_event_kind kind)
{
	static const char *const names[] = {
		"deploy", "restart", "change of load", "change of configuration"};
	return names[kind];
}

static const char *match_sentence(
	const struct cause_experiment *in, const struct cause_match *m, struct arena *a)
{
	const char *text = text_of(m->event);
	const char *what = arena_printf(
		a, "%s%s%s", kind_of(m->event->kind), *text ? " " : "", text);
	if (m->chance > CHANCE_MAX)
		return arena_printf(a,
			"The %s at %s explains nothing: with %zu of them, %.0f %% of "
			"all "
			"moments lie as close behind one",
			what, words_time(a, m->event->at_ms, in->to_ms), m->times,
			100 * m->chance);
	return arena_printf(a,
		"Growth may have begun with the %s at %s on %zu of %s; by chance one "
		"would in %.1f %%",
		what, words_time(a, m->event->at_ms, in->to_ms), m->onsets,
		words_count(a, m->of, "instance"), 100 * m->chance);
}

/* The event of a class that most onsets may have followed. */
static void match_class(const struct cause_experiment *in,
	const struct cause_event *const *events, size_t count, struct arena *a,
	struct cause_match *out)
{
	*out = (struct cause_match){.event = events[0], .times = count};
	double chances = 0;
	for (size_t o = 0; o < in->onset_count; o++) {
		const struct analyse_moment *m = &in->onsets[o];
		if (!m->at_ms)
			continue;
		int64_t high = m->high_ms ? m->high_ms : m->at_ms;
		double length = fmax(0, ms_between(m->low_ms, high));
		chances += coverage(
			in, events, count, length + (double)in->tolerance_ms);
		out->of++;
	}
	for (size_t e = 0; e < count; e++) {
		size_t onsets = 0;
		for (size_t o = 0; o < in->onset_count; o++)
			onsets += in->onsets[o].at_ms &&
				  may_follow(in, &in->onsets[o], events[e]);
		if (onsets >= out->onsets) { /* of equals the latest */
			out->onsets = onsets;
			out->event = events[e];
		}
	}
	if (!out->of)
		return;
	double share = (double)out->onsets / (double)out->of;
	out->chance = fmax(1e-6, chances / (double)out->of);
	out->score = share * -log(out->chance);
	out->convincing = share > 0.5 && out->chance <= CHANCE_MAX;
	out->sentence = match_sentence(in, out, a);
}

static int by_score(const void *left, const void *right)
{
	const struct cause_match *a = left, *b = right;
	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return (a->event->at_ms > b->event->at_ms) -
	       (a->event->at_ms < b->event->at_ms);
}

void cause_rank_events(
	const struct cause_experiment *in, struct arena *a, struct cause_matches *out)
{
	size_t n = in->event_count;
	struct cause_match *matches = arena_array(a, n ? n : 1, sizeof *matches);
	const struct cause_event **class = arena_array(a, n ? n : 1, sizeof *class);
	bool *taken = arena_array(a, n ? n : 1, sizeof *taken);
	*out = (struct cause_matches){.items = matches};
	for (size_t e = 0; e < n; e++) {
		size_t count = 0;
		for (size_t k = e; k < n && !taken[e]; k++)
			if (same_class(&in->events[e], &in->events[k]) &&
				in->events[k].at_ms >= in->from_ms &&
				in->events[k].at_ms <= in->to_ms)
				class[count++] = &in->events[k];
		for (size_t k = e + 1; k < n && count; k++)
			taken[k] = taken[k] ||
				   same_class(&in->events[e], &in->events[k]);
		if (!count)
			continue;
		qsort(class, count, sizeof *class, by_time);
		struct cause_match *m = &matches[out->count];
		match_class(in, class, count, a, m);
		out->count += m->onsets > 0;
	}
	qsort(matches, out->count, sizeof *matches, by_score);
}
