#include "server/analyse/cohort.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

/* A simulated fleet: memory in percent of the limit, bins of 20 minutes, two days of
 * the old version before the deploy. */
enum {
	MEMBERS_MAX = 24,
	BINS_MAX = 600,
	BIN_MS = 20 * 60 * 1000,
	BINS_PER_H = 3,
	BEFORE_H = 48,
	FIRST_BIN = 1000000,
};

static const double LIMIT_KB = 1048576;
static const double PERCENT_KB = 10485.76;

struct world {
	struct arena arena;
	struct cohort_member members[MEMBERS_MAX];
	struct cohort_input input;
	uint64_t random;
	size_t olds, news;
	double hours;             /* after the deploy */
	double noise, stickiness; /* percent; correlation of neighbours */
	double leak;              /* percent per hour of age, new version */
	double odd_leak;          /* of one new member alone */
	double step;              /* the new version starts so much higher */
	double warm, warm_h;      /* both versions after a start */
	double fill, fill_h; /* both versions: a cache that fills evenly, then rests */
	double daily_load, load_ramp_per_h, per_load;
	double shift_per_h;  /* load moves to the new version */
	double per_load_new; /* memory for each unit of load; 0: as the old one */
	double daily;        /* season that no load shows */
	double stagger_h;    /* between one new member's start and the next */
	double restart_h;    /* all restart so often, at different times */
	double old_age_h;    /* of the old ones at the beginning; 0: start in view */
	double leave_h;      /* the highest old member leaves so long after; 0: never */
	bool hides_load;
};

