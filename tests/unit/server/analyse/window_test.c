/* What a window leaves to be judged: the lower edge, start-ups cut off, lives joined.
 */
#include "server/analyse/window.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/process.h"

enum { TWO_HOURS = 2, EIGHT_HOURS = 3, DAY = 4, THREE_DAYS = 5 };

static void put(struct trace *t, const struct process *p, const struct reading *r)
{
	unsigned closed;
	assert_int_equal(trace_put(t, &p->life, r, &closed), TRACE_TAKEN);
}

static void feed(struct trace *t, struct process *p, double mib, double hours)
{
	int64_t until_ms = p->at_ms + (int64_t)(hours * (double)PROCESS_HOUR_MS);
	while (p->at_ms < until_ms) {
		struct reading r = process_read(p, mib);
		put(t, p, &r);
	}
}

/* Seen, whether or not its edge moved. */
static bool is_seen(const struct window *w)
{
	return w->usable || w->resting;
}

/* A line of 10 MiB an hour. */
static void feed_line(struct trace *t, struct process *p, double mib, double hours)
{
	int64_t until_ms = p->at_ms + (int64_t)(hours * (double)PROCESS_HOUR_MS);
	while (p->at_ms < until_ms) {
		struct reading r = process_read(p, mib + 10 * process_age_h(p));
		put(t, p, &r);
	}
}

/* A saw: falls every 40 minutes to where it began. */
static double saw(const struct process *p)
{
	double turns = process_age_h(p) * 1.5;
	return 100 + 60 * (turns - floor(turns));
}

static void the_lower_edge_is_what_collections_leave(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	while (process_age_h(&p) < 10) {
		double mib = saw(&p);
		struct reading r = process_read(&p, mib);
		put(t, &p, &r);
	}
	struct window w;
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_true(w.usable);
	/* A tooth is four and a half bins long: each look back sees a fall. */
	assert_in_range(w.points.count, 8, 16);
	for (size_t i = 0; i < w.points.count; i++)
		assert_true(w.value_kb[i] < 1024 * (100 + 60 * 0.27));
	assert_true(w.bins > 3 * w.points.count);
	trace_destroy(t);
}

/* Points are stamped with the time of the reading, not of the bin: or a curve becomes a
 * staircase. */
static void points_lie_on_the_curve(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	feed_line(t, &p, 100, 30);
	for (size_t tier = TWO_HOURS; tier <= DAY; tier++) {
		struct window w;
		window_take(t, tier, TRACE_MEMORY, &w);
		assert_true(w.usable);
		double blur_h = (double)trace_window_ms(tier) / 8192 / 3600e3 + 0.001;
		for (size_t i = 0; i < w.points.count; i++) {
			double kb = 1024 * (100 + 10 * w.age[i]);
			assert_float_equal(w.value_kb[i], kb, 10240 * blur_h + 8);
			double since_h = w.age[i] - w.age[0],
			       day_h = (double)w.at_ms[i] / 3600e3;
			assert_true(fabs(w.clock_h[i] - since_h) < 1e-9);
			assert_true(fabs(w.day_h[i] - day_h) < 1e-6);
			assert_true(i == 0 || w.at_ms[i] > w.at_ms[i - 1]);
		}
		assert_float_equal(
			w.points.span_h, w.clock_h[w.points.count - 1], 1e-6);
		assert_float_equal(w.age_h, 30, 0.05 * w.points.span_h);
	}
	trace_destroy(t);
}

/* Memory that follows its load exactly: at each point the two still fit. */
static void load_is_that_of_the_same_reading(void **state)
{
	(void)state;
	struct process p = process_of(5);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	double load = NAN;
	while (process_age_h(&p) < 30) {
		double raw = 100 + 80 * sin(process_age_h(&p) * 5) +
			     30 * process_random(&p);
		load = isnan(load) ? raw : raw + (load - raw) * exp(-0.1);
		struct reading r = process_read(&p, 50 + load);
		r.load = raw;
		r.depth = 2 * floor(r.memory_kb / 1024);
		put(t, &p, &r);
	}
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_non_null(w.points.load);
	assert_non_null(w.points.queue);
	for (size_t i = 0; i < w.points.count; i++) {
		assert_float_equal(w.value_kb[i] / 1024, 50 + w.load[i], 0.1);
		assert_float_equal(w.queue[i], 2 * w.value_kb[i] / 1024, 2.1);
	}
	trace_destroy(t);
}

/* Load that is missing for an hour is not made up. */
static void load_with_holes_is_not_known(void **state)
{
	(void)state;
	struct process p = process_of(5);
	struct trace *t = trace_create();
	while (process_age_h(&p) < 30) {
		double age = process_age_h(&p);
		struct reading r = process_read(&p, 100);
		r.load = age > 20 && age < 24 ? NAN : 10;
		put(t, &p, &r);
	}
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_null(w.points.load);
	trace_destroy(t);
}

