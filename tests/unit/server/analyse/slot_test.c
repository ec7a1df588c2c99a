/* Whole processes, reading by reading: what is said of them, and when. */
#include "server/analyse/fleet.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/process.h"

#include <string.h>

/* What a process does at its clock; fills in what is known beside its memory. */
typedef void behave(struct process *p, struct reading *r);

/* One seat, and what was heard of it. */
struct play {
	struct process p;
	struct fleet *fleet;
	struct fleet_seat seat;
	struct arena arena;
	double watch_h, leak_h; /* since T0, first heard; -1: never */
	size_t changes;         /* of the level */
	enum analyse_level level;
	struct fleet_slot said;
};

static void begin(struct play *s, uint64_t seed)
{
	*s = (struct play){.p = process_of(seed), .seat = {1, 1, 1}};
	s->fleet = fleet_create();
	s->watch_h = s->leak_h = -1;
	s->level = ANALYSE_QUIET;
	arena_init(&s->arena);
}

static void end(struct play *s)
{
	fleet_destroy(s->fleet);
	arena_finish(&s->arena);
}

static double now_h(const struct play *s)
{
	return (double)(s->p.at_ms - PROCESS_T0_MS) / 3600e3;
}

static void listen(struct play *s)
{
	struct fleet_report report;
	arena_reset(&s->arena);
	fleet_step(s->fleet, s->p.at_ms, &s->arena, &report);
	assert_true(fleet_look(s->fleet, 1, &s->arena, &s->said));
	if (s->said.level >= ANALYSE_EARLY && s->watch_h < 0)
		s->watch_h = now_h(s);
	if (s->said.level == ANALYSE_CONFIRMED && s->leak_h < 0)
		s->leak_h = now_h(s);
	s->changes += s->said.level != s->level;
	s->level = s->said.level;
}

/* Lives on for so many hours, and listens every ten minutes. */
static void live(struct play *s, behave *how, double hours)
{
	int64_t until_ms = s->p.at_ms + (int64_t)(hours * 3600e3), heard_ms = 0;
	while (s->p.at_ms < until_ms) {
		struct process before = s->p;
		struct reading r = process_read(&s->p, 0);
		how(&before, &r);
		assert_true(fleet_put(s->fleet, &s->seat, &s->p.life, &r));
		if (s->p.at_ms - heard_ms < 600000 && s->p.at_ms < until_ms)
			continue;
		listen(s);
		heard_ms = s->p.at_ms;
	}
}

static void expect(const struct play *s, enum analyse_verdict verdict)
{
	if (s->said.verdict != verdict)
		print_error("%s, expected %s: %s\n",
			analyse_verdict_name(s->said.verdict),
			analyse_verdict_name(verdict), s->said.summary);
	assert_int_equal(s->said.verdict, verdict);
}

static void never_a_leak(const struct play *s)
{
	if (s->leak_h >= 0)
		print_error("a leak at %.1f h; now: %s\n", s->leak_h, s->said.summary);
	assert_true(s->leak_h < 0);
}

static void a_leak_within(const struct play *s, double from_h, double hours)
{
	if (s->leak_h < 0 || s->leak_h > from_h + hours)
		print_error("a leak at %.1f h; now: %s\n", s->leak_h, s->said.summary);
	assert_true(s->leak_h >= from_h && s->leak_h <= from_h + hours);
	assert_true(s->watch_h >= from_h && s->watch_h <= s->leak_h);
}

static bool has_reason(const struct play *s, bool speaks_for, const char *part)
{
	for (size_t i = 0; i < s->said.reasons.count; i++)
		if (s->said.reasons.items[i].speaks_for == speaks_for &&
			strstr(s->said.reasons.items[i].text, part))
			return true;
	return false;
}

/* What this rate is, of 95 % intervals, should hold the truth. */
static void rate_is(const struct play *s, double mib_h)
{
	const struct analyse_rate *r = &s->said.rate;
	assert_true(r->known);
	assert_float_equal(r->kb_h / 1024, mib_h, 0.25 * mib_h);
	assert_true(r->low_kb_h < 1024 * mib_h && r->high_kb_h > 1024 * mib_h);
}

static void rests(struct process *p, struct reading *r)
{
	(void)p;
	r->memory_kb += 1024 * 120;
}

static void leaks(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + 6 * process_age_h(p));
}

