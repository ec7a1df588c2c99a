#include "server/analyse/queue.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

static void assert_near(double value, double expected, double reach)
{
	if (!(fabs(value - expected) <= reach))
		fail_msg("%g is not within %g of %g", value, reach, expected);
}

static const int64_t start_ms = INT64_C(1760000000000);

/* A process that is read each minute; its curve has a point for every `bin` of them. */
enum { MAX_POINTS = 4000 };

struct world {
	struct queue_levels levels;
	int64_t at_ms[MAX_POINTS];
	double depth[MAX_POINTS], memory_kb[MAX_POINTS];
	size_t count, minutes;
	uint32_t seed;
	struct arena arena;
};

static void begin(struct world *w)
{
	memset(w, 0, sizeof *w);
	w->seed = 1;
	arena_init(&w->arena);
}

/* Uniform, of mean 0 and standard deviation 1. */
static double noise(struct world *w)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return ((double)(w->seed >> 8) / (1 << 24) - 0.5) * 3.4641016;
}

static void read_minute(struct world *w, double in, double out, double depth,
	double memory_kb, size_t bin)
{
	int64_t at_ms = start_ms + (int64_t)w->minutes * 60000;
	queue_put(&w->levels, at_ms, in, out, depth);
	if (w->minutes++ % bin == 0) {
		w->at_ms[w->count] = at_ms;
		w->depth[w->count] = depth;
		w->memory_kb[w->count++] = memory_kb;
	}
}

static struct queue_result judge(struct world *w)
{
	struct queue_result r;
	struct queue_curve c = {w->at_ms, w->depth, w->memory_kb, w->count};
	queue_judge(&w->levels, &c, 1024 * 1024, &w->arena, &r);
	return r;
}

/* Hours of so much in and out each minute, each item of two KiB.  Counts known. */
static double flow(struct world *w, double depth, double hours, double in, double out,
	bool counted)
{
	for (size_t i = 0; i < (size_t)(hours * 60); i++) {
		double came = fmax(0, round(in + sqrt(in) * noise(w)));
		double went = fmax(0, round(out + sqrt(out) * noise(w)));
		went = fmin(went, depth + came);
		depth += came - went;
		read_minute(w, counted ? came : NAN, counted ? went : NAN, depth,
			200000 + 2 * depth + 300 * noise(w), 10);
	}
	return depth;
}

static void more_in_than_out_is_a_backlog(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 8, 300, 400, true);
	assert_false(judge(&w).growing);
	depth = flow(&w, depth, 3, 450, 400, true);
	struct queue_result r = judge(&w);
	assert_true(r.growing);
	assert_true(r.counted);
	/* 9,000 more of 153,000 */
	assert_near(r.sureness, 9000 / sqrt(153000), 2);
	assert_near(r.lasted_h, 3, 0.1);
	assert_near(r.in_per_h, 27000, 500);
	assert_near(r.out_per_h, 24000, 500);
	assert_near(r.grows_per_h, 3000, 300);
	assert_near(r.drain_h, r.depth / r.out_per_h, 1e-9);
	assert_true(r.explains_memory);
	assert_false(r.memory_stays);
	assert_near(r.kb_each, 2, 0.2);
	assert_true(r.correlation > 0.95);
	assert_true(r.share > 0.85);
	assert_near(r.rise_kb, 2 * 9000, 4500);
	arena_finish(&w.arena);
}

static void depth_alone_is_enough(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 8, 300, 400, false);
	assert_false(judge(&w).growing);
	depth = flow(&w, depth, 2.5, 450, 400, false);
	assert_false(judge(&w).growing); /* may be a burst */
	flow(&w, depth, 2.5, 450, 400, false);
	struct queue_result r = judge(&w);
	assert_true(r.growing);
	assert_false(r.counted);
	assert_true(r.sureness > 4);
	assert_true(isnan(r.in_per_h) && isnan(r.drain_h) && isnan(r.arrivals));
	assert_true(r.explains_memory);
	arena_finish(&w.arena);
}

/* Without completions A - C is no backlog: the depth does not bear it out. */
static void counts_that_do_not_add_up_are_not_believed(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	for (int i = 0; i < 900; i++)
		read_minute(&w, 300, NAN, 20 + 5 * sin(i), 100000, 10);
	for (int i = 0; i < 3; i++)
		read_minute(&w, 300, NAN, 60, 100000, 1);
	struct queue_result r = judge(&w);
	assert_false(r.counted);
	assert_false(r.growing);
	arena_finish(&w.arena);
}