static double uniform(struct world *w)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return ((double)(w->random >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct world *w)
{
	double radius = sqrt(-2 * log(uniform(w)));
	return radius * cos(2 * M_PI * uniform(w));
}

static struct world world_of(size_t olds, size_t news, double hours)
{
	return (struct world){.random = 1,
		.olds = olds,
		.news = news,
		.hours = hours,
		.noise = 0.5,
		.old_age_h = 300};
}

static double memory_at(struct world *w, const struct cohort_member *m, size_t member,
	double age_h, double hour, double load)
{
	double leak = m->is_new ? w->leak : 0;
	if (m->is_new && member == 0)
		leak += w->odd_leak;
	double per_load = m->is_new && w->per_load_new ? w->per_load_new : w->per_load;
	return 30 + 3 * (double)member + leak * age_h + (m->is_new ? w->step : 0) +
	       (w->warm_h ? w->warm * (1 - exp(-age_h / w->warm_h)) : 0) +
	       (w->fill_h ? w->fill * fmin(1, age_h / w->fill_h) : 0) +
	       w->daily * sin(2 * M_PI * hour / 24) + per_load * load;
}

static double load_at(const struct world *w, bool is_new, double hour)
{
	double after_h = fmax(0, hour - BEFORE_H);
	double load = 10 + w->daily_load * sin(2 * M_PI * hour / 24) +
		      w->load_ramp_per_h * after_h;
	return load + (is_new ? 1 : -1) * w->shift_per_h * after_h;
}

static void add_member(struct world *w, size_t member)
{
	struct cohort_member *m = &w->members[member];
	m->is_new = member < w->news;
	double from_h = m->is_new ? BEFORE_H + w->stagger_h * (double)member : 0;
	double to_h = BEFORE_H + w->hours;
	if (w->leave_h && member == w->news + w->olds - 1)
		to_h = BEFORE_H + w->leave_h;
	int64_t *bin = arena_array(&w->arena, BINS_MAX, sizeof *bin);
	double *value = arena_array(&w->arena, BINS_MAX, sizeof *value);
	double *load = arena_array(&w->arena, BINS_MAX, sizeof *load);
	double *age = arena_array(&w->arena, BINS_MAX, sizeof *age);
	double old_age_h = m->is_new ? 0 : w->old_age_h, error = normal(w);
	for (double hour = from_h; hour < to_h && m->count < BINS_MAX;
		hour += 1.0 / BINS_PER_H) {
		size_t i = m->count++;
		age[i] = hour - from_h + old_age_h;
		if (w->restart_h)
			age[i] = fmod(age[i] + 0.7 * (double)member, w->restart_h);
		load[i] = load_at(w, m->is_new, hour) * (1 + 0.03 * normal(w));
		error = w->stickiness * error +
			sqrt(1 - w->stickiness * w->stickiness) * normal(w);
		double percent = memory_at(w, m, member, age[i], hour, load[i]);
		value[i] = (percent + w->noise * error) * PERCENT_KB;
		bin[i] = FIRST_BIN + (int64_t)lround(hour * BINS_PER_H);
	}
	m->bin = bin;
	m->value_kb = value;
	m->load = w->hides_load ? NULL : load;
	m->age_h = age;
}

static struct cohort_result run(struct world *w)
{
	arena_init(&w->arena);
	memset(w->members, 0, sizeof w->members);
	for (size_t m = 0; m < w->news + w->olds; m++)
		add_member(w, m);
	w->input = (struct cohort_input){.members = w->members,
		.count = w->news + w->olds,
		.bin_ms = BIN_MS,
		.deploy_ms = (FIRST_BIN + BEFORE_H * BINS_PER_H) * (int64_t)BIN_MS,
		.scale_kb = LIMIT_KB};
	struct cohort_result r;
	cohort_judge(&w->input, &w->arena, &r);
	return r;
}

/* How many of so many fleets with other noise reach a level. */
enum { FLEETS = 12 };

static size_t count_at(struct world w, enum analyse_level level)
{
	size_t count = 0;
	for (uint64_t seed = 1; seed <= FLEETS; seed++) {
		w.random = seed * 7919;
		count += run(&w).level >= level;
		arena_finish(&w.arena);
	}
	return count;
}

/* At each of these times after the deploy no fleet is convicted, and one at most is
 * watched by bad luck. */
static void assert_acquitted(struct world w)
{
	static const double hours[] = {10, 16, 24, 36, 72};
	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
		w.hours = hours[i];
		size_t confirmed = count_at(w, ANALYSE_CONFIRMED);
		size_t watched = count_at(w, ANALYSE_EARLY);
		if (confirmed > 0 || watched > 1)
			fail_msg("after %g h %zu convicted, %zu watched", hours[i],
				confirmed, watched);
	}
}

static void assert_found(struct world w, double hours, enum analyse_level level)
{
	w.hours = hours;
	size_t count = count_at(w, level);
	if (count + 1 < FLEETS)
		fail_msg("after %g h %zu found", hours, count);
}

static void weak_leak_is_found_within_two_days(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.leak = 0.2;
	assert_found(w, 28, ANALYSE_EARLY);
	assert_found(w, 48, ANALYSE_CONFIRMED);
	w.stagger_h = 3;
	assert_found(w, 48, ANALYSE_CONFIRMED);
	w = world_of(5, 1, 0);
	w.leak = 0.2;
	assert_found(w, 48, ANALYSE_CONFIRMED);
}

static void many_members_find_weaker_leaks(void **state)
{
	(void)state;
	struct world w = world_of(10, 10, 0);
	w.leak = 0.05;
	assert_found(w, 48, ANALYSE_CONFIRMED);
}

static void leak_shows_through_restarts_load_and_warm_up(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.leak = 0.2;
	w.restart_h = 24;
	assert_found(w, 48, ANALYSE_CONFIRMED);
	w.restart_h = 0;
	w.daily_load = 5;
	w.per_load = 0.5;
	assert_found(w, 48, ANALYSE_CONFIRMED);
	w.warm = 8;
	w.warm_h = 3;
	assert_found(w, 60, ANALYSE_CONFIRMED);
}

