#include "server/analyse/slot.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/series.h"

#include <string.h>

static bool has_reason(
	const struct analyse_slot_result *r, bool speaks_for, const char *part)
{
	for (size_t i = 0; i < r->reason_count; i++)
		if (r->reasons[i].speaks_for == speaks_for &&
			strstr(r->reasons[i].text, part))
			return true;
	return false;
}

static void expect(const struct analyse_slot_result *r, enum analyse_verdict verdict)
{
	if (r->verdict != verdict)
		print_error("%s, expected %s: %s\n", analyse_verdict_name(r->verdict),
			analyse_verdict_name(verdict), r->summary);
	assert_int_equal(r->verdict, verdict);
}

static void no_readings_mean_learning(void **state)
{
	(void)state;
	struct series s;
	series_init(&s, 1);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_LEARNING);
	assert_in_range(r.wait_s, 60, 600);
	assert_false(r.rate.known);
	assert_int_equal(r.reason_count, 1);
	series_finish(&s);
}

/* A young process says for how long it still learns, and keeps its word. */
static void learning_says_how_long(void **state)
{
	(void)state;
	double p[] = {80, 0};
	for (double minutes = 0.5; minutes < 3; minutes += 0.5) {
		struct series s;
		series_init(&s, 2);
		series_live(&s, minutes, series_line, p);
		struct analyse_slot_result r = series_judge(&s);
		expect(&r, ANALYSE_LEARNING);
		assert_non_null(strstr(r.summary, "Learning: about"));
		series_finish(&s);

		series_init(&s, 2);
		series_live(&s, minutes + (double)r.wait_s / 60 + 0.5, series_line, p);
		r = series_judge(&s);
		expect(&r, ANALYSE_STEADY);
		series_finish(&s);
	}
}

/* It ran for a day before anybody read it: what counts is for how long it was read. */
static void old_processes_are_read_before_they_are_judged(void **state)
{
	(void)state;
	double p[] = {80, 0};
	struct series s;
	series_init(&s, 2);
	series_live(&s, 1, series_line, p);
	s.lives[0].started_ms -= 86400000;
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_LEARNING);
	assert_in_range(r.wait_s, 90, 120);
	series_finish(&s);
}

static void flat_is_steady(void **state)
{
	(void)state;
	double p[] = {80, 0};
	struct series s;
	series_init(&s, 3);
	series_live(&s, 120, series_line, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_STEADY);
	assert_string_equal(r.summary, "Steady at 80 MiB for 1 h 56 min");
	assert_int_equal(r.exhaust_ms, 0);
	assert_true(r.rate.known && r.rate.low_kb_h < 0 && r.rate.high_kb_h > 0);
	series_finish(&s);
}

/* Heap of a healthy runtime: teeth of 30 MiB each 3 min, a start-up of a minute. */
static void garbage_collection_is_steady(void **state)
{
	(void)state;
	double p[] = {60, 30, 0.7};
	for (double minutes = 4; minutes < 60; minutes *= 1.2) {
		struct series s;
		series_init(&s, 4);
		s.saw_mib = 30;
		s.saw_min = 3.1;
		series_live(&s, minutes, series_settling, p);
		struct analyse_slot_result r = series_judge(&s);
		assert_true(r.verdict != ANALYSE_LEAK && r.verdict != ANALYSE_WATCH);
		series_finish(&s);
	}
}

static void slowing_growth_is_a_warm_up(void **state)
{
	(void)state;
	double p[] = {60, 120, 40};
	struct series s;
	series_init(&s, 5);
	series_live(&s, 100, series_settling, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_WARMUP);
	assert_non_null(strstr(r.summary, "Warming up"));
	series_finish(&s);
}

