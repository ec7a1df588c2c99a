/* Hostile readings, clocks that were wrong, and what is saved of a trace. */
#include "server/analyse/trace.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/process.h"

#include <stdlib.h>
#include <string.h>

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

static uint8_t *saved(const struct trace *t, size_t *count)
{
	*count = trace_save(t, NULL, 0);
	uint8_t *bytes = malloc(*count);
	assert_non_null(bytes);
	assert_int_equal(trace_save(t, bytes, *count), *count);
	return bytes;
}

static void assert_same(const struct trace *a, const struct trace *b)
{
	size_t na, nb;
	uint8_t *x = saved(a, &na), *y = saved(b, &nb);
	assert_int_equal(na, nb);
	assert_memory_equal(x, y, na);
	free(x);
	free(y);
}

static void what_is_no_reading_changes_nothing(void **state)
{
	(void)state;
	static const double wrong_kb[] = {NAN, INFINITY, -INFINITY, -1, 1e13};
	static const int64_t wrong_ms[] = {0, 1000, -5, INT64_C(7258118400000),
		INT64_MAX, INT64_MIN}; /* 1970 and 2200 */
	struct process p = process_of(1);
	struct trace *t = trace_create(), *clean = trace_create();
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof wrong_kb / sizeof *wrong_kb; i++) {
			struct process q = p;
			struct reading r = process_read(&q, 100);
			r.memory_kb = wrong_kb[i];
			assert_int_equal(put(t, &p, &r), TRACE_UNUSABLE);
		}
		for (size_t i = 0; i < sizeof wrong_ms / sizeof *wrong_ms; i++) {
			struct process q = p;
			struct reading r = process_read(&q, 100);
			r.at_ms = wrong_ms[i];
			assert_int_equal(put(t, &p, &r), TRACE_UNUSABLE);
		}
		assert_same(t, clean);
		struct process q = p;
		feed(t, &p, 100, 100);
		feed(clean, &q, 100, 100);
	}
	trace_destroy(t);
	trace_destroy(clean);
}

/* What goes with the memory may be rubbish, too: it counts as not known. */
static void rubbish_beside_the_memory_is_not_known(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	for (int i = 0; i < 100; i++) {
		struct reading r = process_read(&p, 100);
		r.load = i % 2 ? -3 : INFINITY;
		r.depth = -1;
		r.live_kb = 1e13;
		r.heap_kb = 1e9; /* more than all memory */
		r.collections = -INFINITY;
		assert_int_equal(put(t, &p, &r), TRACE_TAKEN);
	}
	struct trace_bin bins[TRACE_BINS];
	assert_true(trace_bins(t, 2, bins) > 20);
	for (size_t c = TRACE_LIVE; c < TRACE_CHANNELS; c++) {
		assert_false(trace_knows(t, c));
		assert_true(isnan(bins[3].value[c]));
	}
	assert_null(trace_queue(t));
	trace_destroy(t);
}

static void repeats_and_the_unordered_are_left_out(void **state)
{
	(void)state;
	struct process p = process_of(3);
	struct trace *t = trace_create(), *clean = trace_create();
	struct reading before = {0};
	for (int i = 0; i < 300; i++) {
		struct reading r = process_read(&p, 100);
		assert_int_equal(put(t, &p, &r), TRACE_TAKEN);
		assert_int_equal(put(clean, &p, &r), TRACE_TAKEN);
		assert_int_equal(put(t, &p, &r), TRACE_OLD);
		if (i)
			assert_int_equal(put(t, &p, &before), TRACE_OLD);
		before = r;
	}
	for (size_t tier = 0; tier < TRACE_TIERS; tier++) {
		struct trace_bin x[TRACE_BINS] = {0}, y[TRACE_BINS] = {0};
		size_t n = trace_bins(t, tier, x);
		assert_int_equal(trace_bins(clean, tier, y), n);
		assert_memory_equal(x, y, n * sizeof *x);
	}
	trace_destroy(t);
	trace_destroy(clean);
}

