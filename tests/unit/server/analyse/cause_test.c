#include "server/analyse/cause.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

static const int64_t HOUR_MS = 3600 * 1000;
static const int64_t NOW_MS = 1763820000000; /* 22 Nov 2025, 14:00 UTC */

static struct cause_version version_of(int64_t id, const struct fleet_part *parts,
	size_t part_count, size_t hosts, size_t leaking)
{
	return (struct cause_version){
		id, parts, part_count, 2 * hosts, 2 * leaking, hosts, leaking, false};
}

static void part_that_goes_with_leaking_is_named(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	static const struct fleet_part old[] = {{"version", "2.3.0"},
		{"runtime", "node v20.1.0"}, {"@pm2/io", "4.2.0"}, {"koa", "2.0"}};
	static const struct fleet_part bad[] = {{"version", "2.3.1"},
		{"runtime", "node v20.1.0"}, {"@pm2/io", "4.2.1"}, {"koa", "2.0"}};
	static const struct fleet_part next[] = {{"version", "2.3.2"},
		{"runtime", "node v22.0.0"}, {"@pm2/io", "4.2.1"}, {"koa", "2.0"}};
	struct cause_version versions[] = {version_of(1, old, 4, 9, 0),
		version_of(2, bad, 4, 8, 8), version_of(3, next, 4, 4, 4)};
	struct cause_rules rules;
	cause_explain(versions, 3, &a, &rules);
	assert_true(rules.count >= 1);
	const struct cause_rule *r = &rules.items[0];
	assert_string_equal(r->name, "@pm2/io");
	assert_string_equal(r->value, "4.2.1");
	assert_int_equal(r->leaking_with, 12);
	assert_int_equal(r->clean_with, 0);
	assert_int_equal(r->leaking_without, 0);
	assert_int_equal(r->clean_without, 9);
	assert_true(r->exact && r->purity == 1 && r->counts_hosts);
	assert_int_equal(r->versions, 2);
	assert_true(fabs(r->p_value / 3.40217058483e-06 - 1) < 1e-9); /* stat_fisher */
	assert_string_equal(r->sentence,
		"Leaks with @pm2/io 4.2.1: 12 of 12 hosts; without: 0 of 9");
	for (size_t i = 1; i < rules.count; i++) {
		assert_true(rules.items[i].p_value > r->p_value);
		assert_string_not_equal(rules.items[i].name, "koa"); /* all have it */
	}
	arena_finish(&a);
}

static void parts_deployed_together_are_equally_suspect(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	static const struct fleet_part old[] = {{"version", "1.0"},
		{"runtime", "node 18"}, {"a", "1"}, {"b", "1"}, {"c", "1"}};
	static const struct fleet_part bad[] = {{"version", "1.1"},
		{"runtime", "node 20"}, {"a", "2"}, {"b", "2"}, {"c", "1"}};
	struct cause_version versions[] = {
		version_of(1, old, 5, 6, 0), version_of(2, bad, 5, 6, 5)};
	struct cause_rules rules;
	cause_explain(versions, 2, &a, &rules);
	assert_int_equal(rules.count, 1);
	const struct cause_rule *r = &rules.items[0];
	assert_string_equal(r->name, "version"); /* listed first: the simplest */
	assert_int_equal(r->equal_count, 3);
	assert_string_equal(r->equals[0].name, "runtime");
	assert_false(r->exact);
	assert_string_equal(r->sentence,
		"Leaks with version 1.1: 5 of 6 hosts; without: 0 of 6.  Always "
		"deployed "
		"with it, so equally suspect: runtime node 20, a 2 and 1 more");
	arena_finish(&a);
}

static void nothing_is_blamed_without_a_contrast(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	static const struct fleet_part one[] = {{"version", "1.0"}, {"a", "1"}};
	static const struct fleet_part two[] = {{"version", "1.1"}, {"a", "1"}};
	struct cause_version versions[] = {
		version_of(1, one, 2, 6, 6), version_of(2, two, 2, 6, 6)};
	struct cause_rules rules;
	cause_explain(versions, 2, &a, &rules);
	assert_int_equal(rules.count, 0); /* all leak */
	versions[0].hosts_leaking = versions[1].hosts_leaking = 0;
	cause_explain(versions, 2, &a, &rules);
	assert_int_equal(rules.count, 0); /* none does */
	versions[0].hosts_leaking = 6;
	cause_explain(versions, 1, &a, &rules);
	assert_int_equal(rules.count, 0); /* only one version */
	cause_explain(NULL, 0, &a, &rules);
	assert_int_equal(rules.count, 0);
	arena_finish(&a);
}