static void result_tells_rate_onset_and_members(void **state)
{
	(void)state;
	struct world w = world_of(4, 3, 48);
	w.leak = 0.4;
	struct cohort_result r = run(&w);
	assert_int_equal(r.lack, COHORT_JUDGED);
	assert_int_equal(r.level, ANALYSE_CONFIRMED);
	assert_int_equal(r.n_new, 3);
	assert_int_equal(r.n_old, 4);
	assert_int_equal(r.n_new_above, 3);
	assert_true(r.superiority == 1);
	assert_true(fabs(r.rate.kb_h / PERCENT_KB - 0.4) < 0.04);
	assert_true(r.rate.low_kb_h < 0.4 * PERCENT_KB);
	assert_true(r.rate.high_kb_h > 0.4 * PERCENT_KB);
	assert_true(r.onset.low_ms <= w.input.deploy_ms + 3600000);
	assert_true(r.onset.at_ms < w.input.deploy_ms + 8 * 3600000LL);
	assert_true(r.detectable_kb_h > 0 && r.detectable_kb_h < 0.1 * PERCENT_KB);
	assert_non_null(strstr(r.summary, "than 4 instances of the older version"));
	assert_non_null(strstr(r.summary, "3 of 3 new instances outgrow them all"));
	arena_finish(&w.arena);
}

/* A window that begins a day and a half after the deploy, as a ring keeps it. */
static void later_window_says_the_same(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 84);
	w.leak = 0.2;
	run(&w);
	size_t window = 48 * BINS_PER_H;
	for (size_t m = 0; m < w.input.count; m++) {
		struct cohort_member *member = &w.members[m];
		size_t skip = member->count - window;
		member->bin += skip;
		member->value_kb += skip;
		member->load += skip;
		member->age_h += skip;
		member->count = window;
	}
	struct cohort_result r;
	cohort_judge(&w.input, &w.arena, &r);
	assert_int_equal(r.level, ANALYSE_CONFIRMED);
	assert_int_equal(r.n_old, 3);
	assert_true(fabs(r.rate.kb_h / PERCENT_KB - 0.2) < 0.03);
	assert_true(r.span_h > 80);
	assert_true(r.onset.low_ms == w.input.deploy_ms);
	assert_true(r.onset.high_ms >= w.input.deploy_ms + 36 * 3600000LL);
	arena_finish(&w.arena);
}

/* The promise "so much would have shown" is four times in five kept. */
static void detectable_rate_is_detected(void **state)
{
	(void)state;
	static const struct world worlds[] = {
		{.olds = 3, .news = 3, .hours = 48, .noise = 0.5},
		{.olds = 5, .news = 1, .hours = 48, .noise = 0.5},
		{.olds = 3, .news = 3, .hours = 48, .noise = 1, .stickiness = 0.6},
	};
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
		struct world w = worlds[i];
		w.old_age_h = 300;
		double mean = 0;
		for (uint64_t seed = 1; seed <= FLEETS; seed++) {
			w.random = seed * 7919;
			mean += run(&w).detectable_kb_h / FLEETS;
			arena_finish(&w.arena);
		}
		w.leak = mean / PERCENT_KB;
		assert_true(count_at(w, ANALYSE_CONFIRMED) >= FLEETS * 6 / 10);
		w.leak *= 0.4;
		assert_true(count_at(w, ANALYSE_CONFIRMED) <= FLEETS / 2);
	}
}

static void equal_versions_are_acquitted(void **state)
{
	(void)state;
	assert_acquitted(world_of(3, 3, 0));
	assert_acquitted(world_of(5, 1, 0));
	struct world w = world_of(3, 3, 0);
	w.stickiness = 0.8;
	assert_acquitted(w);
}

static void one_odd_host_does_not_convict(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.odd_leak = 0.5;
	assert_acquitted(w);
}

static void higher_level_is_no_leak(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.step = 10;
	assert_acquitted(w);
	w.stagger_h = 3;
	assert_acquitted(w);
}