/* The first two bins of each life: one bad point there bends every curve. */
static void the_start_up_is_cut_off(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.every_ms = 5000;
	feed(t, &p, 30, 0.12); /* loads its code */
	feed(t, &p, 100, 4);
	struct window w;
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_true(is_seen(&w));
	for (size_t i = 0; i < w.points.count; i++) {
		assert_true(w.age[i] >= 2 * w.points.bin_h - 0.01);
		assert_true(w.value_kb[i] > 95 * 1024);
	}
	trace_destroy(t);
}

/* A process that was met when it was already old has no start-up to be cut off. */
static void what_was_met_late_loses_nothing(void **state)
{
	(void)state;
	struct process young = process_of(1), old = process_of(1);
	struct trace *ty = trace_create(), *to = trace_create();
	old.life.started_ms -= 10 * PROCESS_DAY_MS;
	feed(ty, &young, 100, 5);
	feed(to, &old, 100, 5);
	struct window wy, wo;
	window_take(ty, EIGHT_HOURS, TRACE_MEMORY, &wy);
	window_take(to, EIGHT_HOURS, TRACE_MEMORY, &wo);
	assert_in_range(wo.bins - wy.bins, 2, 3);
	assert_true(wo.age_h > 240 && wy.age_h < 5.1);
	assert_true(wy.life_share > 0.8 && wo.life_share < 0.05);
	trace_destroy(ty);
	trace_destroy(to);
}

/* Of a window, a good third must have been seen, for as long as it takes. */
static void a_window_waits_until_it_is_covered(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	struct window w;
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_false(is_seen(&w));
	assert_int_equal(w.points.count, 0);
	double usable_h = 0;
	while (process_age_h(&p) < 8 && !is_seen(&w)) {
		feed(t, &p, 100, 0.1);
		window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
		usable_h = process_age_h(&p);
	}
	assert_true(usable_h > 0.3 * 8 && usable_h < 0.5 * 8);
	while (process_age_h(&p) < 12) {
		feed(t, &p, 100, 0.1);
		window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
		assert_true(is_seen(&w));
	}
	trace_destroy(t);
}

/* A gap of most of the window leaves too little; short ones do no harm. */
static void gaps_are_borne(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	struct window w;
	for (int i = 0; i < 30; i++) {
		feed(t, &p, 100, 0.7);
		p.at_ms += 20 * 60000;
	}
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(is_seen(&w));
	p.at_ms += 23 * PROCESS_HOUR_MS;
	feed(t, &p, 100, 1.5);
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_false(is_seen(&w));
	window_take(t, TWO_HOURS, TRACE_MEMORY, &w);
	assert_true(is_seen(&w));
	trace_destroy(t);
}

/* Memory of before the gap is not the edge of what comes after it. */
static void the_edge_does_not_look_over_a_gap(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 50, 6);
	p.at_ms += 4 * PROCESS_HOUR_MS;
	int64_t back_ms = p.at_ms;
	feed(t, &p, 200, 15);
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	size_t after = 0;
	for (size_t i = 0; i < w.points.count; i++) {
		bool is_after = w.at_ms[i] >= back_ms - 20000;
		assert_int_equal(w.value_kb[i] > 150 * 1024, is_after);
		after += is_after;
	}
	assert_true(after >= 5);
	size_t first = w.points.count - after;
	assert_true(w.at_ms[first] - back_ms < 40 * 60000);
	trace_destroy(t);
}

/* Restarted every five hours: one window sees them all, each with its age as clock. */
static void short_lives_are_joined(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	for (int life = 0; life < 9; life++) {
		feed_line(t, &p, 100, 5);
		process_restart(&p);
	}
	feed_line(t, &p, 100, 5);
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_int_equal(w.points.segments, 5);
	assert_int_equal(w.segment[0], 0);
	assert_int_equal(w.segment[w.points.count - 1], 4);
	for (size_t i = 0; i < w.points.count; i++) {
		assert_true(w.age[i] <= 5);
		assert_float_equal(w.value_kb[i], 1024 * (100 + 10 * w.age[i]), 100);
		assert_true(i == 0 || w.segment[i] >= w.segment[i - 1]);
	}
	assert_true(w.points.span_h <= 5);
	trace_destroy(t);
}

/* Nor back into the life before, however low that was. */
static void the_edge_does_not_look_into_another_life(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed_line(t, &p, 50, 8);
	process_restart(&p);
	feed_line(t, &p, 200, 8);
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_int_equal(w.points.segments, 2);
	size_t first = 0;
	while (!w.segment[first])
		first++;
	assert_true(w.age[first] < 3 * w.points.bin_h);
	trace_destroy(t);
}

