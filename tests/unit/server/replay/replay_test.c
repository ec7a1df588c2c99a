#include "server/replay/replay.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

/* Four days of readings five minutes apart. */
enum { SERIES = 4, ROWS = 4 * 288, STEP_MS = 300 * 1000 };

static const int64_t START_MS = INT64_C(1760000000000);

static struct {
	struct arena arena;
	struct labels_series series[SERIES];
	struct record records[SERIES];
	struct record_row rows[SERIES][ROWS];
	struct record_life lives[SERIES][2];
} r;

/* 0 and 1 of one service, 2 and 3 of another; 1 leaks. */
static int setup(void **state)
{
	(void)state;
	static const char *const ids[SERIES] = {"a", "b", "c", "d"};
	uint32_t seed = 1;
	memset(&r, 0, sizeof r);
	arena_init(&r.arena);
	for (size_t i = 0; i < SERIES; i++) {
		r.series[i] = (struct labels_series){.id = ids[i],
			.service = i < 2 ? "api" : "worker",
			.host = ids[i],
			.runtime = "native",
			.version = ""};
		r.records[i] = (struct record){.rows = r.rows[i],
			.count = ROWS,
			.lives = r.lives[i],
			.life_count = 1,
			.limit_kb = 1 << 20};
		r.lives[i][0] = (struct record_life){START_MS - 600000, 0};
		for (int k = 0; k < ROWS; k++) {
			seed = seed * 1664525u + 1013904223u;
			double noise = (double)(seed >> 8) / (1 << 24) * 2000;
			r.rows[i][k].reading = (struct reading){
				.at_ms = START_MS + (int64_t)k * STEP_MS,
				.memory_kb = 200e3 + noise + (i == 1 ? k * 300.0 : 0),
				.heap_kb = NAN,
				.heap_used_kb = NAN,
				.live_kb = NAN,
				.collections = NAN,
				.load = NAN,
				.arrivals = NAN,
				.completions = NAN,
				.depth = NAN};
		}
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_finish(&r.arena);
	return 0;
}

static struct replay_result run(void)
{
	const struct replay_input in = {r.series, r.records, SERIES, ANALYSE_NORMAL};
	struct replay_result out;
	replay_run(&in, &r.arena, &out);
	return out;
}

static void a_leak_is_found_and_the_others_are_not(void **state)
{
	(void)state;
	struct replay_result out = run();
	assert_int_equal(out.steps, ROWS);
	assert_int_equal(out.refused, 0);
	assert_int_equal(out.series[0].alarms.count, 0);
	assert_int_equal(out.series[2].alarms.count, 0);
	assert_true(out.series[1].alarms.count >= 2);
	const struct alarms_alarm *a = &out.series[1].alarms.items[0];
	assert_int_equal(a->level, ANALYSE_EARLY);
	assert_true(a->from_ms > START_MS && a->to_ms == 0);
	assert_true(a->rate.known && a->rate.kb_h > 2000 && a->rate.kb_h < 6000);
	assert_string_not_equal(analyse_verdict_name(out.series[0].verdict), "");
}

static void services_and_versions_stand_as_they_came(void **state)
{
	(void)state;
	r.records[3].life_count = 2;
	r.lives[3][1] = (struct record_life){r.rows[3][500].reading.at_ms, 1};
	for (int k = 500; k < ROWS; k++)
		r.rows[3][k].life = 1;
	r.lives[0][0].version = NAN;
	r.series[0].version = "2.3";
	struct replay_result out = run();
	assert_int_equal(out.service_count, 2);
	assert_string_equal(out.services[0].name, "api");
	assert_int_equal(out.services[0].count, 2);
	assert_string_equal(out.services[0].versions[0].name, "2.3");
	assert_string_equal(out.services[0].versions[1].name, "0");
	assert_string_equal(out.services[1].name, "worker");
	assert_int_equal(out.services[1].count, 2);
	assert_string_equal(out.services[1].versions[1].name, "1");
}

static void equal_records_give_equal_results(void **state)
{
	(void)state;
	struct replay_result first = run(), second = run();
	for (size_t i = 0; i < SERIES; i++) {
		const struct alarms *a = &first.series[i].alarms;
		const struct alarms *b = &second.series[i].alarms;
		assert_int_equal(a->count, b->count);
		assert_int_equal(first.series[i].verdict, second.series[i].verdict);
		for (size_t k = 0; k < a->count; k++) {
			assert_int_equal(a->items[k].from_ms, b->items[k].from_ms);
			assert_true(a->items[k].rate.kb_h == b->items[k].rate.kb_h);
		}
	}
}

/* What is judged at a time does not know what came later. */
static void the_future_is_not_looked_at(void **state)
{
	(void)state;
	struct replay_result whole = run();
	const struct alarms_alarm *a = &whole.series[1].alarms.items[0];
	int64_t from_ms = a->from_ms;
	double kb_h = a->rate.kb_h;
	for (size_t i = 0; i < SERIES; i++)
		r.records[i].count = (size_t)((from_ms - START_MS) / STEP_MS) + 1;
	struct replay_result cut = run();
	assert_true(cut.series[1].alarms.count >= 1);
	assert_int_equal(cut.series[1].alarms.items[0].from_ms, from_ms);
	assert_true(cut.series[1].alarms.items[0].rate.kb_h == kb_h);
}

static void some_runtimes_collect_late(void **state)
{
	(void)state;
	assert_true(replay_collects_late("java 17.0.2"));
	assert_true(replay_collects_late("jvm"));
	assert_true(replay_collects_late("dotnet 8"));
	assert_false(replay_collects_late("javascript"));
	assert_false(replay_collects_late("node 20.1.0"));
	assert_false(replay_collects_late(""));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_leak_is_found_and_the_others_are_not),
		TEST(services_and_versions_stand_as_they_came),
		TEST(equal_records_give_equal_results),
		TEST(the_future_is_not_looked_at),
		cmocka_unit_test(some_runtimes_collect_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