static void a_warm_up_is_never_a_leak(void **state)
{
	(void)state;
	static const double taus_min[] = {0.5, 1, 3, 10, 60};
	for (size_t k = 0; k < 5; k++) {
		double p[] = {50, 70, taus_min[k]};
		for (double minutes = 4; minutes < 500; minutes *= 1.3) {
			struct series s;
			series_init(&s, 6 + k);
			series_live(&s, minutes, series_settling, p);
			struct analyse_slot_result r = series_judge(&s);
			if (r.verdict == ANALYSE_LEAK)
				print_error("tau %g at %g min: %s\n", taus_min[k],
					minutes, r.summary);
			assert_true(r.verdict != ANALYSE_LEAK);
			series_finish(&s);
		}
	}
}

static void a_step_is_a_step(void **state)
{
	(void)state;
	double p[] = {80, 40, 130};
	struct series s;
	series_init(&s, 20);
	series_live(&s, 180, series_step, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_STEP);
	assert_non_null(strstr(r.summary, "Rose by 40 MiB"));
	assert_float_equal((double)(r.onset_ms - SERIES_START_MS) / 60000, 130, 4);
	series_finish(&s);
}

/* 25 MiB a minute from 70: called within five minutes of its start. */
static void a_fast_leak_is_called_within_five_minutes(void **state)
{
	(void)state;
	double p[] = {70, 25};
	struct series s;
	series_init(&s, 21);
	s.noise_mib = 1;
	series_live(&s, 4.9, series_line, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_LEAK);
	assert_float_equal(r.rate.kb_h / 1024 / 60, 25, 2);
	assert_true(r.rate.low_kb_h < r.rate.kb_h && r.rate.kb_h < r.rate.high_kb_h);
	assert_true(strstr(r.summary, "reaches its limit of 512 MiB in 13 min"));
	assert_float_equal((double)(r.exhaust_ms - s.now_ms) / 60000, 12.9, 1.5);
	series_finish(&s);
}

static void a_slow_leak_is_called_after_hours(void **state)
{
	(void)state;
	double p[] = {80, 0.4};
	struct series s;
	series_init(&s, 22);
	series_live(&s, 60 * 6, series_line, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_LEAK);
	assert_float_equal(r.rate.kb_h / 1024, 24, 2);
	assert_true(r.onset_ms > 0 && r.onset_ms < SERIES_START_MS + 3600000);
	series_finish(&s);
}

/* 2 MiB/h: suspicious after hours, sure only with a day of history. */
static void a_creeping_leak_is_watched_first(void **state)
{
	(void)state;
	double p[] = {80, 2.0 / 60};
	bool watched = false;
	enum analyse_verdict last = ANALYSE_LEARNING;
	for (double hours = 2; hours <= 48; hours += 2) {
		struct series s;
		series_init(&s, 23);
		s.step_min = 2;
		series_live(&s, 60 * hours, series_line, p);
		last = series_judge(&s).verdict;
		assert_true(last != ANALYSE_LEAK || hours >= 16);
		watched = watched || last == ANALYSE_WATCH;
		series_finish(&s);
	}
	assert_true(watched);
	assert_int_equal(last, ANALYSE_LEAK);
}

/* Restarted every four minutes at about 150 MiB, as a process manager would. */
static void restarts_do_not_hide_a_leak(void **state)
{
	(void)state;
	double p[] = {50, 25};
	struct series s;
	series_init(&s, 24);
	s.noise_mib = 1;
	for (int i = 0; i < 4; i++)
		series_live(&s, 4, series_line, p);
	series_live(&s, 1, series_line, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_LEAK);
	assert_true(r.restarts >= 1);
	assert_true(has_reason(&r, true, "process lives grew alike"));
	assert_true(has_reason(&r, true, "processes ended at about 14"));
	assert_non_null(strstr(r.summary, "where it was restarted before"));
	series_finish(&s);
}

/* Killed once by hand at another level: only the lives that ended alike tell a limit.
 */
