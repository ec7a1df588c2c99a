#include "server/analyse/warmup.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

static const int64_t DAY_MS = 24 * 3600 * 1000;
static const int64_t T0_MS = 1760000000000;
static const double BASE_KB = 200000;

/* How a process behaves; hours, KiB. */
struct habit {
	double warm_kb, warm_h; /* saturating */
	double leak_kb_h;
};

static const struct habit warms = {.warm_kb = 100000, .warm_h = 1};
static const struct habit leaks = {.leak_kb_h = 6000};
static const struct habit warms_and_leaks = {100000, 1, 6000};
static const struct habit flat = {0};

static double grown_at(const struct habit *h, double age_h)
{
	double warm = h->warm_h ? h->warm_kb * (1 - exp(-age_h / h->warm_h)) : 0;
	return warm + h->leak_kb_h * age_h;
}

/* Feeds a life from one age to another, a reading every ten minutes. */
static void feed(struct warmup *w, int64_t life, int64_t version, int64_t started_ms,
	const struct habit *h, double from_h, double to_h)
{
	for (double age_h = from_h; age_h <= to_h + 1e-9; age_h += 1.0 / 6) {
		double wobble = 300 * sin(age_h * 7 + (double)life);
		struct warmup_reading r = {.life_id = life,
			.fingerprint_id = version,
			.started_ms = started_ms,
			.at_ms = started_ms + (int64_t)(age_h * 3600e3),
			.value_kb = BASE_KB + 1000 * (double)life + grown_at(h, age_h) +
				    wobble};
		warmup_learn(w, &r);
	}
}

/* Lives of one version, one after the other, each of so many hours. */
static int64_t feed_lives(struct warmup *w, int64_t version, int count, double hours,
	const struct habit *h, int64_t from_ms)
{
	for (int i = 0; i < count; i++) {
		feed(w, version * 100 + i, version, from_ms, h, 0.05, hours);
		from_ms += (int64_t)(hours * 3600e3) + 60000;
	}
	return from_ms;
}

/* About a life that begins at this moment and is still to be learnt from. */
static struct warmup_usual ask(
	const struct warmup *w, int64_t version, int64_t started_ms, double age_h)
{
	struct warmup now = *w;
	feed(&now, 999999, version, started_ms, &flat, 0.05, 0.3);
	return warmup_expect(&now, 999999, version, age_h);
}

static enum warmup_news compare(const struct warmup *w, int64_t version,
	int64_t started_ms, const struct habit *h, double age_h)
{
	struct warmup_usual u = ask(w, version, started_ms, age_h);
	double base_kb = grown_at(h, 0.05);
	return warmup_compare(&u, grown_at(h, age_h) - base_kb, 300);
}

static void state_is_small_and_plain(void **state)
{
	(void)state;
	assert_true(sizeof(struct warmup) <= 2048);
	struct warmup w = {0}, copy;
	int64_t now = feed_lives(&w, 1, 3, 24, &warms, T0_MS);
	memcpy(&copy, &w, sizeof w);
	feed(&w, 500, 2, now, &warms, 0.05, 10);
	feed(&copy, 500, 2, now, &warms, 0.05, 10);
	assert_memory_equal(&w, &copy, sizeof w);
}

static void unknown_service_knows_nothing(void **state)
{
	(void)state;
	struct warmup w = {0};
	assert_int_equal(compare(&w, 1, T0_MS, &warms, 5), WARMUP_UNKNOWN);
	feed_lives(&w, 1, 1, 24, &warms, T0_MS);
	assert_int_equal(compare(&w, 1, T0_MS + DAY_MS, &warms, 5), WARMUP_UNKNOWN);
	assert_true(isnan(warmup_grown_kb(&w, 12345)));
}

static void warm_up_like_those_before_is_usual(void **state)
{
	(void)state;
	struct warmup w = {0};
	int64_t now = feed_lives(&w, 1, 3, 24, &warms, T0_MS);
	for (double age_h = 0.5; age_h < 20; age_h *= 1.3) {
		assert_int_equal(compare(&w, 2, now, &warms, age_h), WARMUP_AS_USUAL);
		struct warmup_usual u = ask(&w, 2, now, age_h);
		assert_int_equal(u.lives, 3);
		assert_int_equal(u.versions, 1);
		/* Less what came before the level soon after the start: 10 minutes. */
		double expected = grown_at(&warms, age_h) - grown_at(&warms, 0.05);
		assert_true(fabs(u.median_kb - expected) < 20000);
	}
	assert_true(fabs(warmup_grown_kb(&w, 100) - 90000) < 15000);
}

static void growth_beyond_all_before_is_news(void **state)
{
	(void)state;
	struct warmup w = {0};
	int64_t now = feed_lives(&w, 1, 3, 24, &warms, T0_MS);
	assert_int_equal(compare(&w, 2, now, &warms_and_leaks, 1), WARMUP_AS_USUAL);
	assert_int_equal(compare(&w, 2, now, &warms_and_leaks, 6), WARMUP_BEYOND);
	assert_int_equal(compare(&w, 2, now, &warms_and_leaks, 60), WARMUP_BEYOND);
}

static void leak_of_every_life_never_becomes_usual(void **state)
{
	(void)state;
	struct warmup w = {0};
	int64_t now = feed_lives(&w, 1, 12, 24, &leaks, T0_MS);
	struct warmup_usual u = ask(&w, 1, now, 5);
	assert_true(u.reach_h == 0);
	assert_int_equal(u.lives, 0);
	assert_int_equal(compare(&w, 1, now, &leaks, 5), WARMUP_UNKNOWN);
	assert_int_equal(compare(&w, 1, now, &leaks, 20), WARMUP_UNKNOWN);
}

