/* What is remembered of a slot: bins, lives, times, values, and that it can be saved.
 */
#include "server/analyse/trace.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/process.h"

static enum trace_taken put(
	struct trace *t, const struct process *p, const struct reading *r)
{
	unsigned closed;
	return trace_put(t, &p->life, r, &closed);
}

/* Reads `count` times a process of so many MiB. */
static void feed(struct trace *t, struct process *p, double mib, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct reading r = process_read(p, mib);
		assert_int_equal(put(t, p, &r), TRACE_TAKEN);
	}
}

/* The coarseness of times in a tier. */
static int64_t blur_ms(size_t tier)
{
	return trace_window_ms(tier) / 8192 + 1000;
}

/* The bin, counted from the epoch, that a reading fell into: times are kept a little
 * coarsely, so the reading is looked for. */
static int64_t place_of(
	const struct trace_bin *b, size_t tier, int64_t phase_ms, int64_t every_ms)
{
	int64_t count = (b->at_ms - PROCESS_T0_MS - phase_ms + every_ms - 1) / every_ms;
	return (PROCESS_T0_MS + phase_ms + count * every_ms) / trace_bin_ms(tier);
}

/* Begins a new bin of a tier at the process's clock. */
static void align(struct process *p, size_t tier)
{
	p->at_ms = (p->at_ms / trace_bin_ms(tier) + 1) * trace_bin_ms(tier);
	p->at_ms = (p->at_ms / 1000 + 2) * 1000;
}

/* One low reading may be half a fork, a moment of swapping: the second smallest is
 * kept, and what was read beside it. */
static void a_bin_keeps_its_second_smallest_reading(void **state)
{
	(void)state;
	enum { TIER = 2, COUNT = 10, LOWEST = 3, SECOND = 6 };
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	p.every_ms = 11000;
	align(&p, TIER);
	int64_t second_ms = 0;
	double load = NAN, second_load = 0;
	for (int i = 0; i < COUNT; i++) {
		double mib = i == LOWEST ? 10 : i == SECOND ? 80 : 100 + i;
		struct reading r = process_read(&p, mib);
		r.load = 10 * i;
		r.depth = 100 + i;
		load = i ? r.load + (load - r.load) * exp(-11.0 / 600) : r.load;
		if (i == SECOND) {
			second_ms = r.at_ms;
			second_load = load;
		}
		assert_int_equal(put(t, &p, &r), TRACE_TAKEN);
	}
	align(&p, TIER);
	feed(t, &p, 100, 1);
	struct trace_bin bins[TRACE_BINS];
	assert_int_equal(trace_bins(t, TIER, bins), 1);
	assert_float_equal(bins[0].value[TRACE_MEMORY], 80 * 1024, 8);
	assert_in_range(bins[0].at_ms, second_ms - blur_ms(TIER), second_ms);
	assert_float_equal(bins[0].value[TRACE_LOAD], second_load, 0.01);
	assert_float_equal(bins[0].value[TRACE_QUEUE], 100 + SECOND, 0.1);
	trace_destroy(t);
}

/* Of three readings, none can be spared. */
static void a_bin_of_few_readings_keeps_the_smallest(void **state)
{
	(void)state;
	enum { TIER = 2 };
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	p.every_ms = 30000;
	align(&p, TIER);
	feed(t, &p, 120, 1);
	feed(t, &p, 90, 1);
	feed(t, &p, 110, 1);
	align(&p, TIER);
	feed(t, &p, 100, 1);
	struct trace_bin bins[TRACE_BINS];
	assert_int_equal(trace_bins(t, TIER, bins), 1);
	assert_float_equal(bins[0].value[TRACE_MEMORY], 90 * 1024, 8);
	trace_destroy(t);
}

/* The smallest first or last, and twice the same: nothing is lost on the way. */
static void the_second_smallest_is_found_wherever_it_stands(void **state)
{
	(void)state;
	static const double orders[][5] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1},
		{2, 1, 5, 4, 3}, {4, 5, 1, 3, 2}, {2, 2, 1, 2, 2}};
	for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
		struct process p = process_of(1);
		struct trace *t = trace_create();
		p.noise_mib = 0;
		p.every_ms = 20000;
		align(&p, 2);
		for (size_t i = 0; i < 5; i++)
			feed(t, &p, 100 * orders[o][i], 1);
		align(&p, 2);
		feed(t, &p, 100, 1);
		struct trace_bin bins[TRACE_BINS];
		assert_int_equal(trace_bins(t, 2, bins), 1);
		assert_float_equal(bins[0].value[TRACE_MEMORY], 200 * 1024, 16);
		trace_destroy(t);
	}
}

