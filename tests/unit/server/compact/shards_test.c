/* Readings that live in two databases, in two clusters: written where their host's slot
 * and their time say, moved on in each by itself, and read as one.  When one is away,
 * what it has is missing and said to be. */
#include "server/compact/work.h"
#include "server/history/chart.h"
#include "server/history/spread.h"
#include "server/store/migrate.h"
#include "server/store/shards.h"
#include "server/store/storage.h"
#include "tests/support/pg.h"
#include "tests/support/readings.h"

#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/* 2026-11-22 00:00 UTC. */
#define DAY0 INT64_C(1795305600000)
#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

enum { HOSTS = 3, SERVICES = 2, PER = 1, LIVES = HOSTS * SERVICES * PER };

static struct pg near, far;
static char near_uri[160], far_uri[160];
static struct readings readings; /* its database is the main one */

static void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static int start(void **state)
{
	(void)state;
	struct err e;
	pg_start(&near);
	pg_start(&far);
	must(migrate_run(near.uri, NULL, &e) && migrate_run(far.uri, NULL, &e), &e);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_stop(&near);
	pg_stop(&far);
	return 0;
}

static void place(int from, int to, const char *uri, int64_t since_ms)
{
	struct arena a;
	struct err e;
	const char *name;
	struct shards_placing placing = {from, to, uri, "", since_ms};
	arena_init(&a);
	must(shards_place(readings.db, &placing, &a, &name, &e), &e);
	arena_finish(&a);
}

/* Host 1: far.  Host 2: here, and far from the next day on.  Host 3: here. */
static int fresh(void **state)
{
	(void)state;
	readings_database(&near, near_uri, sizeof near_uri);
	readings_database(&far, far_uri, sizeof far_uri);
	readings_init(&readings, near_uri, HOSTS, SERVICES, PER);
	place(1, 1, far_uri, 0);
	place(2, 2, far_uri, DAY0 + DAY);
	return 0;
}

static int done(void **state)
{
	(void)state;
	readings_finish(&readings);
	return 0;
}

static struct shards *map(void)
{
	struct shards *shards;
	struct err e;
	must(shards_get(readings.db, &shards, &e), &e);
	return shards;
}

static int64_t host_of(int32_t subject)
{
	return subject > 0 ? readings.host_of[subject] : -subject;
}

/* All subjects, every step, each where it belongs. */
static void fill(int64_t from_ms, int64_t to_ms, int64_t step_ms)
{
	struct readings_row rows[2][LIVES + HOSTS];
	struct err e;
	for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += step_ms) {
		size_t count[2] = {0};
		for (int i = 0; i < LIVES + HOSTS; i++) {
			int32_t subject = i < LIVES ? i + 1 : -(i - LIVES + 1);
			size_t to = shards_writer(map(), host_of(subject), at_ms);
			rows[to][count[to]++] = readings_make(
				&readings.seed, subject, at_ms);
		}
		for (size_t i = 0; i < 2; i++)
			must(count[i] == 0 ||
					readings_write(&readings, shards_db(map(), i),
						rows[i], count[i], &e),
				&e);
	}
}

/* Readings of the database move on: closed, compacted, and whole days sealed. */
static void move_on(const char *uri, int64_t to_ms)
{
	struct err e;
	struct work work = {
		.raw_retention_ms = DAY * 36500, .rollup_retention_ms = DAY * 36500};
	work.step.main = db_create(
		&(struct db_options){.uri = near_uri, .application_name = "storage"});
	work.step.readings = db_create(
		&(struct db_options){.uri = uri, .application_name = "far"});
	must(storage_close(work.step.readings, to_ms, &e) &&
			work_windows(&work, 0, &e) &&
			work_seal(&work, to_ms - to_ms % DAY, &e) &&
			work_expire(&work, &e),
		&e);
	db_destroy(work.step.readings);
	db_destroy(work.step.main);
}