/* A clock that ran a month ahead for ten minutes must not silence a slot for a month.
 */
static void a_clock_that_is_right_again_begins_anew(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 100, 100);
	int64_t right_ms = p.at_ms;
	p.at_ms += 30 * PROCESS_DAY_MS;
	feed(t, &p, 100, 10);
	p.at_ms = right_ms;
	size_t left_out = 0;
	for (int i = 0; i < 100; i++) {
		struct reading r = process_read(&p, 100);
		left_out += put(t, &p, &r) != TRACE_TAKEN;
	}
	assert_in_range(left_out, 10, 40);
	assert_int_equal(trace_now(t).at_ms, p.at_ms - p.every_ms);
	struct trace_bin bins[TRACE_BINS];
	for (size_t tier = 0; tier < TRACE_TIERS; tier++) {
		size_t count = trace_bins(t, tier, bins);
		for (size_t i = 0; i < count; i++)
			assert_true(bins[i].at_ms < p.at_ms);
	}
	trace_destroy(t);
}

/* Set back by half an hour, it is waited for; nothing is thrown away. */
static void a_clock_set_back_a_little_is_waited_for(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 100, 600);
	p.at_ms -= PROCESS_HOUR_MS / 2;
	size_t left_out = 0;
	for (int i = 0; i < 60; i++) {
		struct reading r = process_read(&p, 100);
		left_out += put(t, &p, &r) != TRACE_TAKEN;
	}
	assert_in_range(left_out, 28, 31);
	struct trace_bin bins[TRACE_BINS];
	assert_true(trace_bins(t, 3, bins) >= 50);
	trace_destroy(t);
}

/* Old readings that come in between are no clock that went back. */
static void a_late_message_now_and_then_begins_nothing_anew(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	feed(t, &p, 100, 600);
	struct process late = p;
	late.at_ms -= 5 * PROCESS_HOUR_MS;
	for (int i = 0; i < 200; i++) {
		struct reading old = process_read(&late, 100);
		assert_int_equal(put(t, &late, &old), TRACE_OLD);
		feed(t, &p, 100, 1);
	}
	/* Nor is one that is repeated over and over. */
	struct reading old = process_read(&late, 100);
	for (int i = 0; i < 200; i++)
		assert_int_equal(put(t, &late, &old), TRACE_OLD);
	struct trace_bin bins[TRACE_BINS];
	assert_true(trace_bins(t, 3, bins) >= 50);
	trace_destroy(t);
}

/* Everything at once: restarts, gaps, collections, a queue, and rubbish. */
static struct reading busy(struct process *p)
{
	if (process_random(p) < 0.004)
		process_restart(p);
	if (process_random(p) < 0.01)
		p->at_ms += (int64_t)(process_random(p) * 5 * (double)PROCESS_HOUR_MS);
	struct reading r = process_read(p, 100 + 40 * process_age_h(p));
	r.heap_kb = 0.6 * r.memory_kb;
	r.live_kb = 0.4 * r.memory_kb;
	r.collections = floor(process_age_h(p) * 7);
	r.load = 20 + 10 * process_random(p);
	r.depth = floor(50 * process_random(p));
	r.arrivals = 30;
	r.completions = 29;
	if (process_random(p) < 0.01)
		r.memory_kb = NAN;
	if (process_random(p) < 0.01)
		r.at_ms -= PROCESS_HOUR_MS;
	return r;
}