static void live_heap_and_native_keep_their_smallest(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	p.every_ms = 20000;
	align(&p, 2);
	static const double live[] = {50, 40, 60, 45, 55},
			    heap[] = {70, 60, 90, 80, 50};
	for (int i = 0; i < 5; i++) {
		struct reading r = process_read(&p, 100);
		r.live_kb = 1024 * live[i];
		r.heap_kb = 1024 * heap[i];
		r.collections = i; /* one each */
		put(t, &p, &r);
	}
	align(&p, 2);
	feed(t, &p, 100, 1);
	struct trace_bin bins[TRACE_BINS];
	assert_int_equal(trace_bins(t, 2, bins), 1);
	assert_float_equal(bins[0].value[TRACE_LIVE], 40 * 1024, 8);
	assert_float_equal(bins[0].value[TRACE_NATIVE], 10 * 1024, 8);
	assert_false(trace_live_is_used(t));
	trace_destroy(t);
}

/* What was live at a collection hours ago says nothing of now. */
static void live_heap_counts_once_for_each_collection(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	for (int i = 0; i < 600; i++) {
		struct reading r = process_read(&p, 100);
		r.live_kb = 50 * 1024;
		r.collections = i / 60; /* an hour between two */
		put(t, &p, &r);
	}
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(t, 3, bins), known = 0;
	for (size_t i = 0; i < count; i++)
		known += !isnan(bins[i].value[TRACE_LIVE]);
	assert_true(count >= 50);
	assert_in_range(known, 7, 9); /* eight hours are in the window */
	trace_destroy(t);
}

/* No collections are told of: what is used stands in, and it is said. */
static void used_heap_stands_in_for_live(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	for (int i = 0; i < 60; i++) {
		struct reading r = process_read(&p, 100);
		r.heap_used_kb = 30 * 1024;
		put(t, &p, &r);
	}
	assert_true(trace_knows(t, TRACE_LIVE));
	assert_true(trace_live_is_used(t));
	assert_false(trace_knows(t, TRACE_NATIVE));
	trace_destroy(t);
}

/* Slots that are read at different seconds are compared bin by bin. */
static void bins_of_two_slots_meet(void **state)
{
	(void)state;
	struct process a = process_of(1), b = process_of(2);
	struct trace *ta = trace_create(), *tb = trace_create();
	b.at_ms += 37000;
	b.every_ms = 41000;
	b.life.started_ms -= 5 * PROCESS_HOUR_MS;
	feed(ta, &a, 100, 60 * 24);
	feed(tb, &b, 100, 60 * 24 * 60 / 41);
	/* Of shorter tiers not every bin is read. */
	for (size_t tier = 2; tier < TRACE_TIERS; tier++) {
		struct trace_bin x[TRACE_BINS], y[TRACE_BINS];
		size_t nx = trace_bins(ta, tier, x), ny = trace_bins(tb, tier, y);
		assert_in_range(nx, 3, TRACE_BINS);
		assert_in_range(ny, nx - 1, nx + 1);
		int64_t first_x = place_of(&x[0], tier, 0, 60000);
		int64_t first_y = place_of(&y[0], tier, 37000, 41000);
		assert_true(first_x - first_y <= 1 && first_y - first_x <= 1);
		for (size_t i = 0; i < nx; i++)
			assert_int_equal(
				place_of(&x[i], tier, 0, 60000), first_x + (int64_t)i);
		for (size_t i = 0; i < ny; i++)
			assert_int_equal(place_of(&y[i], tier, 37000, 41000),
				first_y + (int64_t)i);
	}
	trace_destroy(ta);
	trace_destroy(tb);
}

/* A bin is written by the reading behind it, not by anybody who looks. */
static void a_bin_closes_when_the_next_one_begins(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	for (int i = 0; i < 600; i++) {
		struct trace_bin bins[TRACE_BINS];
		int64_t before_ms = trace_now(t).at_ms;
		struct reading r = process_read(&p, 100);
		unsigned closed;
		assert_int_equal(trace_put(t, &p.life, &r, &closed), TRACE_TAKEN);
		for (size_t tier = 0; tier < TRACE_TIERS; tier++) {
			int64_t bin_ms = trace_bin_ms(tier);
			bool another = before_ms &&
				       before_ms / bin_ms != r.at_ms / bin_ms;
			assert_int_equal(closed >> tier & 1, another);
		}
		assert_int_equal(trace_bins(t, 2, bins), trace_bins(t, 2, bins));
		assert_int_equal(trace_now(t).at_ms, r.at_ms);
	}
	trace_destroy(t);
}