static void hosts_are_written_where_the_map_says(void **state)
{
	(void)state;
	struct shards *s = map();
	assert_int_equal(shards_count(s), 2);
	assert_string_equal(shards_name(s, 0), "main");
	assert_string_equal(shards_name(s, 1), "shard-1");
	assert_int_equal(shards_writer(s, 1, DAY0), 1);
	assert_int_equal(shards_writer(s, 257, DAY0), 1);
	assert_int_equal(shards_writer(s, 2, DAY0 + DAY - 1), 0);
	assert_int_equal(shards_writer(s, 2, DAY0 + DAY), 1);
	assert_int_equal(shards_writer(s, 3, DAY0 + DAY), 0);
	assert_false(shards_may_have(s, 0, 1)); /* it was never here */
	assert_true(shards_may_have(s, 0, 2) && shards_may_have(s, 1, 2));
	assert_false(shards_may_have(s, 1, 3));
	place(0, 255, "", DAY0 + 2 * DAY); /* all back */
	db_destroy(readings.db);
	readings.db = db_create(
		&(struct db_options){.uri = near_uri, .application_name = "readings"});
	assert_int_equal(shards_writer(map(), 1, DAY0 + 2 * DAY), 0);
	assert_int_equal(shards_writer(map(), 1, DAY0 + DAY), 1);
	assert_true(shards_may_have(map(), 0, 1) && shards_may_have(map(), 1, 1));
}

static void readings_of_both_are_read_as_one(void **state)
{
	(void)state;
	fill(DAY0 + 22 * HOUR, DAY0 + 26 * HOUR, 5 * 60000);
	/* Of a server that had not heard of the map: the same five minutes in both. */
	struct err e;
	struct readings_row stray = readings_make(
		&readings.seed, -2, DAY0 + DAY + 30000);
	must(readings_write(&readings, readings.db, &stray, 1, &e), &e);
	assert_int_equal(readings_wrong(&readings), 0);
	/* In one they are a day's chunks and segments by now, in the other hot. */
	move_on(far_uri, DAY0 + 26 * HOUR);
	assert_int_equal(readings_wrong(&readings), 0);
	move_on(near_uri, DAY0 + 26 * HOUR);
	assert_int_equal(readings_wrong(&readings), 0);
	/* Late ones, and new ones. */
	fill(DAY0 + 21 * HOUR, DAY0 + 21 * HOUR + 600000, 60000);
	fill(DAY0 + 26 * HOUR, DAY0 + 26 * HOUR + 600000, 60000);
	assert_int_equal(readings_wrong(&readings), 0);
}

/* Hours that are kept of seats, of a host that has moved. */
static void hours_of_both_are_one_line(void **state)
{
	(void)state;
	struct err e;
	struct arena a;
	struct chart chart;
	fill(DAY0 + 22 * HOUR, DAY0 + 49 * HOUR, 30 * 60000);
	move_on(far_uri, DAY0 + 49 * HOUR);
	move_on(near_uri, DAY0 + 49 * HOUR);
	struct chart_life life = {.id = 2,
		.slot_id = 2,
		.service_id = 1,
		.host_id = 2,
		.from_ms = DAY0,
		.to_ms = DAY0 + 50 * HOUR};
	assert_int_equal(readings.host_of[2], 2);
	struct chart_ask ask = {.lives = &life,
		.count = 1,
		.line_count = 1,
		.metric = PROCESS_rss_anon_kb,
		.over = -1,
		.kind = METRIC_GAUGE,
		.aggregate = DOWNSAMPLE_MAX,
		.from_ms = DAY0 + 22 * HOUR,
		.step_ms = HOUR,
		.steps = 27,
		.interval_ms = 30 * 60000};
	arena_init(&a);
	must(chart_read(readings.db, &ask, &a, &chart, &e), &e);
	assert_true(chart.rollups);
	assert_int_equal(chart.sources.missing, 0);
	ask.raw = true;
	struct chart raw;
	must(chart_read(readings.db, &ask, &a, &raw, &e), &e);
	for (size_t i = 0; i < 27; i++)
		assert_true(downsample_value(chart.lines, i, DOWNSAMPLE_MAX) ==
			    downsample_value(raw.lines, i, DOWNSAMPLE_MAX));
	arena_finish(&a);
}

