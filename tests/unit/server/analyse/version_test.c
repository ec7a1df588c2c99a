#include "server/analyse/version.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

enum { SLOTS_MAX = 40, NOW_MS = 1000000000 };

struct group {
	struct arena arena;
	struct analyse_slot slots[SLOTS_MAX];
	struct analyse_slot_result results[SLOTS_MAX];
	struct analyse_version version;
};

static void group_init(struct group *g)
{
	*g = (struct group){0};
	arena_init(&g->arena);
	g->version = (struct analyse_version){.service = "checkout",
		.version = "1.1.0",
		.slots = g->slots,
		.results = g->results};
}

static void add(
	struct group *g, int64_t host, enum analyse_verdict verdict, double mib_h)
{
	static const struct analyse_reason reason = {true, "It is so"};
	size_t i = g->version.count++;
	g->slots[i] = (struct analyse_slot){.id = (int64_t)i, .host_id = host};
	g->results[i] = (struct analyse_slot_result){.verdict = verdict,
		.rate = {mib_h != 0, mib_h * 1024, mib_h * 900, mib_h * 1200},
		.value_kb = 100 * 1024,
		.wait_s = verdict == ANALYSE_LEARNING ? 120 + (int64_t)i : 0,
		.seen_ms = 4 * 3600 * 1000,
		.summary = "so it is",
		.reasons = &reason,
		.reason_count = 1};
}

static struct analyse_version_result judge(struct group *g)
{
	struct analyse_version_result r;
	version_judge(&g->version, NOW_MS, &g->arena, &r);
	return r;
}

static bool has_reason(
	const struct analyse_version_result *r, bool speaks_for, const char *text)
{
	for (size_t i = 0; i < r->reason_count; i++)
		if (r->reasons[i].speaks_for == speaks_for &&
			strstr(r->reasons[i].text, text))
			return true;
	return false;
}

static void two_of_two_leak(void **state)
{
	(void)state;
	struct group g;
	group_init(&g);
	add(&g, 1, ANALYSE_LEAK, 20);
	add(&g, 1, ANALYSE_LEAK, 40);
	g.results[0].exhaust_ms = NOW_MS + 7200000;
	g.results[1].exhaust_ms = NOW_MS + 3600000;
	g.results[1].onset_ms = 500;
	g.results[0].onset_ms = 700;
	struct analyse_other other = {"1.0.0", ANALYSE_STEADY, 2, 0};
	g.version.others = &other;
	g.version.other_count = 1;
	struct analyse_version_result r = judge(&g);
	assert_int_equal(r.verdict, ANALYSE_LEAK);
	assert_int_equal(r.slots, 2);
	assert_int_equal(r.slots_leaking, 2);
	assert_int_equal(r.hosts, 1);
	assert_int_equal(r.hosts_leaking, 1);
	assert_float_equal(r.rate.kb_h, 30 * 1024, 1e-6);
	assert_int_equal(r.exhaust_ms, NOW_MS + 3600000);
	assert_int_equal(r.onset_ms, 500);
	assert_string_equal(r.summary,
		"checkout 1.1.0 leaks: 2 of 2 instances on 1 host grow by 30 MiB/h (26 "
		"to "
		"35) each; the first reaches its limit in 60 min");
	assert_true(has_reason(&r, true, "2 of 2 instances on 1 of 1 host leak"));
	assert_true(has_reason(&r, true, "Of version 1.0.0, 0 of 2 instances leak"));
	assert_true(has_reason(&r, false, "Only one host runs this version"));
	assert_true(has_reason(&r, true, "It is so"));
	arena_finish(&g.arena);
}

static void the_clean_version_is_steady(void **state)
{
	(void)state;
	struct group g;
	group_init(&g);
	add(&g, 1, ANALYSE_STEADY, 0);
	add(&g, 2, ANALYSE_STEADY, 0);
	add(&g, 2, ANALYSE_LEARNING, 0);
	struct analyse_version_result r = judge(&g);
	assert_int_equal(r.verdict, ANALYSE_STEADY);
	assert_int_equal(r.wait_s, 0);
	assert_string_equal(
		r.summary, "checkout 1.1.0 is steady: 2 of 3 instances on 2 hosts");
	assert_true(has_reason(&r, false, "1 instance not judged yet"));
	arena_finish(&g.arena);
}

static void one_of_many_does_not_blame_the_version(void **state)
{
	(void)state;
	struct group g;
	group_init(&g);
	add(&g, 1, ANALYSE_LEAK, 20);
	for (int i = 0; i < 5; i++)
		add(&g, 2, ANALYSE_STEADY, 0);
	assert_int_equal(judge(&g).verdict, ANALYSE_LEAK);
	for (int i = 0; i < 20; i++)
		add(&g, 3, ANALYSE_STEADY, 0);
	struct analyse_version_result r = judge(&g);
	assert_int_equal(r.verdict, ANALYSE_WATCH);
	assert_int_equal(r.slots_leaking, 1);
	assert_true(has_reason(&r, false, "1 of 26 instances leak"));
	arena_finish(&g.arena);
}

static void learning_waits_for_the_first(void **state)
{
	(void)state;
	struct group g;
	group_init(&g);
	add(&g, 1, ANALYSE_LEARNING, 0);
	add(&g, 1, ANALYSE_LEARNING, 0);
	struct analyse_version_result r = judge(&g);
	assert_int_equal(r.verdict, ANALYSE_LEARNING);
	assert_int_equal(r.wait_s, 120);
	assert_string_equal(r.summary, "checkout 1.1.0: learning, about 2 min more");
	arena_finish(&g.arena);
}

/* Each within its noise, but all alike: the mean is far above its standard error. */
static void weak_growth_is_pooled(void **state)
{
	(void)state;
	struct group g;
	group_init(&g);
	for (int i = 0; i < 8; i++)
		add(&g, i % 3, ANALYSE_STEADY, 3 + 0.2 * (i % 4));
	struct analyse_version_result r = judge(&g);
	assert_int_equal(r.verdict, ANALYSE_WATCH);
	assert_float_equal(r.rate.kb_h, 3.3 * 1024, 1);
	assert_true(has_reason(&r, true, "Together the instances grow"));

	for (int i = 0; i < 8; i++) /* the same mean, scattered */
		g.results[i].rate.kb_h = 1024 * (3.3 + (i % 2 ? 20 : -20));
	assert_int_equal(judge(&g).verdict, ANALYSE_STEADY);
	arena_finish(&g.arena);
}

static void nothing_and_no_name(void **state)
{
	(void)state;
	struct group g;
	group_init(&g);
	g.version.version = "";
	struct analyse_version_result r = judge(&g);
	assert_int_equal(r.verdict, ANALYSE_LEARNING);
	add(&g, 1, ANALYSE_STEADY, 0);
	r = judge(&g);
	assert_string_equal(r.summary,
		"checkout (unknown version) is steady: 1 of 1 instance on 1 host");
	arena_finish(&g.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_of_two_leak),
		cmocka_unit_test(the_clean_version_is_steady),
		cmocka_unit_test(one_of_many_does_not_blame_the_version),
		cmocka_unit_test(learning_waits_for_the_first),
		cmocka_unit_test(weak_growth_is_pooled),
		cmocka_unit_test(nothing_and_no_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
