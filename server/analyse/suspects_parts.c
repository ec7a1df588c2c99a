#include "server/analyse/suspects_inside.h"
#include "server/analyse/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EQUALS_NAMED = 3 };

/* Fisher's test: so rare by chance is enough to say so, or to point at it. */
static const double PROOF = 0.05, HINT = 0.2;

static void add(struct suspects_rows *out, struct suspects_row row)
{
	if (out->count < SUSPECTS_ROWS_MAX)
		out->items[out->count++] = row;
}

static size_t with(const struct cause_rule *r)
{
	return r->leaking_with + r->clean_with;
}

static size_t without(const struct cause_rule *r)
{
	return r->leaking_without + r->clean_without;
}

static double share(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

/* What the counts say of a part that the leading version has.  `alone`: nothing else is
 * deployed on just the same versions. */
static enum suspects_verdict judge(const struct cause_rule *r, bool alone)
{
	double purity = share(r->leaking_with, with(r));
	double elsewhere = share(r->leaking_without, without(r));
	if (!with(r))
		return SUSPECTS_NO_DATA;
	if (!without(r))
		return SUSPECTS_OPEN;
	if (elsewhere >= 0.5 || elsewhere >= 0.8 * purity)
		return SUSPECTS_REFUTED; /* they leak without it as well */
	if (purity < 0.2)
		return SUSPECTS_REFUTED; /* hardly any with it does */
	if (r->exact && r->p_value < PROOF)
		return alone ? SUSPECTS_CONFIRMED : SUSPECTS_LIKELY;
	if (purity < 0.5)
		return SUSPECTS_UNLIKELY;
	return r->p_value < HINT ? SUSPECTS_LIKELY : SUSPECTS_OPEN;
}

/* "12 of 12 hosts with it leak, 0 of 9 without (chance 1 in 293930)" */
static const char *counts(const struct cause_rule *r, const char *it, struct arena *a)
{
	const char *noun = r->counts_hosts ? "host" : "instance";
	const char *text = arena_printf(a, "%zu of %s with %s %s", r->leaking_with,
		words_count(a, with(r), noun), it, with(r) == 1 ? "leaks" : "leak");
	if (!without(r))
		return arena_printf(a, "%s; none is known without", text);
	text = arena_printf(
		a, "%s, %zu of %zu without", text, r->leaking_without, without(r));
	if (r->p_value >= HINT || !r->leaking_with)
		return text;
	return arena_printf(a, "%s (by chance 1 in %.0f)", text,
		fmin(1e9, 1 / fmax(r->p_value, 1e-9)));
}

/* Why it is what it is, where the counts alone do not show it. */
static const char *because(
	const struct cause_rule *r, enum suspects_verdict verdict, struct arena *a)
{
	if (verdict == SUSPECTS_REFUTED && r->leaking_without)
		return "; they leak without it as well";
	if (verdict == SUSPECTS_REFUTED)
		return "; hardly any with it leaks";
	if (verdict == SUSPECTS_OPEN && !without(r))
		return ", so that nothing can be compared";
	if (verdict == SUSPECTS_OPEN ||
		(verdict == SUSPECTS_LIKELY && r->p_value >= PROOF))
		return arena_printf(a, "; too few %s to be sure",
			r->counts_hosts ? "hosts" : "instances");
	return "";
}

/* Of names with several values on one version the first. */
static const char *value_of(const struct cause_version *v, const char *name)
{
	for (size_t i = 0; i < v->part_count; i++)
		if (strcmp(v->parts[i].name, name) == 0)
			return v->parts[i].value;
	return NULL;
}

static bool is_package(const char *name)
{
	static const char *const others[] = {"version", "runtime", "app version",
		"runtime version", "image", "commit", "build"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(name, others[i]) == 0)
			return false;
	return true;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether parts divide the versions of which the contents are known in just the same
 * way. */
static bool divides_alike(const struct suspects_case *c, const char *a, const char *b)
{
	const struct cause_version *lead = &c->versions[c->lead];
	for (size_t i = 0; i < c->version_count; i++) {
		const struct cause_version *v = &c->versions[i];
		if (v->lacks_parts)
			continue;
		if (same(value_of(v, a), value_of(lead, a)) !=
			same(value_of(v, b), value_of(lead, b)))
			return false;
	}
	return true;
}

/* The growth began about when the version came. */
static const char *beginning(const struct suspects_case *c, struct arena *a)
{
	const int64_t slack_ms = 15 * 60 * 1000;
	int64_t low = c->onset.low_ms ? c->onset.low_ms : c->onset.at_ms;
	int64_t high = c->onset.high_ms ? c->onset.high_ms : c->onset.at_ms;
	if (!c->onset.at_ms || !c->first_ms)
		return "";
	const char *onset = words_time(a, c->onset.at_ms, c->now_ms);
	const char *first = words_time(a, c->first_ms, c->now_ms);
	if (c->first_ms >= low - slack_ms && c->first_ms <= high + slack_ms)
		return arena_printf(
			a, ".  It began at %s, its first process at %s", onset, first);
	return arena_printf(
		a, ".  Its first process began at %s, the growth at %s", first, onset);
}

static void examine_code(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out)
{
	const struct cause_version *lead = &c->versions[c->lead];
	const char *value = value_of(lead, "version");
	const char *name = words_version(value ? value : c->labels[c->lead]);
	struct fleet_part part = {"version", value ? value : ""};
	struct cause_rule r;
	cause_count(c->versions, c->version_count, &part, a, &r);
	enum suspects_verdict verdict = judge(&r, true);
	add(out, (struct suspects_row){
			 .key = "code",
			 .cause = arena_printf(a, "The code of version %s", name),
			 .test = arena_printf(a,
				 "Leaking and clean %s by version, of %s",
				 r.counts_hosts ? "hosts" : "instances",
				 words_count(a, c->version_count, "version")),
			 .result = arena_printf(a, "%s%s%s", counts(&r, name, a),
				 because(&r, verdict, a), beginning(c, a)),
			 .verdict = verdict,
		 });
}

static void examine_runtime(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out)
{
	const struct cause_version *lead = &c->versions[c->lead];
	const char *name = value_of(lead, "runtime version") ? "runtime version"
							     : "runtime";
	const char *value = value_of(lead, name);
	struct suspects_row row = {.key = "runtime",
		.cause = "The version of the runtime",
		.test = "Leaking and clean instances by runtime",
		.result = "Its runtime is not known",
		.verdict = SUSPECTS_NO_DATA};
	if (value && *value) {
		struct fleet_part part = {name, value};
		struct cause_rule r;
		cause_count(c->versions, c->version_count, &part, a, &r);
		row.cause = arena_printf(a, "The runtime %s", value);
		row.verdict = judge(&r, divides_alike(c, name, "version") == false);
		row.result = arena_printf(
			a, "%s%s", counts(&r, value, a), because(&r, row.verdict, a));
		if (!without(&r) && r.clean_with) {
			row.verdict = SUSPECTS_REFUTED;
			row.result = arena_printf(a,
				"All run %s: %zu of %s with it leak, the others do not",
				value, r.leaking_with,
				words_count(a, with(&r),
					r.counts_hosts ? "host" : "instance"));
		}
	}
	add(out, row);
}

/* A package that is not the same in all versions. */
struct package {
	const char *name, *value, *other; /* of the lead; of the others.  NULL: none */
	struct cause_rule rule;
	enum suspects_verdict verdict;
	size_t equals;
	bool named; /* the detector names it */
	const char *like;
};

/* What the versions that differ from the lead have: of clean ones, if there is one. */
static const char *other_value(const struct suspects_case *c, const struct package *p)
{
	const char *found = NULL;
	bool clean = false;
	for (size_t i = 0; i < c->version_count; i++) {
		const struct cause_version *v = &c->versions[i];
		const char *value = value_of(v, p->name);
		bool is_clean = v->slots_leaking == 0;
		if (v->lacks_parts || same(value, p->value) || (clean && !is_clean))
			continue;
		if (!found || (is_clean && !clean))
			found = value;
		clean = clean || is_clean;
	}
	return found;
}

static bool is_listed(const struct package *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return true;
	return false;
}

static bool differs(const struct suspects_case *c, const char *name)
{
	const char *value = value_of(&c->versions[c->lead], name);
	for (size_t i = 0; i < c->version_count; i++)
		if (!c->versions[i].lacks_parts &&
			!same(value_of(&c->versions[i], name), value))
			return true;
	return false;
}

static void weigh(const struct suspects_case *c, struct package *list, size_t count,
	struct arena *a)
{
	for (size_t i = 0; i < count; i++) {
		struct package *p = &list[i];
		struct fleet_part part = {p->name, p->value};
		size_t length = strlen(p->name);
		cause_count(c->versions, c->version_count, &part, a, &p->rule);
		for (size_t k = 0; k < count; k++) {
			if (k == i || !divides_alike(c, p->name, list[k].name))
				continue;
			if (p->equals++ < EQUALS_NAMED)
				p->like = arena_printf(a, "%s%s%s",
					p->like ? p->like : "", p->like ? ", " : "",
					list[k].name);
		}
		p->other = other_value(c, p);
		p->named = strncmp(c->cause, p->name, length) == 0 &&
			   (c->cause[length] == ' ' || !c->cause[length]);
		p->verdict = judge(
			&p->rule, !p->equals && !divides_alike(c, p->name, "version"));
	}
}

static int by_suspicion(const void *left, const void *right)
{
	const struct package *a = left, *b = right;
	if (a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	if (a->named != b->named)
		return a->named ? -1 : 1;
	if (a->rule.p_value != b->rule.p_value)
		return a->rule.p_value < b->rule.p_value ? -1 : 1;
	return strcmp(a->name, b->name);
}

static const char *equally(
	const struct suspects_case *c, const struct package *p, struct arena *a)
{
	if (p->verdict > SUSPECTS_LIKELY)
		return "";
	const char *text = "";
	if (divides_alike(c, p->name, "version"))
		text = ".  It came with that version alone, so that the code is as "
		       "suspect";
	if (!p->equals)
		return text;
	const char *more = "";
	if (p->equals > EQUALS_NAMED)
		more = arena_printf(a, " and %zu more", p->equals - EQUALS_NAMED);
	return arena_printf(
		a, "%s.  Always deployed with it: %s%s", text, p->like, more);
}

static struct suspects_row row_of(
	const struct suspects_case *c, const struct package *p, struct arena *a)
{
	const char *from = p->other ? p->other : "none";
	const char *to = p->value ? p->value : "none";
	const char *it = p->value ? arena_printf(a, "%s %s", p->name, p->value)
				  : arena_printf(a, "no %s", p->name);
	return (struct suspects_row){
		.key = arena_printf(a, "package:%s", p->name),
		.cause = arena_printf(a, "%s %s → %s", p->name, from, to),
		.test = arena_printf(a, "Leaking and clean %s by their version of %s",
			p->rule.counts_hosts ? "hosts" : "instances", p->name),
		.result = arena_printf(a, "%s%s%s", counts(&p->rule, it, a),
			because(&p->rule, p->verdict, a), equally(c, p, a)),
		.verdict = p->verdict,
	};
}

static size_t list_packages(
	const struct suspects_case *c, struct arena *a, struct package **out)
{
	size_t most = 1, count = 0;
	for (size_t v = 0; v < c->version_count; v++)
		most += c->versions[v].part_count;
	struct package *list = arena_array(a, most, sizeof *list);
	for (size_t v = 0; v < c->version_count; v++)
		for (size_t i = 0; i < c->versions[v].part_count; i++) {
			const char *name = c->versions[v].parts[i].name;
			if (!is_package(name) || is_listed(list, count, name) ||
				!differs(c, name))
				continue;
			list[count++] = (struct package){.name = name,
				.value = value_of(&c->versions[c->lead], name)};
		}
	*out = list;
	return count;
}

static size_t known_contents(const struct suspects_case *c)
{
	size_t known = 0;
	for (size_t i = 0; i < c->version_count; i++)
		known += !c->versions[i].lacks_parts;
	return known;
}

static void examine_packages(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out)
{
	struct suspects_row none = {.key = "packages",
		.cause = "A dependency",
		.test = "Versions by the packages that they consist of",
		.verdict = SUSPECTS_NO_DATA};
	struct package *list;
	size_t known = known_contents(c), count = 0;
	if (c->versions[c->lead].lacks_parts)
		none.result = "What the leaking version consists of is not known";
	else if (known < 2)
		none.result = "Of no other version is known what it consists of";
	else
		count = list_packages(c, a, &list);
	if (!none.result && !count) {
		none.verdict = SUSPECTS_REFUTED;
		none.result = arena_printf(
			a, "All packages are the same in %zu versions", known);
	}
	if (!count) {
		add(out, none);
		return;
	}
	weigh(c, list, count, a);
	qsort(list, count, sizeof *list, by_suspicion);
	for (size_t i = 0; i < count && i < SUSPECTS_PACKAGES_MAX; i++)
		add(out, row_of(c, &list[i], a));
}

void suspects_parts_examine(
	const struct suspects_case *c, struct arena *a, struct suspects_rows *out)
{
	if (!c->version_count)
		return;
	examine_code(c, a, out);
	examine_packages(c, a, out);
	examine_runtime(c, a, out);
}