static void warm_up_after_deploy_is_acquitted(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.warm = 8;
	w.warm_h = 3;
	assert_acquitted(w);
	w.stagger_h = 3;
	assert_acquitted(w);
	w.stagger_h = 0;
	w.warm = 15;
	w.warm_h = 12;
	assert_acquitted(w);
}

static void cache_that_fills_evenly_is_acquitted(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.fill = 15;
	w.fill_h = 10;
	assert_acquitted(w);
	w.fill_h = 30; /* no curve tells; how the old version began does */
	w.old_age_h = 0;
	assert_acquitted(w);
}

static void load_on_both_sides_is_acquitted(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.daily_load = 5;
	w.per_load = 1;
	assert_acquitted(w);
	w.per_load_new = 1.5;
	assert_acquitted(w);
	w.hides_load = true;
	assert_acquitted(w);
	w = world_of(3, 3, 0);
	w.daily = 5;
	w.hides_load = true;
	w.old_age_h = 0;
	assert_acquitted(w);
}

static void load_that_rises_is_acquitted(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.load_ramp_per_h = 0.3;
	w.per_load = 1;
	assert_acquitted(w);
	w.per_load_new = 1.5;
	assert_acquitted(w);
}

static void load_that_moves_to_the_new_version_is_acquitted(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.shift_per_h = 0.1;
	w.per_load = 1;
	assert_acquitted(w);
}

static void members_that_leave_make_no_step(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 0);
	w.leave_h = 4;
	assert_acquitted(w);
	w.olds = 4;
	w.leak = 0.2;
	assert_found(w, 48, ANALYSE_CONFIRMED);
}

/* Ages of starts are known, with older fellows beside them: warm-up cancels, and a leak
 * beside it is found as if there were none. */
static void equal_age_is_compared_where_it_is_known(void **state)
{
	(void)state;
	struct world w = world_of(6, 3, 20);
	w.warm = 10;
	w.warm_h = 8;
	run(&w);
	for (int leaks = 0; leaks < 2; leaks++) {
		/* The last old member restarts in view, a day before the deploy. */
		struct cohort_member *young = &w.members[8];
		for (size_t i = 0; i < young->count; i++) {
			double age_h = (double)i / BINS_PER_H - 24;
			if (age_h < 0)
				continue;
			((double *)young->age_h)[i] = age_h;
			((double *)young->value_kb)[i] =
				leaks ? young->value_kb[i]
				      : young->value_kb[i] -
						w.warm * exp(-age_h / w.warm_h) *
							PERCENT_KB;
		}
		for (size_t m = 0; leaks && m < 3; m++)
			for (size_t i = 0; i < w.members[m].count; i++)
				((double *)w.members[m].value_kb)[i] +=
					0.6 * PERCENT_KB * w.members[m].age_h[i];
		struct cohort_result r;
		cohort_judge(&w.input, &w.arena, &r);
		assert_true(r.at_equal_age);
		assert_int_equal(r.level, leaks ? ANALYSE_CONFIRMED : ANALYSE_QUIET);
	}
	arena_finish(&w.arena);
}

static void one_old_member_alone_is_no_measure(void **state)
{
	(void)state;
	struct world w = world_of(2, 3, 48);
	w.leak = 1;
	w.leave_h = 3;
	assert_int_equal(run(&w).lack, COHORT_TOO_SHORT);
	arena_finish(&w.arena);
}

/* Three start twelve hours apart: of the last hours only the first knows. */
static void ages_that_few_have_reached_do_not_count(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 60);
	w.stagger_h = 12;
	struct cohort_result r = run(&w);
	assert_true(r.span_h > 46 && r.span_h < 49);
	arena_finish(&w.arena);
}