/* Each of many lives holds as many hundred MiB as its number says. */
static void a_restart_closes_bins_and_keeps_lives_apart(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	p.every_ms = 20000;
	for (int life = 1; life <= 6; life++) {
		feed(t, &p, 100 * life, 40);
		process_restart(&p);
		struct reading r = process_read(&p, 100 * (life + 1));
		unsigned closed;
		assert_int_equal(trace_put(t, &p.life, &r, &closed), TRACE_TAKEN);
		assert_int_equal(closed, (1u << TRACE_TIERS) - 1);
	}
	struct trace_life lives[TRACE_LIVES];
	assert_int_equal(trace_lives(t, lives), 7);
	for (size_t tier = 2; tier < TRACE_TIERS; tier++) {
		struct trace_bin bins[TRACE_BINS];
		size_t count = trace_bins(t, tier, bins);
		assert_true(count >= 6);
		for (size_t i = 0; i < count; i++) {
			assert_true(bins[i].life < 7);
			double mib = 100 * (double)lives[bins[i].life].id;
			assert_float_equal(
				bins[i].value[TRACE_MEMORY], 1024 * mib, 1024);
		}
	}
	trace_destroy(t);
}

static void lives_tell_when_they_began_and_how_they_ended(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	p.life.started_ms -= PROCESS_HOUR_MS; /* met late */
	feed(t, &p, 100, 1);
	feed(t, &p, 80, 1);
	feed(t, &p, 130, 1);
	int64_t ended_ms = p.at_ms - p.every_ms;
	process_restart(&p);
	p.life.fingerprint_id = 9;
	p.life.started_ms = 0; /* not known */
	feed(t, &p, 70, 1);
	struct trace_life lives[TRACE_LIVES];
	assert_int_equal(trace_lives(t, lives), 2);
	assert_int_equal(lives[0].started_ms, PROCESS_T0_MS - PROCESS_HOUR_MS);
	assert_int_equal(lives[0].first_ms, PROCESS_T0_MS);
	assert_int_equal(lives[0].last_ms, ended_ms);
	assert_float_equal(lives[0].first_kb, 100 * 1024, 1);
	assert_float_equal(lives[0].low_kb, 80 * 1024, 1);
	assert_float_equal(lives[0].last_kb, 130 * 1024, 1);
	assert_int_equal(lives[1].fingerprint_id, 9);
	assert_int_equal(lives[1].started_ms, lives[1].first_ms);
	trace_destroy(t);
}

/* What the process before it had to do is none of the new one's. */
static void load_begins_anew_with_each_life(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	for (int i = 0; i < 100; i++) {
		if (i == 50)
			process_restart(&p);
		struct reading r = process_read(&p, 100);
		r.load = i < 50 ? 1000 : 10;
		put(t, &p, &r);
	}
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(t, 2, bins);
	assert_float_equal(bins[0].value[TRACE_LOAD], 1000, 1);
	assert_float_equal(bins[count - 1].value[TRACE_LOAD], 10, 0.1);
	trace_destroy(t);
}

/* The bins of the ones that are forgotten belong to nobody, rather than to another. */
static void eight_lives_are_remembered(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	for (int life = 1; life <= 13; life++) {
		feed(t, &p, 20 * life, 60);
		process_restart(&p);
	}
	feed(t, &p, 20 * 14, 60);
	struct trace_life lives[TRACE_LIVES];
	struct trace_bin bins[TRACE_BINS];
	assert_int_equal(trace_lives(t, lives), TRACE_LIVES);
	assert_int_equal(lives[0].id, 7);
	assert_int_equal(lives[TRACE_LIVES - 1].id, 14);
	size_t count = trace_bins(t, 4, bins), forgotten = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t id = lround(bins[i].value[TRACE_MEMORY] / 20 / 1024);
		forgotten += bins[i].life == TRACE_LIFE_FORGOTTEN;
		if (id < lives[0].id)
			assert_int_equal(bins[i].life, TRACE_LIFE_FORGOTTEN);
		else
			assert_int_equal(lives[bins[i].life].id, id);
	}
	assert_true(forgotten >= 6);
	trace_destroy(t);
}

/* A process that is told of again after another one had come: two agents, or late
 * messages.  It would else begin a life with each reading. */
static void an_echo_of_a_gone_process_is_left_out(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 100, 10);
	struct process echo = p;
	process_restart(&p);
	feed(t, &p, 50, 10);
	echo.at_ms = p.at_ms;
	struct reading r = process_read(&echo, 100);
	assert_int_equal(put(t, &echo, &r), TRACE_OLD);
	struct trace_life lives[TRACE_LIVES];
	assert_int_equal(trace_lives(t, lives), 2);
	trace_destroy(t);
}

/* Whatever the pause, a bin's time is that of one of the readings, and none is older
 * than its window. */