/* A process of a day before it begins. */
static void leaks_later(struct process *p, struct reading *r)
{
	double since = fmax(0, process_age_h(p) - 30);
	r->memory_kb += 1024 * (120 + 6 * since);
}

/* Falls every 25 minutes by 50 MiB. */
static void leaks_under_teeth(struct process *p, struct reading *r)
{
	double turns = process_age_h(p) * 60 / 25;
	leaks(p, r);
	r->memory_kb += 1024 * 50 * (turns - floor(turns));
}

static void draws_teeth(struct process *p, struct reading *r)
{
	double turns = process_age_h(p) * 60 / 25;
	r->memory_kb += 1024 * (120 + 50 * (turns - floor(turns)));
}

static double daily(const struct process *p)
{
	return 60 * (1 - cos(2 * M_PI * process_day(p)));
}

static void breathes_with_the_day(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + daily(p));
}

static void serves_a_day(struct process *p, struct reading *r)
{
	r->load = 20 + 3 * daily(p) + 5 * process_random(p);
	r->memory_kb += 1024 * (100 + 0.4 * r->load);
}

static void serves_and_leaks(struct process *p, struct reading *r)
{
	serves_a_day(p, r);
	r->memory_kb += 1024 * 5 * process_age_h(p);
}

/* Each request leaves something. */
static void leaks_by_load(struct process *p, struct reading *r)
{
	double h = process_age_h(p), d = 2 * M_PI / 24;
	double phase = 2 * M_PI * (double)(PROCESS_T0_MS % PROCESS_DAY_MS) /
		       (double)PROCESS_DAY_MS;
	r->load = 20 + 3 * daily(p);
	r->memory_kb += 1024 * (120 + 6 * (h - (sin(phase + d * h) - sin(phase)) / d));
}

/* Traffic doubles within ten hours of the second day, and stays. */
static void gains_traffic(struct process *p, struct reading *r)
{
	double done = (process_age_h(p) - 30) / 10;
	r->load = 100 * (1 + (done < 0          ? 0
				     : done > 1 ? 1
						: done)) +
		  5 * process_random(p);
	r->memory_kb += 1024 * (100 + 0.5 * r->load);
}

static void steps_up(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + (process_age_h(p) >= 30 ? 60 : 0));
}

static void warms_up(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + 150 * (1 - exp(-process_age_h(p) / 5)));
}

static void fragments(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (100 + 40 * log(1 + process_age_h(p) / 0.5));
	r->heap_kb = 60 * 1024;
	r->live_kb = 1024 * (40 + process_random(p));
	r->collections = floor(process_age_h(p) * 6);
}

static void bursts(struct process *p, struct reading *r)
{
	double h = process_age_h(p) - 30;
	bool on = h >= 0 && h < 1.5;
	r->memory_kb += 1024 * (120 + (on ? 120 * h / 1.5 : 0));
}

static void leaks_its_heap(struct process *p, struct reading *r)
{
	double grown = 6 * process_age_h(p);
	r->memory_kb += 1024 * (120 + grown);
	r->heap_kb = 1024 * (80 + grown);
	r->live_kb = 1024 * (40 + grown);
	r->collections = floor(process_age_h(p) * 6);
}

static void leaks_outside_its_heap(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + 6 * process_age_h(p));
	r->heap_kb = 1024 * 60;
	r->live_kb = 1024 * (40 + process_random(p));
	r->collections = floor(process_age_h(p) * 6);
}

/* A quarter more comes in than goes out, from 30 h to 54 h; then it is worked off. */
static void piles_up(struct process *p, struct reading *r)
{
	double h = process_age_h(p), since = fmin(fmax(h - 30, 0), 24);
	double gone = fmin(fmax(h - 54, 0) * 4, since);
	r->depth = floor(20 * process_random(p) + 600 * (since - gone));
	r->arrivals = 40 + floor(5 * process_random(p));
	bool rising = h >= 30 && h < 54, falling = h >= 54 && gone < since;
	r->completions = r->arrivals - (rising ? 10 : 0) + (falling ? 30 : 0);
	r->memory_kb += 1024 * (120 + 10 * r->depth / 1024);
}

