/* What is read inside of processes and of their queues reaches the detector. */
#include "server/watch/insides.h"

#include "server/store/flows.h"
#include "server/watch/feed.h"
#include "tests/unit/server/watch/pair.h"

#include <math.h>

/* A reading of which nothing is known but its time. */
static struct readings_row row_at(int64_t at_ms)
{
	return (struct readings_row){.life_id = 1,
		.at_ms = at_ms,
		.rss_kb = 100,
		.rss_anon_kb = 100,
		.swap_kb = -1,
		.cgroup_limit_kb = -1,
		.heap_used_kb = -1,
		.heap_total_kb = -1,
		.heap_floor_kb = -1,
		.heap_limit_kb = -1,
		.gc_full_count = -1,
		.requests = -1};
}

static struct reading heard(struct feed_life *life, const struct readings_row *row)
{
	struct reading out;
	assert_true(feed_reading(row, life, &out));
	return out;
}

static void a_heap_has_a_limit_of_its_own(void **state)
{
	(void)state;
	struct feed_life life = {.host_kb = 4000};
	struct readings_row row = row_at(10000);
	heard(&life, &row);
	assert_float_equal(feed_limit(&life), 4000, 0);
	row.heap_used_kb = 60;
	row.heap_total_kb = 80;
	row.heap_limit_kb = 1000;
	heard(&life, &row);
	assert_float_equal(feed_limit(&life), 1020, 0); /* 20 are beside the heap */
	row = row_at(20000);
	row.cgroup_limit_kb = 900;
	heard(&life, &row);
	assert_float_equal(feed_limit(&life), 900, 0);
	row = row_at(10000 + INSIDES_HELD_MS + 1);
	row.cgroup_limit_kb = 5000;
	heard(&life, &row);
	assert_float_equal(feed_limit(&life), 4000, 0);
}

static void what_is_read_seldom_is_held(void **state)
{
	(void)state;
	struct feed_life life = {0};
	struct readings_row row = row_at(10000);
	assert_true(isnan(heard(&life, &row).heap_used_kb));
	row.heap_used_kb = 60;
	row.heap_total_kb = 80;
	row.heap_floor_kb = 40;
	row.gc_full_count = 7;
	struct reading r = heard(&life, &row);
	assert_float_equal(r.heap_used_kb, 60, 0);
	assert_float_equal(r.heap_kb, 80, 0);
	assert_float_equal(r.live_kb, 40, 0);
	assert_float_equal(r.collections, 7, 0);
	/* In between: the heap is what it was, its size beside the memory is not. */
	row = row_at(20000);
	r = heard(&life, &row);
	assert_float_equal(r.heap_used_kb, 60, 0);
	assert_float_equal(r.live_kb, 40, 0);
	assert_float_equal(r.collections, 7, 0);
	assert_true(isnan(r.heap_kb));
	/* Old insides are none. */
	row = row_at(10000 + INSIDES_HELD_MS + 1);
	r = heard(&life, &row);
	assert_true(isnan(r.heap_used_kb) && isnan(r.live_kb) && isnan(r.collections));
}

/* Without the number of collections a level held would count anew each time. */
static void a_floor_of_unknown_age_counts_once(void **state)
{
	(void)state;
	struct feed_life life = {0};
	struct readings_row row = row_at(10000);
	row.heap_floor_kb = 40;
	assert_float_equal(heard(&life, &row).live_kb, 40, 0);
	row = row_at(20000);
	assert_true(isnan(heard(&life, &row).live_kb));
}

static void load_is_requests_per_second(void **state)
{
	(void)state;
	static const struct {
		int64_t at_s, requests;
		double load;
	} said[] = {{10, -1, NAN}, {20, 1000, NAN}, {30, -1, NAN}, {80, 1600, 10},
		{90, -1, 10}, {140, 1600, 0}, {200, 100, NAN}, {260, 160, 1},
		{600, -1, NAN}};
	struct feed_life life = {0};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct readings_row row = row_at(said[i].at_s * 1000);
		row.requests = said[i].requests;
		double load = heard(&life, &row).load;
		if (isnan(said[i].load))
			assert_true(isnan(load));
		else
			assert_float_equal(load, said[i].load, 1e-9);
	}
}