static void times_are_right_over_any_gap(void **state)
{
	(void)state;
	static const double gaps_h[] = {0.05, 0.2, 0.4, 0.41, 1.9, 2.1, 7.9, 8.1, 30,
		31, 33, 96, 97, 24 * 13.9, 24 * 14.5, 24 * 56, 24 * 57, 24 * 400};
	for (size_t g = 0; g < sizeof gaps_h / sizeof *gaps_h; g++) {
		struct process p = process_of(g);
		struct trace *t = trace_create();
		feed(t, &p, 100, 400);
		int64_t left_ms = p.at_ms - p.every_ms;
		p.at_ms += (int64_t)(gaps_h[g] * (double)PROCESS_HOUR_MS);
		int64_t back_ms = p.at_ms;
		feed(t, &p, 100, 30);
		int64_t now_ms = trace_now(t).at_ms;
		for (size_t tier = 0; tier < TRACE_TIERS; tier++) {
			struct trace_bin bins[TRACE_BINS];
			size_t count = trace_bins(t, tier, bins);
			int64_t last_ms = 0;
			for (size_t i = 0; i < count; i++) {
				int64_t at = bins[i].at_ms, blur = blur_ms(tier);
				bool before = at >= PROCESS_T0_MS - blur &&
					      at <= left_ms;
				bool after = at >= back_ms - blur && at <= now_ms;
				assert_true(before || after);
				assert_true(at >= last_ms);
				assert_true(now_ms - at <=
					    trace_window_ms(tier) +
						    3 * trace_bin_ms(tier) + blur);
				last_ms = at;
			}
		}
		trace_destroy(t);
	}
}

/* From 20 MiB to 20 GiB in a day: the new is exact, the old not forgotten. */
static void a_value_may_grow_a_thousandfold(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	p.noise_mib = 0;
	for (int i = 0; i < 1440; i++) {
		struct reading r = process_read(&p, 20 * pow(1000, i / 1439.0));
		r.load = 0.01 * pow(1000, i / 1439.0);
		put(t, &p, &r);
	}
	struct trace_bin bins[TRACE_BINS];
	size_t count = trace_bins(t, 4, bins);
	assert_true(count >= 50);
	for (size_t i = 0; i < count; i++) {
		double at = (double)(bins[i].at_ms - PROCESS_T0_MS) / 60000 / 1439;
		double kb = 1024 * 20 * pow(1000, at);
		/* Times are a little coarse, and so is what is long ago. */
		double blur = at < 0.5 ? 0.03 : 0.004;
		assert_float_equal(bins[i].value[TRACE_MEMORY] / kb, 1, blur);
	}
	assert_true(bins[0].value[TRACE_LOAD] > 0.008);
	assert_true(bins[0].value[TRACE_LOAD] < 0.015);
	trace_destroy(t);
}

/* Small and large, to a part in two thousand. */
static void values_keep_three_digits(void **state)
{
	(void)state;
	static const double loads[] = {0.0004, 0.02, 1, 37, 12000, 3e6};
	static const double mibs[] = {0.3, 2, 50, 700, 65000, 4e6};
	for (size_t k = 0; k < 6; k++) {
		struct process p = process_of(1);
		struct trace *t = trace_create();
		p.noise_mib = 0;
		for (int i = 0; i < 60; i++) {
			struct reading r = process_read(&p, mibs[k]);
			r.load = loads[k];
			put(t, &p, &r);
		}
		struct trace_bin bins[TRACE_BINS];
		size_t count = trace_bins(t, 2, bins);
		assert_true(count > 20);
		for (size_t i = 0; i < count; i++) {
			assert_float_equal(
				bins[i].value[TRACE_MEMORY] / mibs[k] / 1024, 1, 5e-4);
			assert_float_equal(
				bins[i].value[TRACE_LOAD] / loads[k], 1, 5e-4);
		}
		trace_destroy(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bin_keeps_its_second_smallest_reading),
		cmocka_unit_test(a_bin_of_few_readings_keeps_the_smallest),
		cmocka_unit_test(the_second_smallest_is_found_wherever_it_stands),
		cmocka_unit_test(live_heap_and_native_keep_their_smallest),
		cmocka_unit_test(live_heap_counts_once_for_each_collection),
		cmocka_unit_test(used_heap_stands_in_for_live),
		cmocka_unit_test(bins_of_two_slots_meet),
		cmocka_unit_test(a_bin_closes_when_the_next_one_begins),
		cmocka_unit_test(a_restart_closes_bins_and_keeps_lives_apart),
		cmocka_unit_test(lives_tell_when_they_began_and_how_they_ended),
		cmocka_unit_test(load_begins_anew_with_each_life),
		cmocka_unit_test(eight_lives_are_remembered),
		cmocka_unit_test(an_echo_of_a_gone_process_is_left_out),
		cmocka_unit_test(times_are_right_over_any_gap),
		cmocka_unit_test(a_value_may_grow_a_thousandfold),
		cmocka_unit_test(values_keep_three_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