static void leaking_lives_are_no_excuse_beyond_the_reach(void **state)
{
	(void)state;
	struct warmup w = {0};
	int64_t now = feed_lives(&w, 1, 3, 48, &warms, T0_MS);
	now = feed_lives(&w, 2, 4, 24, &warms_and_leaks, now);
	struct warmup_usual u = ask(&w, 2, now, 12);
	assert_true(u.reach_h >= 1 && u.reach_h <= 6);
	assert_int_equal(u.lives, 3); /* those that levelled off */
	assert_int_equal(compare(&w, 2, now, &warms_and_leaks, 12), WARMUP_BEYOND);
	assert_int_equal(ask(&w, 2, now, 1).lives, 6); /* it took the place of one */
}

static void leak_on_short_lives_excuses_no_longer_ones(void **state)
{
	(void)state;
	struct warmup w = {0};
	/* Six hours after a start the leak hides in the warm-up. */
	const struct habit slow = {100000, 0.5, 1500};
	int64_t now = feed_lives(&w, 1, 8, 6, &slow, T0_MS);
	assert_int_equal(compare(&w, 1, now, &slow, 5), WARMUP_AS_USUAL);
	assert_int_equal(compare(&w, 1, now, &slow, 24), WARMUP_BEYOND);
}

static void fellows_that_grow_alike_are_no_precedent(void **state)
{
	(void)state;
	struct warmup w = {0};
	const struct habit long_warm = {200000, 8, 0};
	int64_t now = feed_lives(&w, 1, 3, 96, &long_warm, T0_MS);
	/* Four of a new version start together and all leak beyond that. */
	const struct habit leak = {200000, 8, 12000};
	for (int64_t life = 201; life <= 204; life++)
		feed(&w, life, 2, now, &leak, 0.05, 10);
	struct warmup_usual u = ask(&w, 2, now, 10);
	assert_true(u.reach_h > 10);
	assert_int_equal(u.lives, 3);
	assert_int_equal(compare(&w, 2, now, &leak, 10), WARMUP_BEYOND);
}

static void flat_lives_have_levelled_off(void **state)
{
	(void)state;
	struct warmup w = {0};
	const struct habit nearly_flat = {
		.leak_kb_h = 30}; /* a third of a percent a day */
	int64_t now = feed_lives(&w, 1, 3, 24, &nearly_flat, T0_MS);
	assert_int_equal(ask(&w, 2, now, 10).lives, 3);
	assert_int_equal(compare(&w, 2, now, &flat, 10), WARMUP_AS_USUAL);
	assert_int_equal(compare(&w, 2, now, &leaks, 10), WARMUP_BEYOND);
}

static void big_deploy_leaves_earlier_versions_known(void **state)
{
	(void)state;
	struct warmup w = {0};
	int64_t now = feed_lives(&w, 1, 4, 24, &warms, T0_MS);
	for (int64_t life = 0; life < 100; life++)
		feed(&w, 1000 + life, 2, now, &leaks, 0.05, 3);
	assert_int_equal(ask(&w, 2, now, 2).lives, 4);
	/* Four that still run keep their place; ended ones give theirs away. */
	assert_false(isnan(warmup_grown_kb(&w, 1000)));
	assert_true(isnan(warmup_grown_kb(&w, 1050)));
	feed(&w, 5000, 2, now + DAY_MS, &leaks, 0.05, 3);
	assert_false(isnan(warmup_grown_kb(&w, 5000)));
	for (int64_t version = 3; version < 9; version++)
		now = feed_lives(&w, version, 4, 24, &warms, now + DAY_MS);
	assert_true(isnan(warmup_grown_kb(&w, 100)));    /* the oldest had to go */
	assert_int_equal(ask(&w, 9, now, 10).lives, 15); /* and itself */
	assert_int_equal(ask(&w, 9, now, 10).versions, 4);
}

static void hostile_readings_are_left_out(void **state)
{
	(void)state;
	struct warmup w = {0}, empty = {0};
	struct warmup_reading bad[] = {
		{1, 1, T0_MS, T0_MS + 60000, NAN},
		{1, 1, T0_MS, T0_MS + 60000, -1},
		{1, 1, T0_MS, T0_MS + 60000, INFINITY},
		{1, 1, T0_MS, T0_MS - 60000, 1000},
		{0, 1, T0_MS, T0_MS + 60000, 1000},
		{1, 1, T0_MS, T0_MS + DAY_MS, 1000}, /* beginning not seen */
		{1, 1, INT64_MIN, INT64_MAX, 1000},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		warmup_learn(&w, &bad[i]);
	assert_memory_equal(&w, &empty, sizeof w);
	feed(&w, 1, 1, T0_MS, &warms, 0.05, 24);
	struct warmup before = w;
	feed(&w, 1, 1, T0_MS, &leaks, 0.05, 23); /* repeats, out of order */
	assert_memory_equal(&w, &before, sizeof w);
	struct warmup_usual u = {.lives = 5, .most_kb = 10};
	assert_int_equal(warmup_compare(&u, NAN, 1), WARMUP_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_is_small_and_plain),
		cmocka_unit_test(unknown_service_knows_nothing),
		cmocka_unit_test(warm_up_like_those_before_is_usual),
		cmocka_unit_test(growth_beyond_all_before_is_news),
		cmocka_unit_test(leak_of_every_life_never_becomes_usual),
		cmocka_unit_test(leaking_lives_are_no_excuse_beyond_the_reach),
		cmocka_unit_test(leak_on_short_lives_excuses_no_longer_ones),
		cmocka_unit_test(fellows_that_grow_alike_are_no_precedent),
		cmocka_unit_test(flat_lives_have_levelled_off),
		cmocka_unit_test(big_deploy_leaves_earlier_versions_known),
		cmocka_unit_test(hostile_readings_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