static const char *queue_time(int64_t after_s)
{
	return arena_printf(
		&town.arena, "to_timestamp(%" PRId64 ")", town.now_ms / 1000 + after_s);
}

static void queue_read(int queue, int64_t after_s, const char *entered,
	const char *completed, int depth)
{
	town_sql(&town,
		"INSERT INTO queue_sample (queue_id, at, entered, completed, depth) "
		"VALUES (%d, %s, %s, %s, %d)",
		queue, queue_time(after_s), entered, completed, depth);
}

/* Two queues that service 1 works on, and one that it does not. */
static void make_queues(void)
{
	town_sql(&town, "INSERT INTO source (host_id, name, at, changed_at) VALUES (2, "
			"'jobs', now(), now())");
	town_sql(&town,
		"INSERT INTO queue (source_id, kind, name, workers, first_seen_at, "
		"last_at) SELECT 1, 'bull', name, workers, '2026-01-01', '2027-01-01' "
		"FROM (VALUES ('mail', '{check*}'::text[]), ('sms', '{x,checkout}'), "
		"('other', '{other}')) AS v (name, workers)");
}

static void assert_sum(struct flows_sum is, int64_t after_s, double arrivals,
	double completions, double depth)
{
	assert_int_equal(is.at_ms, town.now_ms + 1000 * after_s);
	assert_float_equal(is.arrivals, arrivals, 1e-9);
	assert_float_equal(is.completions, completions, 1e-9);
	assert_float_equal(is.depth, depth, 1e-9);
}

static void queues_of_a_service_are_taken_together(void **state)
{
	(void)state;
	struct flows flows;
	struct err e;
	make_queues();
	queue_read(1, -60, "100", "90", 10);
	queue_read(2, -55, "7", "7", 0);
	queue_read(1, 0, "120", "100", 20);
	queue_read(2, 5, "NULL", "9", 3);  /* what came in follows from the depth */
	queue_read(1, 60, "5", "130", 30); /* began anew */
	queue_read(3, 60, "9", "9", 9);
	if (!flows_read(town.db, town.now_ms, town.now_ms + 120000, &town.arena, &flows,
		    &e))
		fail_msg("%s", e.text);
	int64_t now = town.now_ms;
	assert_sum(flows_take(&flows, 1, now - 10000, now), 0, 20, 10, 20);
	assert_sum(flows_take(&flows, 1, now - 10000, now + 9000), 5, 25, 12, 23);
	struct flows_sum last = flows_take(&flows, 1, now + 5000, now + 90000);
	assert_int_equal(last.at_ms, now + 60000);
	assert_true(isnan(last.arrivals));
	assert_float_equal(last.completions, 30, 0);
	assert_float_equal(last.depth, 33, 0);
	assert_int_equal(flows_take(&flows, 1, now + 60000, now + 90000).at_ms, 0);
	assert_int_equal(flows_take(&flows, 2, now - 60000, now + 90000).at_ms, 0);
}

/* The insides of a process as the agent joins them: once a minute.  `floor_mib` more
 * each minute. */
static void read_insides(long long generation, double base_mib, double mib_min)
{
	town_sql(&town,
		"UPDATE sample s SET heap_total_kb = rss_anon_kb - 20480, heap_used_kb "
		"= rss_anon_kb - 25600, gc_full_count = extract(epoch FROM s.at - "
		"g.started_at) / 60, heap_floor_kb = 1024 * (%f + %f * extract(epoch "
		"FROM s.at - g.started_at) / 60) FROM generation g WHERE g.id = %lld "
		"AND s.generation_id = g.id AND heap_floor_kb IS NULL AND "
		"extract(epoch FROM s.at)::int8 %% 60 = 0",
		base_mib, mib_min, generation);
}

static const char *verdict_of(long long generation)
{
	return town_sql(&town,
		"SELECT concat_ws(' ', kind, series) FROM slot_verdict WHERE "
		"generation_id = %lld",
		generation);
}