static void a_life_that_fills_its_window_stands_alone(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 300, 8);
	process_restart(&p);
	feed(t, &p, 100, 16);
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_int_equal(w.points.segments, 1);
	for (size_t i = 0; i < w.points.count; i++)
		assert_true(w.value_kb[i] < 110 * 1024);
	window_take(t, THREE_DAYS, TRACE_MEMORY, &w);
	assert_int_equal(w.points.segments, 2);
	trace_destroy(t);
}

/* What another version did says nothing of this one. */
static void lives_of_another_version_are_left_out(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 100, 8);
	process_restart(&p);
	p.life.fingerprint_id = 2;
	feed_line(t, &p, 200, 6);
	process_restart(&p);
	feed_line(t, &p, 200, 6);
	struct window w;
	window_take(t, DAY, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_int_equal(w.points.segments, 2);
	for (size_t i = 0; i < w.points.count; i++)
		assert_true(w.value_kb[i] > 190 * 1024);
	trace_destroy(t);
}

/* One point for each collection, its teeth and all: it has no garbage. */
static void the_live_heap_needs_no_edge(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	while (process_age_h(&p) < 24) {
		double age = process_age_h(&p), hour = floor(age);
		struct reading r = process_read(&p, 100);
		r.heap_kb = 60 * 1024;
		r.live_kb = 1024 * (40 + (fmod(hour, 2) > 0 ? 5 : 0));
		r.collections = hour;
		put(t, &p, &r);
	}
	struct window w;
	window_take(t, DAY, TRACE_LIVE, &w);
	assert_true(w.usable);
	assert_in_range(w.points.count, 21, 24);
	size_t high = 0;
	for (size_t i = 0; i < w.points.count; i++)
		high += w.value_kb[i] > 43 * 1024;
	assert_in_range(high, 9, 13);
	/* Eight collections in eight hours are too few. */
	window_take(t, EIGHT_HOURS, TRACE_LIVE, &w);
	assert_false(w.usable);
	window_take(t, DAY, TRACE_NATIVE, &w);
	assert_true(w.usable);
	assert_float_equal(w.value_kb[5], 40 * 1024, 2048);
	trace_destroy(t);
}

/* What stood before the window, but for a spike now and then. */
static void the_past_is_what_it_reached_before(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	struct window w;
	feed(t, &p, 150, 6);
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_true(isnan(window_past(t, &w, TRACE_MEMORY)));
	feed(t, &p, 400, 1.6); /* one bin of many */
	feed(t, &p, 100, 50);
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_float_equal(window_past(t, &w, TRACE_MEMORY) / 1024, 148, 3);
	/* What another process had before is not its own past. */
	process_restart(&p);
	feed(t, &p, 100, 7);
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_true(isnan(window_past(t, &w, TRACE_MEMORY)));
	trace_destroy(t);
}

/* A day that was the same on each of three days before is known by its hours. */
static void days_before_make_a_profile(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	struct window w;
	bool early = false;
	while (process_age_h(&p) < 96) {
		double mib = 200 + 80 * sin(2 * M_PI * process_day(&p));
		struct reading r = process_read(&p, mib);
		put(t, &p, &r);
		if (process_age_h(&p) < 20) {
			window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
			early = early || w.points.profile;
		}
	}
	assert_false(early);
	window_take(t, EIGHT_HOURS, TRACE_MEMORY, &w);
	assert_true(w.usable);
	assert_non_null(w.points.profile);
	for (size_t i = 0; i < w.points.count; i++)
		assert_float_equal(w.profile[i], w.value_kb[i], 10 * 1024);
	trace_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lower_edge_is_what_collections_leave),
		cmocka_unit_test(points_lie_on_the_curve),
		cmocka_unit_test(load_is_that_of_the_same_reading),
		cmocka_unit_test(load_with_holes_is_not_known),
		cmocka_unit_test(the_start_up_is_cut_off),
		cmocka_unit_test(what_was_met_late_loses_nothing),
		cmocka_unit_test(a_window_waits_until_it_is_covered),
		cmocka_unit_test(gaps_are_borne),
		cmocka_unit_test(the_edge_does_not_look_over_a_gap),
		cmocka_unit_test(short_lives_are_joined),
		cmocka_unit_test(the_edge_does_not_look_into_another_life),
		cmocka_unit_test(a_life_that_fills_its_window_stands_alone),
		cmocka_unit_test(lives_of_another_version_are_left_out),
		cmocka_unit_test(the_live_heap_needs_no_edge),
		cmocka_unit_test(the_past_is_what_it_reached_before),
		cmocka_unit_test(days_before_make_a_profile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