static void a_leak_is_found_with_its_figures(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 1);
	live(&s, leaks_later, 60);
	a_leak_within(&s, 30, 16);
	expect(&s, ANALYSE_LEAK);
	assert_int_equal(s.said.kind, ANALYSE_KIND_LEAK);
	assert_int_equal(s.said.series, ANALYSE_RSS_ANON);
	rate_is(&s, 6);
	double onset_h = (double)(s.said.onset.at_ms - PROCESS_T0_MS) / 3600e3;
	assert_float_equal(onset_h, 30, 4);
	assert_true(s.said.onset.low_ms <= s.said.onset.at_ms);
	assert_true(s.said.onset.high_ms >= s.said.onset.at_ms);
	/* 212 of 512 MiB are left at 6 an hour. */
	double left_h = (double)(s.said.exhaust.at_ms - s.said.at_ms) / 3600e3;
	assert_float_equal(left_h, 35, 9);
	assert_true(s.said.exhaust.low_ms < s.said.exhaust.at_ms);
	assert_true(s.said.exhaust.high_ms > s.said.exhaust.at_ms);
	assert_true(s.said.p_value < 1e-4);
	assert_non_null(strstr(s.said.summary, "Leaks 6"));
	assert_non_null(strstr(s.said.summary, "its limit of 512 MiB"));
	assert_true(has_reason(&s, true, "Private memory grows by"));
	assert_true(has_reason(&s, true, "far better than any curve that levels off"));
	end(&s);
}

static void a_leak_from_the_start_is_found(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 2);
	live(&s, leaks, 30);
	a_leak_within(&s, 0, 24);
	rate_is(&s, 6);
	assert_true(has_reason(&s, false, "Its load is not known"));
	assert_true(has_reason(&s, false, "little past to be compared with"));
	end(&s);
}

static void garbage_does_not_hide_a_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 3);
	live(&s, leaks_under_teeth, 36);
	a_leak_within(&s, 0, 30);
	rate_is(&s, 6);
	end(&s);
	begin(&s, 3);
	live(&s, draws_teeth, 72);
	never_a_leak(&s);
	end(&s);
}

static void load_is_taken_into_account(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 4);
	live(&s, serves_a_day, 96);
	never_a_leak(&s);
	expect(&s, ANALYSE_LOAD);
	end(&s);
	begin(&s, 4);
	live(&s, serves_and_leaks, 60);
	a_leak_within(&s, 0, 40);
	rate_is(&s, 5);
	assert_true(has_reason(&s, true, "Its load does not explain it"));
	end(&s);
}

static void what_each_request_leaves_is_a_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 5);
	live(&s, leaks_by_load, 56);
	a_leak_within(&s, 0, 48);
	end(&s);
}

static void more_traffic_is_no_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 6);
	live(&s, gains_traffic, 96);
	never_a_leak(&s);
	end(&s);
}

/* Nothing is known but its memory: the first morning may deceive, the third not. */
static void a_day_without_load_is_no_leak(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct play s;
		begin(&s, seed);
		live(&s, breathes_with_the_day, 48);
		s.leak_h = -1;
		live(&s, breathes_with_the_day, 5 * 24);
		never_a_leak(&s);
		expect(&s, ANALYSE_CYCLIC);
		end(&s);
	}
}

static void a_step_is_no_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 7);
	live(&s, steps_up, 60);
	never_a_leak(&s);
	expect(&s, ANALYSE_STEP);
	assert_non_null(strstr(s.said.summary, "Rose by"));
	end(&s);
}

static void a_warm_up_is_no_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 8);
	live(&s, warms_up, 10);
	never_a_leak(&s);
	assert_true(
		s.said.verdict == ANALYSE_WARMUP || s.said.verdict == ANALYSE_LEARNING);
	live(&s, warms_up, 62);
	never_a_leak(&s);
	expect(&s, ANALYSE_STEADY);
	end(&s);
}

static void fragmentation_is_no_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 9);
	live(&s, fragments, 96);
	never_a_leak(&s);
	end(&s);
}

static void a_burst_is_no_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 10);
	live(&s, bursts, 48);
	never_a_leak(&s);
	end(&s);
}

static void the_heap_is_told_from_what_is_around_it(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 11);
	live(&s, leaks_its_heap, 36);
	a_leak_within(&s, 0, 30);
	expect(&s, ANALYSE_LEAK);
	assert_int_equal(s.said.series, ANALYSE_HEAP_FLOOR);
	end(&s);
	begin(&s, 11);
	live(&s, leaks_outside_its_heap, 36);
	a_leak_within(&s, 0, 30);
	expect(&s, ANALYSE_NATIVE_GROWTH);
	assert_int_equal(s.said.kind, ANALYSE_KIND_NATIVE);
	assert_int_equal(s.said.series, ANALYSE_NATIVE);
	end(&s);
}