static void a_limit_shows_in_the_last_restarts(void **state)
{
	(void)state;
	double p[] = {50, 25};
	struct series s;
	series_init(&s, 26);
	s.noise_mib = 1;
	series_live(&s, 9, series_line, p);
	for (int i = 0; i < 2; i++)
		series_live(&s, 4, series_line, p);
	series_live(&s, 2, series_line, p);
	struct analyse_slot_result r = series_judge(&s);
	assert_true(has_reason(&r, true, "The last 2 processes ended at about 14"));
	series_finish(&s);

	series_init(&s, 26);
	series_live(&s, 4, series_line, p);
	series_live(&s, 9, series_line, p);
	series_live(&s, 2, series_line, p);
	r = series_judge(&s);
	assert_false(has_reason(&r, true, "processes ended at about"));
	series_finish(&s);
}

/* Right after a restart the verdict stands, although the new life is too young. */
static void a_restart_takes_nothing_back(void **state)
{
	(void)state;
	double p[] = {50, 25};
	for (double since = 0.2; since < 6; since += 0.4) {
		struct series s;
		series_init(&s, 25);
		s.noise_mib = 1;
		series_live(&s, 6, series_line, p);
		series_live(&s, since, series_line, p);
		struct analyse_slot_result r = series_judge(&s);
		expect(&r, ANALYSE_LEAK);
		series_finish(&s);
	}
}

static void restarts_of_a_clean_process_are_clean(void **state)
{
	(void)state;
	double p[] = {60, 25, 0.6};
	for (int lives = 1; lives < 10; lives++) {
		struct series s;
		series_init(&s, 30 + (uint64_t)lives);
		for (int i = 0; i < lives; i++)
			series_live(&s, 3.5, series_settling, p);
		struct analyse_slot_result r = series_judge(&s);
		assert_true(r.verdict != ANALYSE_LEAK && r.verdict != ANALYSE_WATCH);
		series_finish(&s);
	}
}

/* Java fills its heap in a straight line until it first collects. */
static void a_runtime_that_collects_late_gets_time(void **state)
{
	(void)state;
	double p[] = {60, 40};
	struct series s;
	series_init(&s, 40);
	s.slot.limit_kb = 24.0 * 1024 * 1024;
	series_live(&s, 8, series_line, p);
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_LEAK);
	s.slot.collects_late = true;
	r = series_judge(&s);
	expect(&r, ANALYSE_LEARNING);
	assert_true(has_reason(&r, false, "fills a heap before it first collects"));
	s.slot.limit_kb = 0;
	r = series_judge(&s);
	expect(&r, ANALYSE_LEARNING);
	series_finish(&s);
}

/* p[1] MiB more within 25 minutes of each hour, given back in the next five. */
static double each_hour(double age_min, const double *p)
{
	double phase = fmod(age_min, 60);
	if (phase < 20 || phase >= 50)
		return p[0];
	return p[0] + p[1] * (phase < 45 ? (phase - 20) / 25 : (50 - phase) / 5);
}

/* A day's load: p[1] MiB more at noon than at midnight, where it begins. */
static double each_day(double age_min, const double *p)
{
	return p[0] + p[1] * (0.5 - 0.5 * cos(2 * 3.14159265358979 * age_min / 1440));
}

static void expect_no_leak(
	series_curve *curve, double step_min, double from_min, double to_min)
{
	double p[] = {75, 250};
	for (double minutes = from_min; minutes < to_min; minutes += 30 * step_min) {
		struct series s;
		series_init(&s, 70);
		s.step_min = step_min;
		s.noise_mib = 1;
		s.saw_mib = 8;
		s.saw_min = 1.7;
		series_live(&s, minutes, curve, p);
		struct analyse_slot_result r = series_judge(&s);
		if (r.verdict == ANALYSE_LEAK)
			print_error("at %g min: %s\n", minutes, r.summary);
		assert_true(r.verdict != ANALYSE_LEAK);
		series_finish(&s);
	}
}

/* What was there an hour ago, or yesterday, is nothing new. */
static void what_comes_back_is_no_leak(void **state)
{
	(void)state;
	expect_no_leak(each_hour, 1.0 / 6, 80, 400);
	expect_no_leak(each_day, 2, 27 * 60, 72 * 60);
}