static void balance_is_no_backlog(void **state)
{
	(void)state;
	for (int counted = 0; counted < 2; counted++) {
		struct world w;
		begin(&w);
		double depth = 0;
		for (int hour = 0; hour < 300; hour++) { /* a random walk */
			depth = flow(&w, depth, 1, 400, 400, counted);
			assert_false(judge(&w).growing);
		}
		arena_finish(&w.arena);
	}
}

static void steady_depth_is_no_backlog(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	for (int i = 0; i < 3000; i++) {
		read_minute(&w, 500, 500, 5000 + 800 * noise(&w), 300000, 10);
		if (i % 60 == 0)
			assert_false(judge(&w).growing);
	}
	arena_finish(&w.arena);
}

/* It never was empty, so "low" is the lowest it was. */
static void a_steady_queue_that_grows_is_a_backlog(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	for (int i = 0; i < 2000; i++)
		read_minute(&w, 500, 500, 1000, 300000, 10);
	for (int i = 0; i < 400; i++)
		read_minute(&w, 520, 500, 1000 + 20 * i, 300000 + 20 * i, 10);
	struct queue_result r = judge(&w);
	assert_true(r.growing);
	assert_near(r.lasted_h, 6.6, 0.2);
	assert_near(r.depth, 9000, 250);
	arena_finish(&w.arena);
}

static void a_burst_is_no_backlog(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 6, 300, 400, true);
	for (int n = 0; n < 6; n++) {
		depth = flow(&w, depth, 0.5, 700, 400, true);
		assert_false(judge(&w).growing);
		for (int part = 0; part < 12; part++) {
			depth = flow(&w, depth, 0.25, 300, 400, true);
			assert_false(judge(&w).growing);
		}
	}
	arena_finish(&w.arena);
}

static void one_great_batch_is_no_backlog(void **state)
{
	(void)state;
	for (int counted = 0; counted < 2; counted++) {
		struct world w;
		begin(&w);
		double depth = flow(&w, 0, 6, 300, 400, counted);
		depth += 50000;
		read_minute(
			&w, counted ? 50000 : NAN, counted ? 0 : NAN, depth, 300000, 1);
		for (int part = 0; part < 20; part++) {
			depth = flow(&w, depth, 0.5, 390, 400, counted);
			assert_false(judge(&w).growing);
		}
		arena_finish(&w.arena);
	}
}

/* Grows by day and drains by night: new on the first day only. */
static void a_queue_of_every_day_is_known(void **state)
{
	(void)state;
	for (int counted = 0; counted < 2; counted++) {
		struct world w;
		begin(&w);
		double depth = flow(&w, 0, 12, 300, 400, counted);
		for (int day = 0; day < 6; day++) {
			bool grew = false;
			for (int hour = 0; hour < 10; hour++) {
				double more = 40 + 3 * day; /* each day a little more */
				depth = flow(&w, depth, 1, 400 + more, 400, counted);
				grew |= judge(&w).growing;
			}
			assert_int_equal(grew, day == 0);
			depth = flow(&w, depth, 14, 300, 400, counted);
			assert_false(judge(&w).growing);
		}
		/* The day on which it does not drain any more. */
		flow(&w, depth, 22, 450, 400, counted);
		assert_true(judge(&w).growing);
		arena_finish(&w.arena);
	}
}

static void a_backlog_may_have_calm_hours(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 4, 300, 400, true);
	for (int n = 0; n < 4; n++) {
		depth = flow(&w, depth, 2, 500, 400, true);
		depth = flow(&w, depth, 1, 360, 400, true);
	}
	depth = flow(&w, depth, 1, 500, 400, true);
	assert_true(judge(&w).growing);
	arena_finish(&w.arena);
}

static void what_has_drained_does_not_grow(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 4, 300, 400, true);
	depth = flow(&w, depth, 6, 450, 400, true);
	assert_true(judge(&w).growing);
	flow(&w, depth, 1, 300, 400, true);
	assert_false(judge(&w).growing);
	arena_finish(&w.arena);
}

/* Memory leaks while items wait, and stays when they are gone. */
static void a_leak_under_backlog_is_not_the_items(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double memory = 200000;
	struct queue_result r = {0};
	for (int day = 0; day < 4; day++) {
		for (int i = 0; i < 1440; i++) {
			double peak = day == 3 ? 2 : 1; /* higher on the last day */
			double depth = i < 1080 ? 0 : peak * 30 * (i - 1080);
			memory += i < 1080 ? 0 : 60;
			double in = i < 1080 ? 400 : 400 + peak * 30;
			double out = i == 0 && day ? 400 + 30 * 360 : 400;
			read_minute(&w, in, out, depth, memory + 200 * noise(&w), 20);
		}
		r = judge(&w);
	}
	assert_true(r.growing);
	assert_false(r.explains_memory);
	assert_true(r.share < 0.5);
	arena_finish(&w.arena);
}