static void a_backlog_is_told_from_a_leak_and_ends(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 12);
	live(&s, piles_up, 30);
	assert_true(s.watch_h < 0);
	live(&s, piles_up, 24);
	a_leak_within(&s, 30, 15);
	expect(&s, ANALYSE_BACKLOG);
	assert_int_equal(s.said.kind, ANALYSE_KIND_BACKLOG);
	assert_true(has_reason(&s, true, "Items that wait account for"));
	live(&s, piles_up, 24);
	assert_int_equal(s.said.level, ANALYSE_QUIET);
	end(&s);
}

/* Restarted every six hours at what it had leaked until then. */
static void restarts_do_not_hide_a_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 13);
	for (int life = 0; life < 8; life++) {
		if (life)
			process_restart(&s.p);
		live(&s, leaks_its_heap, 6);
	}
	a_leak_within(&s, 0, 48);
	rate_is(&s, 6);
	assert_true(s.said.restarts >= 1);
	assert_true(has_reason(&s, true, "process lives grew alike"));
	end(&s);
}

static void restarts_of_what_is_clean_are_clean(void **state)
{
	(void)state;
	static behave *const behaviours[] = {rests, warms_up, serves_a_day, fragments};
	for (size_t b = 0; b < 4; b++) {
		struct play s;
		begin(&s, 14 + b);
		for (int life = 0; life < 12; life++) {
			if (life)
				process_restart(&s.p);
			live(&s, behaviours[b], 7);
		}
		never_a_leak(&s);
		end(&s);
	}
}

/* Between restarts it says the same, whatever single windows think. */
static void a_level_does_not_flap(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 15);
	s.p.noise_mib = 6;
	live(&s, leaks_later, 84);
	a_leak_within(&s, 30, 30);
	assert_in_range(s.changes, 1, 2);
	end(&s);
	begin(&s, 15);
	for (int life = 0; life < 7; life++) {
		if (life)
			process_restart(&s.p);
		live(&s, leaks, 24);
	}
	assert_int_equal(s.said.level, ANALYSE_CONFIRMED);
	assert_in_range(s.changes, 1, 4);
	end(&s);
}

static void what_stops_is_let_go(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 16);
	live(&s, leaks, 36);
	assert_int_equal(s.said.level, ANALYSE_CONFIRMED);
	process_restart(&s.p);
	live(&s, rests, 72);
	assert_int_equal(s.said.level, ANALYSE_QUIET);
	expect(&s, ANALYSE_STEADY);
	assert_in_range(s.changes, 2, 4);
	end(&s);
}

static void another_version_begins_anew(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 17);
	live(&s, leaks, 36);
	assert_int_equal(s.said.level, ANALYSE_CONFIRMED);
	process_restart(&s.p);
	s.p.life.fingerprint_id = 2;
	live(&s, rests, 0.1);
	assert_int_equal(s.said.level, ANALYSE_QUIET);
	assert_int_equal(s.said.fingerprint_id, 2);
	assert_false(s.said.rate.known);
	live(&s, rests, 12);
	assert_int_equal(s.said.level, ANALYSE_QUIET);
	end(&s);
}

/* What it says then is that it does not know yet, and how long that takes. */
static void a_young_process_says_how_long_it_learns(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 18);
	s.p.every_ms = 5000;
	int64_t before_s = INT64_MAX;
	double known_h = 0;
	live(&s, rests, 0.01);
	while (s.said.verdict == ANALYSE_LEARNING && now_h(&s) < 1) {
		assert_true(s.said.wait_s > 0 && s.said.wait_s <= before_s);
		assert_non_null(strstr(s.said.summary, "Not enough data yet: about"));
		before_s = s.said.wait_s;
		live(&s, rests, 0.01);
		known_h = now_h(&s);
	}
	assert_true(before_s < 120);
	assert_true(known_h < 0.1);
	expect(&s, ANALYSE_STEADY);
	assert_true(has_reason(&s, false, "slow growth needs longer"));
	end(&s);
}