/* Two old members that drift apart by s each way, around a curve that stands still. */
static void spread_of_old_members_is_all_theirs(void **state)
{
	(void)state;
	struct world w = world_of(2, 2, 48);
	w.noise = 0.01;
	run(&w);
	double drift = 0.05 * PERCENT_KB;
	for (size_t m = 2; m < 4; m++)
		for (size_t i = 0; i < w.members[m].count; i++)
			((double *)w.members[m].value_kb)[i] += (m == 2 ? drift
									: -drift) *
								w.members[m].age_h[i];
	struct cohort_result r;
	cohort_judge(&w.input, &w.arena, &r);
	/* Standard error s, one degree of freedom: (qt(0.99, 1) + 0.8416) s. */
	assert_true(fabs(r.detectable_kb_h / drift / (31.8205 + 0.8416) - 1) < 0.05);
	arena_finish(&w.arena);
}

static void nothing_is_said_without_peers_or_time(void **state)
{
	(void)state;
	struct world w = world_of(1, 3, 48);
	w.leak = 1;
	struct cohort_result r = run(&w);
	assert_int_equal(r.lack, COHORT_NO_PEERS);
	assert_int_equal(r.level, ANALYSE_QUIET);
	arena_finish(&w.arena);
	w = world_of(3, 3, 3);
	w.leak = 1;
	r = run(&w);
	assert_int_equal(r.lack, COHORT_TOO_SHORT);
	arena_finish(&w.arena);
	w = world_of(3, 0, 48);
	r = run(&w);
	assert_int_equal(r.lack, COHORT_NO_PEERS);
	arena_finish(&w.arena);
}

static void wild_values_do_no_harm(void **state)
{
	(void)state;
	struct world w = world_of(3, 3, 30);
	run(&w);
	for (size_t m = 0; m < 6; m++)
		for (size_t i = 0; i < w.members[m].count; i++) {
			double *value = (double *)&w.members[m].value_kb[i];
			double *age = (double *)&w.members[m].age_h[i];
			if ((i + m) % 7 == 0)
				*value = NAN;
			if ((i + m) % 11 == 0)
				*value = i % 2 ? INFINITY : -1e300;
			if ((i + m) % 13 == 0)
				*age = i % 2 ? NAN : -5;
			if ((i + m) % 17 == 0)
				((int64_t *)w.members[m].bin)[i] = INT64_MAX / 2;
		}
	struct cohort_result r;
	cohort_judge(&w.input, &w.arena, &r);
	assert_int_not_equal(r.level, ANALYSE_CONFIRMED);
	assert_non_null(r.summary);
	w.input.bin_ms = 0;
	cohort_judge(&w.input, &w.arena, &r);
	assert_int_equal(r.level, ANALYSE_QUIET);
	arena_finish(&w.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weak_leak_is_found_within_two_days),
		cmocka_unit_test(many_members_find_weaker_leaks),
		cmocka_unit_test(leak_shows_through_restarts_load_and_warm_up),
		cmocka_unit_test(result_tells_rate_onset_and_members),
		cmocka_unit_test(later_window_says_the_same),
		cmocka_unit_test(detectable_rate_is_detected),
		cmocka_unit_test(equal_versions_are_acquitted),
		cmocka_unit_test(one_odd_host_does_not_convict),
		cmocka_unit_test(higher_level_is_no_leak),
		cmocka_unit_test(warm_up_after_deploy_is_acquitted),
		cmocka_unit_test(cache_that_fills_evenly_is_acquitted),
		cmocka_unit_test(load_on_both_sides_is_acquitted),
		cmocka_unit_test(load_that_rises_is_acquitted),
		cmocka_unit_test(load_that_moves_to_the_new_version_is_acquitted),
		cmocka_unit_test(members_that_leave_make_no_step),
		cmocka_unit_test(equal_age_is_compared_where_it_is_known),
		cmocka_unit_test(one_old_member_alone_is_no_measure),
		cmocka_unit_test(ages_that_few_have_reached_do_not_count),
		cmocka_unit_test(spread_of_old_members_is_all_theirs),
		cmocka_unit_test(nothing_is_said_without_peers_or_time),
		cmocka_unit_test(wild_values_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