/* Idle for an hour, then p[1] MiB more within 45 minutes, and teeth that grow with it.
 */
static double a_load_that_comes(double age_min, const double *p)
{
	double load = fmin(1, fmax(0.05, (age_min - 60) / 45));
	return p[0] + (p[1] + 12 * fmod(age_min, 1.7) / 1.7) * load;
}

/* Whoever says "leak" shows a rate that is surely a growth. */
static void a_leak_surely_grows(void **state)
{
	(void)state;
	double p[] = {70, 100};
	for (double minutes = 62; minutes < 180; minutes++) {
		struct series s;
		series_init(&s, 71);
		s.noise_mib = 1.5;
		series_live(&s, minutes, a_load_that_comes, p);
		struct analyse_slot_result r = series_judge(&s);
		bool bad = r.verdict == ANALYSE_LEAK && !(r.rate.low_kb_h > 0);
		if (bad)
			print_error("at %g min: %s\n", minutes, r.summary);
		assert_false(bad);
		series_finish(&s);
	}
}

static void odd_input_is_survived(void **state)
{
	(void)state;
	struct series s;
	series_init(&s, 50);
	s.slot.limit_kb = 0;
	double p[] = {0, 0};
	s.noise_mib = 0;
	series_live(&s, 60, series_line, p); /* all zero */
	struct analyse_slot_result r = series_judge(&s);
	expect(&r, ANALYSE_STEADY);

	/* Two readings at one time, a reading ahead of now, an empty life. */
	struct analyse_point *points = arena_array(&s.arena, 40, sizeof *points);
	for (int i = 0; i < 40; i++)
		points[i] = (struct analyse_point){
			s.now_ms + (i / 2) * 10000, 1e9 + (i % 3)};
	s.lives[s.slot.count++] = (struct analyse_generation){7, s.now_ms, points, 40};
	s.lives[s.slot.count++] = (struct analyse_generation){8, s.now_ms, NULL, 0};
	s.now_ms += 190000;
	r = series_judge(&s);
	assert_non_null(r.summary);
	series_finish(&s);
}

static void equal_inputs_give_equal_outputs(void **state)
{
	(void)state;
	double p[] = {80, 1};
	struct series s;
	series_init(&s, 60);
	series_live(&s, 90, series_line, p);
	struct analyse_slot_result a = series_judge(&s), b = series_judge(&s);
	assert_int_equal(a.verdict, b.verdict);
	assert_true(a.rate.kb_h == b.rate.kb_h);
	assert_string_equal(a.summary, b.summary);
	assert_int_equal(a.reason_count, b.reason_count);
	series_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_readings_mean_learning),
		cmocka_unit_test(learning_says_how_long),
		cmocka_unit_test(old_processes_are_read_before_they_are_judged),
		cmocka_unit_test(flat_is_steady),
		cmocka_unit_test(garbage_collection_is_steady),
		cmocka_unit_test(slowing_growth_is_a_warm_up),
		cmocka_unit_test(a_warm_up_is_never_a_leak),
		cmocka_unit_test(a_step_is_a_step),
		cmocka_unit_test(a_fast_leak_is_called_within_five_minutes),
		cmocka_unit_test(a_slow_leak_is_called_after_hours),
		cmocka_unit_test(a_creeping_leak_is_watched_first),
		cmocka_unit_test(restarts_do_not_hide_a_leak),
		cmocka_unit_test(a_limit_shows_in_the_last_restarts),
		cmocka_unit_test(a_restart_takes_nothing_back),
		cmocka_unit_test(restarts_of_a_clean_process_are_clean),
		cmocka_unit_test(a_runtime_that_collects_late_gets_time),
		cmocka_unit_test(what_comes_back_is_no_leak),
		cmocka_unit_test(a_leak_surely_grows),
		cmocka_unit_test(odd_input_is_survived),
		cmocka_unit_test(equal_inputs_give_equal_outputs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
