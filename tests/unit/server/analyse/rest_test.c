/* The ways in which healthy memory moves. */
#include "server/analyse/rest.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/process.h"

enum { DAY = 4 };

static const double SCALE_KB = 512 * 1024;

/* A process as it is read; fills in what is known beside its memory. */
typedef void behave(struct process *p, struct reading *r);

static void run(struct trace *t, struct process *p, behave *how, double hours)
{
	while (process_age_h(p) < hours) {
		struct process before = *p;
		struct reading r = process_read(p, 0);
		how(&before, &r);
		unsigned closed;
		assert_int_equal(trace_put(t, &p->life, &r, &closed), TRACE_TAKEN);
	}
}

static struct rest judge(behave *how, double hours)
{
	struct process p = process_of(3);
	struct trace *t = trace_create();
	run(t, &p, how, hours);
	struct span_context c = {.limit_kb = SCALE_KB};
	struct span span;
	struct rest rest;
	span_judge(t, DAY, TRACE_MEMORY, &c, &span);
	assert_true(span.usable || span.resting);
	assert_int_equal(span.level, ANALYSE_QUIET);
	rest_judge(t, &span, SCALE_KB, &rest);
	trace_destroy(t);
	return rest;
}

static void rests(struct process *p, struct reading *r)
{
	(void)p;
	r->memory_kb += 1024 * 120;
}

static void steps_up(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + (process_age_h(p) >= 15 ? 60 : 0));
}

static void starts_with_a_step(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + (process_age_h(p) >= 3 ? 60 : 0));
}

static void warms_up(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + 150 * (1 - exp(-process_age_h(p) / 8)));
}

static void warmed_up(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (120 + 150 * (1 - exp(-process_age_h(p) / 1.5)));
}

/* The same around a heap that is as live as ever. */
static void fragments(struct process *p, struct reading *r)
{
	warms_up(p, r);
	r->live_kb = 1024 * (60 + 2 * sin(process_age_h(p)));
	r->collections = floor(process_age_h(p) * 4);
}

/* The same, with the heap. */
static void warms_its_heap(struct process *p, struct reading *r)
{
	warms_up(p, r);
	r->live_kb = r->memory_kb / 2;
	r->collections = floor(process_age_h(p) * 4);
}

static void follows_load(struct process *p, struct reading *r)
{
	r->load = 200 + 150 * sin(process_age_h(p) * 1.1) +
		  50 * sin(process_age_h(p) * 0.43);
	r->memory_kb += 1024 * (100 + 0.4 * r->load);
}

/* Load is known, and not to blame. */
static void swings_by_itself(struct process *p, struct reading *r)
{
	r->load = 200 + 150 * sin(process_age_h(p) * 1.1 + 1.6);
	r->memory_kb += 1024 * (150 + 50 * sin(process_age_h(p) * 2 * M_PI / 5));
}

static void swings_a_little(struct process *p, struct reading *r)
{
	r->memory_kb += 1024 * (150 + 5 * sin(process_age_h(p) * 2 * M_PI / 5));
}

static void what_hardly_moves_is_steady(void **state)
{
	(void)state;
	struct rest r = judge(rests, 24);
	assert_int_equal(r.verdict, ANALYSE_STEADY);
	assert_true(r.swing_kb < 5 * 1024);
	r = judge(swings_a_little, 24);
	assert_int_equal(r.verdict, ANALYSE_STEADY);
}

static void a_step_tells_when_and_how_far(void **state)
{
	(void)state;
	struct rest r = judge(steps_up, 24);
	assert_int_equal(r.verdict, ANALYSE_STEP);
	assert_float_equal(r.rise_kb / 1024, 60, 10);
	double at_h = (double)(r.onset_ms - PROCESS_T0_MS) / 3600e3;
	assert_float_equal(at_h, 15, 2);
}

/* What it takes for itself in its first hours is how it starts. */
static void a_step_early_in_a_life_is_none(void **state)
{
	(void)state;
	struct rest r = judge(starts_with_a_step, 30);
	assert_int_not_equal(r.verdict, ANALYSE_STEP);
}

static void slowing_growth_is_a_warm_up_until_it_rests(void **state)
{
	(void)state;
	struct rest r = judge(warms_up, 14);
	assert_int_equal(r.verdict, ANALYSE_WARMUP);
	assert_float_equal(r.rise_kb / 1024, 120, 25);
	assert_int_equal(judge(warmed_up, 40).verdict, ANALYSE_STEADY);
}

static void around_a_resting_heap_it_is_fragmentation(void **state)
{
	(void)state;
	assert_int_equal(judge(fragments, 14).verdict, ANALYSE_FRAGMENTATION);
	assert_int_equal(judge(warms_its_heap, 14).verdict, ANALYSE_WARMUP);
}

static void what_its_load_explains_is_load(void **state)
{
	(void)state;
	assert_int_equal(judge(follows_load, 24).verdict, ANALYSE_LOAD);
}

static void what_returns_is_cyclic(void **state)
{
	(void)state;
	struct rest r = judge(swings_by_itself, 24);
	assert_int_equal(r.verdict, ANALYSE_CYCLIC);
	assert_in_range(r.swings, 3, 5);
	assert_float_equal(r.swing_kb / 1024, 100, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_hardly_moves_is_steady),
		cmocka_unit_test(a_step_tells_when_and_how_far),
		cmocka_unit_test(a_step_early_in_a_life_is_none),
		cmocka_unit_test(slowing_growth_is_a_warm_up_until_it_rests),
		cmocka_unit_test(around_a_resting_heap_it_is_fragmentation),
		cmocka_unit_test(what_its_load_explains_is_load),
		cmocka_unit_test(what_returns_is_cyclic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