/* Both take what they are given and hold it; one holds more after each collection. */
static void a_leak_is_judged_by_the_live_heap(void **state)
{
	(void)state;
	long long clean = town_process(&town, 1, 0, 1);
	long long leaky = town_process(&town, 2, 0, 1);
	for (int at = 0; at < 8 * 60; at += 10) {
		town_wait(&town, 10);
		town_read(&town, clean, 200, 0.2);
		town_read(&town, leaky, 200, 0.2);
		read_insides(clean, 60, 0);
		read_insides(leaky, 60, 0.2);
		town_turn(&town);
	}
	assert_string_equal(verdict_of(leaky), "leak heap_floor");
	assert_string_equal(level_of(leaky), "confirmed");
	assert_string_not_equal(verdict_of(clean), "leak heap_floor");
}

/* A worker whose memory is the items that wait for it. */
static void a_backlog_is_told_from_a_leak(void **state)
{
	(void)state;
	make_queues();
	town_sql(&town, "DELETE FROM queue WHERE name <> 'mail'");
	long long worker = town_process(&town, 1, 0, 1);
	long long depth = 0, entered = 0;
	for (int at = 0; at < 30 * 60; at += 10) {
		for (int minute = 0; minute < 10; minute++) {
			bool piles_up = at >= 10 * 60;
			long long more = 600 + (at + minute) * 7 % 40;
			entered += more + (piles_up ? 60 : 0);
			depth += piles_up ? 60 : 0;
			queue_read(1, 60 * minute + 30,
				arena_printf(&town.arena, "%lld", entered),
				arena_printf(&town.arena, "%lld", entered - depth),
				(int)depth + (at + minute) % 7);
		}
		town_wait(&town, 10);
		/* 0.3 MiB a minute for 60 items a minute. */
		town_read(&town, worker, 200, 0);
		town_sql(&town,
			"UPDATE sample SET rss_anon_kb = rss_anon_kb + 1024 * 0.3 * "
			"greatest(0, extract(epoch FROM at - to_timestamp(%" PRId64
			")) / 60 - 600), swap_kb = 0 WHERE generation_id = %lld AND "
			"swap_kb IS NULL",
			TOWN_START_MS / 1000, worker);
		town_turn(&town);
	}
	assert_string_equal(verdict_of(worker), "backlog rss_anon");
	assert_int_equal(
		town_int(&town, "SELECT count(*) FROM slot_verdict WHERE reasons::text "
				"LIKE '%Items that wait account for%'"),
		1);
}

/* What a pipeline says is an event that may explain an onset. */
static void what_people_say_was_changed_is_told(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live_with_turns(&p, 72 * 60, 60);
	town_sql(&town,
		"INSERT INTO deploy (service_id, at, origin, kind, note, created_at) "
		"VALUES (1, to_timestamp(%" PRId64
		" / 1000.0), 'api', 'config', 'cache of 2 GiB', "
		"to_timestamp(%" PRId64 " / 1000.0))",
		town.now_ms, town.now_ms);
	int64_t onset_ms = town.now_ms;
	for (int at = 0; at < 8 * 60; at += 10) {
		live(&p, 10);
		town_sql(&town,
			"UPDATE sample SET rss_anon_kb = rss_anon_kb + 1024 * "
			"extract(epoch FROM at - to_timestamp(%" PRId64
			" / 1000.0)) / 60, swap_kb = 0 WHERE generation_id IN (%lld, "
			"%lld) AND swap_kb IS NULL AND at > to_timestamp(%" PRId64
			" / 1000.0)",
			onset_ms, p.leaky[0], p.leaky[1], onset_ms);
		town_turn(&town);
	}
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
	assert_true(town_int(&town,
			    "SELECT count(*) FROM finding WHERE (to_jsonb(finding)::"
			    "text LIKE '%a change of the configuration (cache of 2 "
			    "GiB)%')") > 0);
}

#define TEST(name) cmocka_unit_test_setup(name, pair_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_seldom_is_held),
		cmocka_unit_test(a_heap_has_a_limit_of_its_own),
		cmocka_unit_test(a_floor_of_unknown_age_counts_once),
		cmocka_unit_test(load_is_requests_per_second),
		TEST(queues_of_a_service_are_taken_together),
		TEST(a_leak_is_judged_by_the_live_heap),
		TEST(a_backlog_is_told_from_a_leak),
		TEST(what_people_say_was_changed_is_told),
	};
	return cmocka_run_group_tests(tests, pair_start, pair_stop);
}