static void what_cannot_be_judged_says_why(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 19);
	struct reading r = process_read(&s.p, NAN);
	assert_false(fleet_put(s.fleet, &s.seat, &s.p.life, &r));
	listen(&s);
	expect(&s, ANALYSE_UNUSABLE);
	assert_non_null(strstr(s.said.summary, "no reading of its memory is a number"));
	live(&s, rests, 1);
	expect(&s, ANALYSE_STEADY);
	for (int i = 0; i < 40; i++) {
		r = process_read(&s.p, NAN);
		assert_false(fleet_put(s.fleet, &s.seat, &s.p.life, &r));
	}
	listen(&s);
	expect(&s, ANALYSE_UNUSABLE);
	assert_non_null(strstr(s.said.summary, "Unusable: its readings"));
	live(&s, rests, 1);
	expect(&s, ANALYSE_STEADY);
	end(&s);
}

/* No data is not "resolved". */
static void a_silent_slot_keeps_what_it_said(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 20);
	live(&s, leaks, 36);
	assert_false(s.said.silent);
	s.p.at_ms += 40 * PROCESS_HOUR_MS;
	listen(&s);
	assert_true(s.said.silent);
	assert_int_equal(s.said.level, ANALYSE_CONFIRMED);
	expect(&s, ANALYSE_LEAK);
	assert_true(has_reason(&s, false, "No reading since"));
	end(&s);
}

/* Every hour of a day some minutes are missing, once five hours. */
static void gaps_do_not_hide_a_leak(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 21);
	for (int i = 0; i < 48; i++) {
		live(&s, leaks, 0.8);
		s.p.at_ms += (i == 20 ? 300 : 10) * 60000;
	}
	a_leak_within(&s, 0, 36);
	rate_is(&s, 6);
	end(&s);
}

/* Whatever the limit says: no crash, no nonsense. */
static void odd_limits_are_borne(void **state)
{
	(void)state;
	static const double limits[] = {0, NAN, INFINITY, -5, 1e9, 1e300, 1, 1e-300};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct play s;
		begin(&s, 22);
		s.p.life.limit_kb = limits[i];
		live(&s, leaks, 36);
		assert_int_equal(s.said.level, ANALYSE_CONFIRMED);
		assert_true(s.said.limit_kb >= 0 && s.said.limit_kb <= 1e12);
		assert_true(s.said.scale_kb > 0 && isfinite(s.said.scale_kb));
		bool known = s.said.exhaust.at_ms != 0;
		assert_true(!known || s.said.exhaust.at_ms >= s.said.at_ms);
		assert_true(!known || limits[i] > 0);
		end(&s);
		begin(&s, 22);
		s.p.life.limit_kb = limits[i];
		live(&s, rests, 30);
		never_a_leak(&s);
		end(&s);
	}
}

static void constant_series_and_two_points_are_borne(void **state)
{
	(void)state;
	struct play s;
	begin(&s, 23);
	s.p.noise_mib = 0;
	live(&s, rests, 0.03);
	expect(&s, ANALYSE_LEARNING);
	live(&s, rests, 48);
	expect(&s, ANALYSE_STEADY);
	assert_true(s.watch_h < 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leak_is_found_with_its_figures),
		cmocka_unit_test(a_leak_from_the_start_is_found),
		cmocka_unit_test(garbage_does_not_hide_a_leak),
		cmocka_unit_test(load_is_taken_into_account),
		cmocka_unit_test(what_each_request_leaves_is_a_leak),
		cmocka_unit_test(more_traffic_is_no_leak),
		cmocka_unit_test(a_day_without_load_is_no_leak),
		cmocka_unit_test(a_step_is_no_leak),
		cmocka_unit_test(a_warm_up_is_no_leak),
		cmocka_unit_test(fragmentation_is_no_leak),
		cmocka_unit_test(a_burst_is_no_leak),
		cmocka_unit_test(the_heap_is_told_from_what_is_around_it),
		cmocka_unit_test(a_backlog_is_told_from_a_leak_and_ends),
		cmocka_unit_test(restarts_do_not_hide_a_leak),
		cmocka_unit_test(restarts_of_what_is_clean_are_clean),
		cmocka_unit_test(a_level_does_not_flap),
		cmocka_unit_test(what_stops_is_let_go),
		cmocka_unit_test(another_version_begins_anew),
		cmocka_unit_test(a_young_process_says_how_long_it_learns),
		cmocka_unit_test(what_cannot_be_judged_says_why),
		cmocka_unit_test(a_silent_slot_keeps_what_it_said),
		cmocka_unit_test(gaps_do_not_hide_a_leak),
		cmocka_unit_test(odd_limits_are_borne),
		cmocka_unit_test(constant_series_and_two_points_are_borne),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