/* The runtime keeps what was freed: memory is as high as the queue once was. */
static void memory_may_stay_at_the_highest_depth(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double high = 0;
	for (int day = 0; day < 3; day++)
		for (int i = 0; i < 1000; i++) {
			double peak = day == 2 ? 3 : 1;
			double depth = i < 600 ? 0 : peak * 30 * (i - 600);
			high = fmax(high, depth);
			double in = i < 600 ? 400 : 400 + peak * 30;
			double out = i == 0 && day ? 400 + 30 * 400 : 400;
			read_minute(&w, in, out, depth,
				200000 + 3 * high + 200 * noise(&w), 20);
		}
	struct queue_result r = judge(&w);
	assert_true(r.growing);
	assert_true(r.explains_memory);
	assert_true(r.memory_stays);
	assert_near(r.kb_each, 3, 0.3);
	arena_finish(&w.arena);
}

static void items_without_memory_explain_nothing(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	for (int i = 0; i < 600; i++) /* a leak of its own, and a broker elsewhere */
		read_minute(&w, 400, 400, 0, 200000 + 100 * i, 10);
	for (int i = 0; i < 600; i++)
		read_minute(&w, 440, 400, 40 * i, 260000 + 300 * noise(&w), 10);
	struct queue_result r = judge(&w);
	assert_true(r.growing);
	assert_false(r.explains_memory);
	assert_near(r.share, 0, 1e-9);
	arena_finish(&w.arena);
}

static void too_few_points_say_nothing(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	flow(&w, 0, 1.15, 450, 100, true); /* seven points */
	struct queue_result r = judge(&w);
	assert_true(r.sureness > 8);
	assert_false(r.growing);
	arena_finish(&w.arena);
}

/* Totals beyond what a float can count: two thirds of a year of 100,000 a second. */
static void totals_may_become_large(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	for (int i = 0; i < 20; i++)
		queue_put(&w.levels, start_ms - (int64_t)(20 - i) * 86400000, 1e11,
			1e11, 0);
	double depth = flow(&w, 0, 8, 300, 400, true);
	flow(&w, depth, 3, 450, 400, true);
	struct queue_result r = judge(&w);
	assert_true(r.growing && r.counted);
	assert_near(r.arrivals - r.completions, r.depth, 0.1 * r.depth);
	arena_finish(&w.arena);
}

static void a_peak_fades(void **state)
{
	(void)state;
	for (int months = 0; months < 5; months += 4) {
		struct world w;
		begin(&w);
		int64_t past_ms = start_ms - (int64_t)(months * 30 + 2) * 86400000;
		queue_put(&w.levels, past_ms, 20000, 0, 20000);
		queue_put(&w.levels, past_ms + 3600000, 0, 20000, 0);
		double depth = flow(&w, 0, 4, 300, 400, true);
		flow(&w, depth, 4, 450, 400, true); /* 12,000 */
		assert_int_equal(judge(&w).growing, months == 4);
		arena_finish(&w.arena);
	}
}

/* The reading that was low had a clock that ran ahead. */
static void a_clock_may_step_back(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	queue_put(&w.levels, start_ms + INT64_C(40) * 86400000, 400, 400, 0);
	flow(&w, 1000, 3, 450, 400, true);
	struct queue_result r = judge(&w);
	assert_near(r.lasted_h, 3, 0.1);
	assert_near(r.arrivals - r.completions, 9000, 1000);
	arena_finish(&w.arena);
}

/* 630 in, 600 out: chance may do that. */
static void a_small_surplus_is_not_sure(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 30; seed++) {
		struct world w;
		begin(&w);
		w.seed = seed;
		flow(&w, 0, 10, 1.05, 1, true);
		struct queue_result r = judge(&w);
		assert_true(r.sureness < 8);
		assert_false(r.growing);
		arena_finish(&w.arena);
	}
}

/* In balance, but what comes comes 500 at once: of single items that were sure. */
static void batches_vary_more(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 12; seed++) {
		struct world w;
		begin(&w);
		w.seed = seed;
		double depth = 0;
		for (int i = 0; i < 6 * 1440; i++) {
			double in = noise(&w) < 1.0392 ? 0 : 500; /* one of five */
			double out = fmin(104, depth + in);
			depth += in - out;
			read_minute(&w, in, out, depth, 200000 + 2 * depth, 10);
			if (i % 20 == 0)
				assert_false(judge(&w).growing);
		}
		arena_finish(&w.arena);
	}
}