static void on_few_hosts_instances_count(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	static const struct fleet_part one[] = {{"version", "1.0"}};
	static const struct fleet_part two[] = {{"version", "1.1"}};
	struct cause_version versions[] = {
		{1, one, 1, 8, 0, 1, 0, false}, {2, two, 1, 8, 7, 1, 1, false}};
	struct cause_rules rules;
	cause_explain(versions, 2, &a, &rules);
	assert_int_equal(rules.count, 1);
	assert_false(rules.items[0].counts_hosts);
	assert_string_equal(rules.items[0].sentence,
		"Leaks with version 1.1: 7 of 8 instances; without: 0 of 8");
	arena_finish(&a);
}

/* Old processes whose packages nobody told are no evidence for a package. */
static void who_does_not_tell_counts_for_nothing(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	static const struct fleet_part silent[] = {{"version", "1.0"}};
	static const struct fleet_part old[] = {{"version", "1.1"}, {"io", "4.1.2"}};
	static const struct fleet_part bad[] = {{"version", "1.1"}, {"io", "4.2.1"}};
	struct cause_version versions[] = {version_of(1, silent, 1, 9, 0),
		version_of(2, old, 2, 3, 0), version_of(3, bad, 2, 4, 4)};
	struct cause_rules rules;
	cause_explain(versions, 3, &a, &rules);
	assert_string_equal(rules.items[0].sentence,
		"Leaks with io 4.2.1: 4 of 4 hosts; without: 0 of 12");
	versions[0].lacks_parts = true;
	cause_explain(versions, 3, &a, &rules);
	assert_string_equal(rules.items[0].sentence,
		"Leaks with io 4.2.1: 4 of 4 hosts; without: 0 of 3");
	/* Of what they do tell they are. */
	assert_string_equal(rules.items[1].sentence,
		"Leaks with version 1.1: 4 of 7 hosts; without: 0 of 9");
	arena_finish(&a);
}

static void rules_are_few_and_sorted(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	enum { VERSIONS = 12 };
	struct fleet_part parts[VERSIONS][3];
	struct cause_version versions[VERSIONS];
	for (size_t v = 0; v < VERSIONS; v++) {
		parts[v][0] = (struct fleet_part){
			"version", arena_printf(&a, "%zu", v)};
		parts[v][1] = (struct fleet_part){"half", v % 2 ? "odd" : "even"};
		parts[v][2] = (struct fleet_part){"third", v % 3 ? "no" : "yes"};
		versions[v] = version_of((int64_t)v, parts[v], 3, 3, v % 2 ? 3 : 0);
	}
	struct cause_rules rules;
	cause_explain(versions, VERSIONS, &a, &rules);
	assert_int_equal(rules.count, 7); /* "odd", and six versions */
	assert_string_equal(rules.items[0].value, "odd");
	for (size_t i = 1; i < rules.count; i++)
		assert_true(rules.items[i].p_value >= rules.items[i - 1].p_value);
	arena_finish(&a);
}

/* A week of events, and onsets of eight slots around one moment. */
struct week {
	struct arena arena;
	struct analyse_moment onsets[8];
	struct cause_event events[40];
	struct cause_experiment input;
};

static void week_init(struct week *w, int64_t onset_ms)
{
	*w = (struct week){.input = {.onsets = w->onsets,
				   .onset_count = 8,
				   .events = w->events,
				   .from_ms = NOW_MS - 168 * HOUR_MS,
				   .to_ms = NOW_MS,
				   .tolerance_ms = HOUR_MS}};
	arena_init(&w->arena);
	for (int i = 0; i < 8; i++) {
		int64_t at_ms = onset_ms + (i - 4) * HOUR_MS / 2;
		w->onsets[i] = (struct analyse_moment){
			at_ms, at_ms - 2 * HOUR_MS, at_ms + 2 * HOUR_MS};
	}
}

static void add(
	struct week *w, enum fleet_event_kind kind, int64_t at_ms, const char *text)
{
	w->events[w->input.event_count++] = (struct cause_event){kind, at_ms, text};
}

static struct cause_matches rank(struct week *w)
{
	struct cause_matches m;
	cause_rank_events(&w->input, &w->arena, &m);
	return m;
}

