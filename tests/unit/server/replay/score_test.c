#include "server/replay/score.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

/* Series of 48 hours, a reading an hour, from hour 1000 on; memory grows by 10 MiB an
 * hour from hour 1000 + 12, under a limit of 1000 MiB. */
enum { SERIES = 4, HOURS = 48, FIRST_H = 1000, ONSET_H = 12 };

static const int64_t HOUR_MS = 3600 * 1000;

static struct {
	struct arena arena;
	struct record_row rows[HOURS];
	struct record_life life;
	struct labels_series series[SERIES];
	struct record records[SERIES];
	struct labels_truth truths[SERIES];
	struct replay_series found[SERIES];
	struct replay_version version;
	struct replay_service service;
	struct replay_input replayed;
	struct replay_result result;
	struct score_input in;
} s;

static int64_t at_ms(double h)
{
	return (int64_t)((FIRST_H + h) * (double)HOUR_MS);
}

/* The first two leak, the others do not. */
static int setup(void **state)
{
	(void)state;
	static const char *const ids[SERIES] = {"a", "b", "c", "d"};
	memset(&s, 0, sizeof s);
	arena_init(&s.arena);
	for (int i = 0; i < HOURS; i++) {
		s.rows[i].reading.at_ms = at_ms(i);
		s.rows[i].reading.memory_kb = 102400 +
					      10240.0 * (i > ONSET_H ? i - ONSET_H : 0);
	}
	for (size_t i = 0; i < SERIES; i++) {
		s.series[i] = (struct labels_series){.id = ids[i], .service = "api"};
		s.records[i] = (struct record){.rows = s.rows,
			.count = HOURS,
			.lives = &s.life,
			.life_count = 1,
			.limit_kb = 1024000};
		s.truths[i] = (struct labels_truth){.leak = i < 2,
			.onset_s = i < 2 ? (double)at_ms(ONSET_H) / 1000 : NAN,
			.rate_pct_per_h = i < 2 ? 1 : NAN,
			.scenario = i < 2 ? "leak" : "flat",
			.version = i % 2 ? "1" : "0"};
	}
	s.version.name = "1";
	s.service = (struct replay_service){"api", &s.version, 1};
	s.replayed = (struct replay_input){s.series, s.records, SERIES, ANALYSE_NORMAL};
	s.result = (struct replay_result){.series = s.found,
		.count = SERIES,
		.services = &s.service,
		.service_count = 1};
	s.in = (struct score_input){&s.replayed, &s.result, s.truths, at_ms(0), 1};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_finish(&s.arena);
	return 0;
}

/* Appends an alarm; `to_h` 0: it stays on. */
static struct alarms_alarm *raise_alarm(struct alarms *a, double from_h, double to_h)
{
	struct alarms_alarm *more = arena_array(&s.arena, a->count + 1, sizeof *more);
	if (a->count)
		memcpy(more, a->items, a->count * sizeof *more);
	a->items = more;
	more[a->count] = (struct alarms_alarm){.level = ANALYSE_CONFIRMED,
		.kind = ANALYSE_KIND_LEAK,
		.from_ms = at_ms(from_h),
		.to_ms = to_h > 0 ? at_ms(to_h) : 0};
	return &more[a->count++];
}

static struct score_level score(void)
{
	struct score_level out;
	score_level(&s.in, ANALYSE_CONFIRMED, &s.arena, &out);
	return out;
}

static void nothing_raised_is_nothing_found(void **state)
{
	(void)state;
	struct score_level out = score();
	assert_int_equal(out.all.leaking, 2);
	assert_int_equal(out.all.missed, 2);
	assert_true(isnan(score_precision(&out.all)) && score_recall(&out.all) == 0);
	assert_int_equal(out.missed_count, 2);
	assert_string_equal(out.missed[1], "b");
	/* Two whole records and two until the onset. */
	assert_float_equal(out.all.healthy_days, (2 * 47 + 2 * 12) / 24.0, 1e-9);
	assert_true(score_false_per_1000_days(&out.all) == 0);
}

static void delay_counts_from_the_onset(void **state)
{
	(void)state;
	raise_alarm(&s.found[0].alarms, ONSET_H + 6, 0);
	raise_alarm(&s.found[1].alarms, ONSET_H + 2, ONSET_H + 3);
	struct score_level out = score();
	assert_int_equal(out.all.found, 2);
	assert_true(score_precision(&out.all) == 1 && score_f1(&out.all) == 1);
	assert_float_equal(out.all.delay_median_h, 4, 1e-9);
	assert_float_equal(out.all.delay_p90_h, 5.6, 1e-9);
}

static void what_is_on_at_the_onset_has_found_it(void **state)
{
	(void)state;
	raise_alarm(&s.found[0].alarms, ONSET_H - 5, 0);
	struct score_level out = score();
	assert_int_equal(out.all.found, 1);
	assert_int_equal(out.all.early_series, 0);
	assert_true(out.all.delay_median_h == 0);
}