/* Sure, but so little that it is a matter of how it is counted. */
static void one_percent_more_is_no_backlog(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	flow(&w, 0, 5, 40400, 40000, true);
	struct queue_result r = judge(&w);
	assert_true(r.sureness > 20);
	assert_false(r.growing);
	arena_finish(&w.arena);
}

/* One purge says nothing of how arrivals vary. */
static void a_purge_does_not_deafen(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 4, 300, 400, true);
	depth = flow(&w, depth, 1, 600, 400, true);
	read_minute(&w, 400, 400 + depth, 0, 200000, 1);
	flow(&w, 0, 4, 500, 400, true);
	struct queue_result r = judge(&w);
	assert_true(r.growing);
	assert_near(r.sureness, 24000 / sqrt(216000), 6);
	arena_finish(&w.arena);
}

static void noise_of_memory_is_not_explained(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 30; seed++) {
		struct world w;
		begin(&w);
		w.seed = seed;
		for (int i = 0; i < 600; i++)
			read_minute(
				&w, 440, 400, 40 * i, 300000 + 20000 * noise(&w), 10);
		struct queue_result r = judge(&w);
		assert_true(r.growing);
		assert_false(r.explains_memory);
		arena_finish(&w.arena);
	}
}

static void bad_input_is_left_out(void **state)
{
	(void)state;
	struct world w;
	begin(&w);
	double depth = flow(&w, 0, 8, 300, 400, true);
	static const double bad[] = {-5, 1e300};
	for (size_t i = 0; i < 2; i++)
		queue_put(&w.levels, start_ms + 28740000, bad[i], bad[i], bad[i]);
	queue_put(&w.levels, start_ms + 28740000, INFINITY, NAN, -INFINITY);
	queue_put(&w.levels, -1, 9e9, 0, 9e9);
	queue_put(&w.levels, INT64_MAX, 9e9, 0, 9e9);
	flow(&w, depth, 3, 450, 400, true);
	w.depth[50] = NAN;
	w.memory_kb[51] = -1;
	w.at_ms[52] = 0;
	struct queue_result r = judge(&w);
	assert_true(r.growing && r.counted && r.explains_memory);
	arena_finish(&w.arena);
}

static void nothing_and_nonsense_are_safe(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct queue_levels none = {0}, wild;
	struct queue_curve empty = {NULL, NULL, NULL, 0};
	struct queue_result r;
	queue_judge(&none, &empty, NAN, &a, &r);
	assert_false(r.growing || r.explains_memory || r.counted);
	assert_int_equal(r.since_ms, 0);
	assert_int_equal(queue_low_ms(&none), 0);
	for (int fill = 0; fill < 256; fill++) { /* as a damaged store might give */
		memset(&wild, fill, sizeof wild);
		int64_t at_ms[10];
		double v[10];
		memset(v, fill, sizeof v);
		memset(at_ms, fill, sizeof at_ms);
		struct queue_curve c = {at_ms, v, v, 10};
		queue_judge(&wild, &c, 0, &a, &r);
		assert_false(r.growing);
		queue_put(&wild, start_ms, 1, 1, 1);
		queue_judge(&wild, &c, 0, &a, &r);
		assert_false(r.growing);
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_in_than_out_is_a_backlog),
		cmocka_unit_test(depth_alone_is_enough),
		cmocka_unit_test(counts_that_do_not_add_up_are_not_believed),
		cmocka_unit_test(balance_is_no_backlog),
		cmocka_unit_test(steady_depth_is_no_backlog),
		cmocka_unit_test(a_steady_queue_that_grows_is_a_backlog),
		cmocka_unit_test(a_burst_is_no_backlog),
		cmocka_unit_test(one_great_batch_is_no_backlog),
		cmocka_unit_test(a_queue_of_every_day_is_known),
		cmocka_unit_test(a_backlog_may_have_calm_hours),
		cmocka_unit_test(what_has_drained_does_not_grow),
		cmocka_unit_test(a_leak_under_backlog_is_not_the_items),
		cmocka_unit_test(memory_may_stay_at_the_highest_depth),
		cmocka_unit_test(items_without_memory_explain_nothing),
		cmocka_unit_test(too_few_points_say_nothing),
		cmocka_unit_test(totals_may_become_large),
		cmocka_unit_test(a_peak_fades),
		cmocka_unit_test(a_clock_may_step_back),
		cmocka_unit_test(a_small_surplus_is_not_sure),
		cmocka_unit_test(batches_vary_more),
		cmocka_unit_test(one_percent_more_is_no_backlog),
		cmocka_unit_test(a_purge_does_not_deafen),
		cmocka_unit_test(noise_of_memory_is_not_explained),
		cmocka_unit_test(bad_input_is_left_out),
		cmocka_unit_test(nothing_and_nonsense_are_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