static void deploy_before_the_onsets_explains_them(void **state)
{
	(void)state;
	struct week w;
	int64_t onset_ms = NOW_MS - 30 * HOUR_MS;
	week_init(&w, onset_ms);
	add(&w, FLEET_EVENT_DEPLOY, onset_ms - 100 * HOUR_MS, "2.3.0");
	for (int day = 0; day < 7; day++)
		add(&w, FLEET_EVENT_RESTART, NOW_MS - (day * 24 + 6) * HOUR_MS, "");
	add(&w, FLEET_EVENT_DEPLOY, onset_ms - HOUR_MS / 2, "2.3.1");
	add(&w, FLEET_EVENT_CONFIG, onset_ms + 20 * HOUR_MS, "cache doubled");
	struct cause_matches m = rank(&w);
	assert_int_equal(m.count, 2); /* the old deploy and the change match nothing */
	assert_int_equal(m.items[0].event->kind, FLEET_EVENT_DEPLOY);
	assert_string_equal(m.items[0].event->text, "2.3.1");
	assert_true(m.items[0].convincing);
	assert_int_equal(m.items[0].onsets, 8);
	assert_int_equal(m.items[0].of, 8);
	/* Five of 168 hours: four of the interval and one of tolerance. */
	assert_true(fabs(m.items[0].chance - 5.0 / 168) < 1e-9);
	assert_string_equal(m.items[0].sentence,
		"Growth may have begun with the deploy 2.3.1 at 21 Nov 07:30 UTC on 8 "
		"of "
		"8 instances; by chance one would in 3.0 %");
	arena_finish(&w.arena);
}

static void nightly_restart_explains_nothing(void **state)
{
	(void)state;
	struct week w;
	week_init(&w, NOW_MS - 30 * HOUR_MS);
	for (int day = 0; day < 7; day++)
		add(&w, FLEET_EVENT_RESTART, NOW_MS - (day * 24 + 6) * HOUR_MS,
			"nightly");
	struct cause_matches m = rank(&w);
	assert_int_equal(m.count, 1);
	assert_int_equal(m.items[0].times, 7);
	assert_int_equal(m.items[0].onsets, 8);
	assert_false(m.items[0].convincing);
	assert_non_null(
		strstr(m.items[0].sentence, "explains nothing: with 7 of them, 21 %"));
	arena_finish(&w.arena);
}

static void event_that_few_onsets_follow_is_not_convincing(void **state)
{
	(void)state;
	struct week w;
	week_init(&w, NOW_MS - 30 * HOUR_MS);
	for (int i = 3; i < 8; i++)
		w.onsets[i] = (struct analyse_moment){NOW_MS - 90 * HOUR_MS,
			NOW_MS - 91 * HOUR_MS, NOW_MS - 89 * HOUR_MS};
	add(&w, FLEET_EVENT_LOAD, NOW_MS - 31 * HOUR_MS, "");
	struct cause_matches m = rank(&w);
	assert_int_equal(m.count, 1);
	assert_int_equal(m.items[0].onsets, 3);
	assert_false(m.items[0].convincing);
	arena_finish(&w.arena);
}

static void onsets_precede_no_cause(void **state)
{
	(void)state;
	struct week w;
	week_init(&w, NOW_MS - 30 * HOUR_MS);
	add(&w, FLEET_EVENT_DEPLOY, NOW_MS - 20 * HOUR_MS, "later");
	add(&w, FLEET_EVENT_DEPLOY, NOW_MS - 400 * HOUR_MS,
		"not within the known time");
	add(&w, FLEET_EVENT_DEPLOY, INT64_MIN, NULL);
	add(&w, FLEET_EVENT_DEPLOY, INT64_MAX, NULL);
	assert_int_equal(rank(&w).count, 0);
	add(&w, FLEET_EVENT_DEPLOY, NOW_MS - 31 * HOUR_MS, "before the known time");
	w.input.from_ms = NOW_MS - 24 * HOUR_MS;
	assert_int_equal(rank(&w).count, 0);
	w.input.event_count = 0;
	assert_int_equal(rank(&w).count, 0);
	arena_finish(&w.arena);
	week_init(&w, NOW_MS - 30 * HOUR_MS);
	add(&w, FLEET_EVENT_DEPLOY, NOW_MS - 31 * HOUR_MS, "1");
	for (int i = 0; i < 8; i++)
		w.onsets[i].at_ms = 0; /* none known */
	assert_int_equal(rank(&w).count, 0);
	arena_finish(&w.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(part_that_goes_with_leaking_is_named),
		cmocka_unit_test(parts_deployed_together_are_equally_suspect),
		cmocka_unit_test(nothing_is_blamed_without_a_contrast),
		cmocka_unit_test(on_few_hosts_instances_count),
		cmocka_unit_test(who_does_not_tell_counts_for_nothing),
		cmocka_unit_test(rules_are_few_and_sorted),
		cmocka_unit_test(deploy_before_the_onsets_explains_them),
		cmocka_unit_test(nightly_restart_explains_nothing),
		cmocka_unit_test(event_that_few_onsets_follow_is_not_convincing),
		cmocka_unit_test(onsets_precede_no_cause),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