static bool count_rows(void *context, const struct history_columns *c, struct err *e)
{
	(void)e;
	((size_t *)context)[c->subject] += c->rows;
	return true;
}

/* One database is half an hour behind the other: what is read of both there is counted
 * once. */
static void instances_are_counted_once(void **state)
{
	(void)state;
	struct err e;
	struct arena a;
	struct spread spread;
	struct chart_life lives[LIVES];
	int64_t versions[LIVES];
	size_t count = 0;
	fill(DAY0 + 26 * HOUR, DAY0 + 27 * HOUR, 60000);
	move_on(near_uri, DAY0 + 27 * HOUR);
	move_on(far_uri, DAY0 + 26 * HOUR + HOUR / 2);
	for (int i = 1; i <= LIVES; i++)
		if (readings.service_of[i] == 1) {
			versions[count] = 1;
			lives[count] = (struct chart_life){.id = i,
				.slot_id = i,
				.service_id = 1,
				.host_id = readings.host_of[i],
				.line = count,
				.from_ms = DAY0,
				.to_ms = DAY0 + 2 * DAY};
			count++;
		}
	struct spread_ask ask = {.service_id = 1,
		.lives = lives,
		.count = count,
		.line_count = count,
		.versions = versions,
		.metric = PROCESS_rss_anon_kb,
		.kind = METRIC_GAUGE,
		.from_ms = DAY0 + 26 * HOUR,
		.step_ms = 300000,
		.steps = 12,
		.interval_ms = 60000};
	arena_init(&a);
	must(spread_read(readings.db, &ask, &a, &spread, &e), &e);
	for (size_t step = 0; step < 12; step++) {
		int64_t n = 0;
		for (size_t i = 0; i < spread.count; i++)
			n += spread.versions[i].steps[step].n;
		assert_int_equal(n, count);
	}
	arena_finish(&a);
}

/* The last test: the far cluster does not come back. */
static void what_is_away_is_missing_and_said_to_be(void **state)
{
	(void)state;
	struct err e;
	size_t rows[HOSTS] = {0};
	struct history_subject subjects[HOSTS];
	int metric = HOST_mem_total_kb;
	struct history_sources sources;
	for (int i = 0; i < HOSTS; i++)
		subjects[i] = (struct history_subject){.id = i + 1, .host_id = i + 1};
	struct history_ask ask = {.subjects = subjects,
		.count = HOSTS,
		.metrics = &metric,
		.metric_count = 1,
		.from_ms = DAY0,
		.to_ms = DAY0 + 2 * DAY};
	fill(DAY0 + 23 * HOUR, DAY0 + 25 * HOUR, 2 * 60000);
	must(history_read(readings.db, &ask, count_rows, rows, &sources, &e), &e);
	assert_int_equal(sources.missing, 0);
	assert_true(rows[0] == 60 && rows[1] == 60 && rows[2] == 60);

	pg_stop(&far);
	for (int i = 0; i < 3; i++) {
		memset(rows, 0, sizeof rows);
		must(history_read(readings.db, &ask, count_rows, rows, &sources, &e),
			&e);
		assert_int_equal(sources.missing, 2);
		assert_true(rows[0] == 0 && rows[1] == 30 && rows[2] == 60);
	}
	/* Who asks for a host that was never there misses nothing. */
	ask.subjects = &subjects[2];
	ask.count = 1;
	must(history_read(readings.db, &ask, count_rows, rows, &sources, &e), &e);
	assert_int_equal(sources.missing, 0);
	pg_start(&far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			hosts_are_written_where_the_map_says, fresh, done),
		cmocka_unit_test_setup_teardown(
			readings_of_both_are_read_as_one, fresh, done),
		cmocka_unit_test_setup_teardown(
			hours_of_both_are_one_line, fresh, done),
		cmocka_unit_test_setup_teardown(
			instances_are_counted_once, fresh, done),
		cmocka_unit_test_setup_teardown(
			what_is_away_is_missing_and_said_to_be, fresh, done),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