static void what_ended_before_the_onset_is_false(void **state)
{
	(void)state;
	raise_alarm(&s.found[0].alarms, 2, 4);
	raise_alarm(&s.found[0].alarms, ONSET_H + 1, 0);
	struct score_level out = score();
	assert_int_equal(out.all.found, 1);
	assert_int_equal(out.all.early_series, 1);
	assert_int_equal(out.all.false_alarms, 1);
	assert_true(score_precision(&out.all) == 0.5);
	assert_int_equal(out.wrong_count, 1);
	assert_string_equal(out.wrong[0], "a");
}

static void alarms_of_the_healthy_are_false(void **state)
{
	(void)state;
	raise_alarm(&s.found[0].alarms, ONSET_H + 1, 0);
	raise_alarm(&s.found[2].alarms, 1, 2);
	raise_alarm(&s.found[2].alarms, 10, 11);
	struct score_level out = score();
	assert_int_equal(out.all.false_series, 1);
	assert_int_equal(out.all.false_alarms, 2);
	assert_true(score_precision(&out.all) == 0.5);
	assert_int_equal(out.scenario_count, 2);
	assert_string_equal(out.scenarios[0].scenario, "flat");
	assert_int_equal(out.scenarios[0].false_alarms, 2);
	assert_int_equal(out.scenarios[1].false_alarms, 0);
	assert_int_equal(out.scenarios[1].found, 1);
}

static void alarms_of_a_version_count_for_its_series(void **state)
{
	(void)state;
	raise_alarm(&s.version.alarms, ONSET_H + 3, 0);
	struct score_level out = score();
	assert_int_equal(out.all.found, 1); /* b */
	assert_string_equal(out.missed[0], "a");
	assert_int_equal(out.all.false_series, 1);
	assert_string_equal(out.wrong[0], "d");
}

static void own_and_version_alarms_close_together_are_one(void **state)
{
	(void)state;
	raise_alarm(&s.found[3].alarms, 20, 21);
	raise_alarm(&s.version.alarms, 22, 23);
	raise_alarm(&s.found[3].alarms, 25, 26);
	struct score_level out = score();
	assert_int_equal(out.wrong_count, 1);
	assert_string_equal(out.wrong[0], "d");
	assert_int_equal(out.all.false_alarms, 1);
	assert_int_equal(out.all.found, 1);
}

static void other_levels_are_not_looked_at(void **state)
{
	(void)state;
	raise_alarm(&s.found[2].alarms, 1, 2)->level = ANALYSE_EARLY;
	assert_int_equal(score().all.false_alarms, 0);
}

static void estimates_are_held_against_the_truth(void **state)
{
	(void)state;
	struct alarms_alarm *a = raise_alarm(&s.found[0].alarms, ONSET_H + 10, 0);
	/* 1 % of 1,024,000 KiB an hour; 900 MiB of room at the onset are 90 hours. */
	a->rate = (struct analyse_rate){true, 11264, 9000, 12000};
	a->exhaust = (struct analyse_moment){at_ms(ONSET_H + 10 + 40),
		at_ms(ONSET_H + 10 + 30), at_ms(ONSET_H + 10 + 70)};
	struct alarms_alarm *b = raise_alarm(&s.found[1].alarms, ONSET_H + 10, 0);
	b->rate = (struct analyse_rate){true, 20480, 12000, 30000};
	b->exhaust = (struct analyse_moment){
		at_ms(ONSET_H + 10 + 120), at_ms(ONSET_H + 10 + 60), 0};
	struct score_level out = score();
	assert_int_equal(out.rate.count, 2);
	assert_float_equal(out.rate.median, 1.55, 1e-9);
	assert_float_equal(out.rate.covered, 0.5, 1e-9);
	assert_int_equal(out.time.count, 2);
	assert_float_equal(out.time.median, 1.0, 0.01);
	assert_float_equal(out.time.p10, 0.6, 0.01);
	assert_float_equal(out.time.covered, 0.5, 1e-9);
}

static void stretched_time_is_counted_stretched(void **state)
{
	(void)state;
	/* As if a record of 48 minutes had been stretched to 48 hours. */
	s.in.stretch = 60;
	s.truths[0].onset_s = (double)at_ms(0) / 1000 + ONSET_H * 60;
	s.truths[1].onset_s = ONSET_H * 60;
	s.truths[1].onset_is_offset = true;
	s.truths[0].rate_pct_per_h = s.truths[1].rate_pct_per_h = 60;
	raise_alarm(&s.found[0].alarms, ONSET_H + 6, 0)->rate = (struct analyse_rate){
		true, 10240, 10000, 11000};
	raise_alarm(&s.found[1].alarms, ONSET_H + 6, 0);
	struct score_level out = score();
	assert_int_equal(out.all.found, 2);
	assert_float_equal(out.all.delay_median_h, 6, 1e-9);
	assert_float_equal(out.rate.median, 1, 1e-9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_raised_is_nothing_found),
		TEST(delay_counts_from_the_onset),
		TEST(what_is_on_at_the_onset_has_found_it),
		TEST(what_ended_before_the_onset_is_false),
		TEST(alarms_of_the_healthy_are_false),
		TEST(alarms_of_a_version_count_for_its_series),
		TEST(own_and_version_alarms_close_together_are_one),
		TEST(other_levels_are_not_looked_at),
		TEST(estimates_are_held_against_the_truth),
		TEST(stretched_time_is_counted_stretched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