static void a_saved_trace_goes_on_as_if_nothing_had_happened(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct process p = process_of(seed);
		struct trace *t = trace_create();
		for (uint64_t i = 0; i < 170 * seed; i++) {
			struct reading r = busy(&p);
			put(t, &p, &r);
		}
		size_t count;
		uint8_t *bytes = saved(t, &count);
		struct trace *loaded = trace_load(bytes, count);
		free(bytes);
		assert_non_null(loaded);
		assert_same(t, loaded);
		for (int i = 0; i < 3000; i++) {
			struct reading r = busy(&p);
			unsigned a, b;
			assert_int_equal(trace_put(t, &p.life, &r, &a),
				trace_put(loaded, &p.life, &r, &b));
			assert_int_equal(a, b);
			if (i % 50 == 0)
				assert_same(t, loaded);
		}
		assert_same(t, loaded);
		assert_int_equal(trace_size(t), trace_size(loaded));
		trace_destroy(t);
		trace_destroy(loaded);
	}
}

/* An empty one, too. */
static void what_saw_nothing_can_be_saved(void **state)
{
	(void)state;
	struct trace *t = trace_create();
	size_t count;
	uint8_t *bytes = saved(t, &count);
	struct trace *loaded = trace_load(bytes, count);
	assert_non_null(loaded);
	assert_same(t, loaded);
	assert_int_equal(trace_now(loaded).at_ms, 0);
	free(bytes);
	trace_destroy(t);
	trace_destroy(loaded);
}

/* Of another length or version they are refused; where a bit has changed they are, or
 * what comes of them can be used like any other. */
static void damaged_bytes_are_refused_or_harmless(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *t = trace_create();
	for (int i = 0; i < 500; i++) {
		struct reading r = busy(&p);
		put(t, &p, &r);
	}
	size_t count;
	uint8_t *bytes = saved(t, &count);
	for (size_t n = 0; n < count; n += 1 + n / 100)
		assert_null(trace_load(bytes, n));
	assert_null(trace_load(bytes, count - 1));
	uint8_t *more = calloc(1, count + 1);
	assert_non_null(more);
	memcpy(more, bytes, count);
	assert_null(trace_load(more, count + 1));
	more[0]++; /* the format */
	assert_null(trace_load(more, count));
	size_t refused = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(more, bytes, count);
		more[i] ^= (uint8_t)(1 + i % 255);
		struct trace *loaded = trace_load(more, count);
		refused += !loaded;
		if (!loaded)
			continue;
		struct process q = p;
		for (int k = 0; k < 3; k++) {
			struct reading r = busy(&q);
			put(loaded, &q, &r);
		}
		struct trace_bin bins[TRACE_BINS];
		for (size_t tier = 0; tier < TRACE_TIERS; tier++)
			assert_true(trace_bins(loaded, tier, bins) <= TRACE_BINS);
		trace_destroy(loaded);
	}
	assert_true(refused >= 20);
	free(more);
	free(bytes);
	trace_destroy(t);
}

static void what_was_never_read_takes_no_memory(void **state)
{
	(void)state;
	struct process p = process_of(1);
	struct trace *plain = trace_create(), *full = trace_create();
	feed(plain, &p, 100, 500);
	for (int i = 0; i < 500; i++) {
		struct reading r = busy(&p);
		put(full, &p, &r);
	}
	assert_true(trace_size(plain) < trace_size(full) / 2);
	assert_false(trace_knows(plain, TRACE_LIVE));
	assert_true(trace_knows(full, TRACE_LIVE));
	trace_destroy(plain);
	trace_destroy(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_reading_changes_nothing),
		cmocka_unit_test(rubbish_beside_the_memory_is_not_known),
		cmocka_unit_test(repeats_and_the_unordered_are_left_out),
		cmocka_unit_test(a_clock_that_is_right_again_begins_anew),
		cmocka_unit_test(a_clock_set_back_a_little_is_waited_for),
		cmocka_unit_test(a_late_message_now_and_then_begins_nothing_anew),
		cmocka_unit_test(a_saved_trace_goes_on_as_if_nothing_had_happened),
		cmocka_unit_test(what_saw_nothing_can_be_saved),
		cmocka_unit_test(damaged_bytes_are_refused_or_harmless),
		cmocka_unit_test(what_was_never_read_takes_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
