/* Readings are read wherever they are kept, each once, and as they were. */
#include "server/history/history.h"

#include "schema/metric.h"
#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/store/migrate.h"
#include "tests/support/past.h"
#include "tests/support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#define DAY_MS  INT64_C(86400000)
#define TICK_MS INT64_C(10000)
/* 2026-11-21 00:00 UTC: that day is in chunks, the next one's first 20 minutes are in
 * segments and 10 more hot. */
#define FROM_MS      INT64_C(1795219200000)
#define SEALED_MS    (FROM_MS + DAY_MS)
#define COMPACTED_MS (SEALED_MS + 4 * SEGMENT_MS)
#define TO_MS        (COMPACTED_MS + 2 * SEGMENT_MS)

enum { PROCESSES = 3, FIRST = 70, SERVICE = 5, HOST = 300 };

static struct pg pg;
static struct db *db;

static int64_t value_of(int64_t subject, int64_t at_ms)
{
	return subject * 1000000 + at_ms / TICK_MS % 7777;
}

static bool has_value(int64_t at_ms)
{
	return at_ms / TICK_MS % 6 != 0;
}

/* The readings of one subject in [from, to), but those of every n-th tick. */
static struct past_run run_of(
	int64_t subject, int64_t from_ms, int64_t to_ms, int64_t without)
{
	size_t room = (size_t)((to_ms - from_ms) / TICK_MS), n = 0;
	int64_t *at_ms = calloc(room, sizeof *at_ms);
	int64_t *values = calloc(room, sizeof *values);
	bool *has = calloc(room, sizeof *has);
	for (int64_t at = from_ms; at < to_ms; at += TICK_MS) {
		if (without > 0 && at / TICK_MS % without == 0)
			continue;
		if (without < 0 && at / TICK_MS % -without != 0)
			continue;
		at_ms[n] = at;
		values[n] = has_value(at) ? value_of(subject, at) : 0;
		has[n++] = has_value(at);
	}
	return (struct past_run){subject, subject < 0 ? 0 : SERVICE, HOST,
		subject < 0 ? (int)HOST_anon_kb : (int)PROCESS_rss_anon_kb, n, at_ms,
		values, has};
}

static void run_finish(struct past_run *run)
{
	free((void *)(uintptr_t)run->at_ms);
	free((void *)(uintptr_t)run->values);
	free((void *)(uintptr_t)run->has);
}

static void put_chunk(int64_t subject, int64_t without)
{
	struct past_run run = run_of(subject, FROM_MS, SEALED_MS, without);
	past_put_chunk(db, &run);
	run_finish(&run);
}

static void put_segments(const int64_t *subjects, size_t count, int64_t from_ms,
	int64_t to_ms, int64_t without)
{
	struct past_run runs[PROCESSES];
	for (int64_t at = from_ms; at < to_ms; at += SEGMENT_MS) {
		for (size_t i = 0; i < count; i++)
			runs[i] = run_of(subjects[i], at, at + SEGMENT_MS, without);
		past_put_segment(db, runs, count);
		for (size_t i = 0; i < count; i++)
			run_finish(&runs[i]);
	}
}

static void put_rows(const char *table, int64_t subject, int64_t from_ms, int64_t to_ms,
	int64_t without)
{
	struct past_run run = run_of(subject, from_ms, to_ms, without);
	past_put_rows(db, table, subject < 0 ? "anon_kb" : "rss_anon_kb", &run);
	run_finish(&run);
}

/* Three processes and a host; every seventh reading came late. */
static void put_all(void)
{
	static const int64_t processes[] = {FIRST, FIRST + 1, FIRST + 2},
			     host[] = {-HOST};
	put_segments(processes, PROCESSES, SEALED_MS, COMPACTED_MS, 7);
	put_segments(host, 1, SEALED_MS, COMPACTED_MS, 7);
	for (int i = 0; i < PROCESSES; i++) {
		put_chunk(FIRST + i, 0);
		put_rows("sample_late", FIRST + i, SEALED_MS, COMPACTED_MS, -7);
		put_rows("sample", FIRST + i, COMPACTED_MS, TO_MS, 0);
	}
	put_chunk(-HOST, 0);
	put_rows("host_sample_late", -HOST, SEALED_MS, COMPACTED_MS, -7);
	put_rows("host_sample", -HOST, COMPACTED_MS, TO_MS, 0);
	past_sql(db,
		"UPDATE storage SET closed_to = to_timestamp(%" PRId64
		"), compacted_to = to_timestamp(%" PRId64
		"), sealed_to = to_timestamp(%" PRId64 ")",
		COMPACTED_MS / 1000, COMPACTED_MS / 1000, SEALED_MS / 1000);
}

static int start(void **state)
{
	struct err e = {0};
	(void)state;
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	db = db_create(&(struct db_options){.uri = pg.uri, .application_name = "test"});
	past_sql(db, "SELECT partition_make(t, '2026-11-22') "
		     "FROM unnest(ARRAY['sample', 'host_sample']) t");
	put_all();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	db_destroy(db);
	pg_stop(&pg);
	return 0;
}

/* What an answer must be: all readings of [from, to), in order. */
struct expected {
	int64_t from_ms, to_ms, first_id;
	size_t subjects; /* seen so far */
};

static bool check(void *context, const struct history_columns *c, struct err *e)
{
	struct expected *x = context;
	int64_t id = x->first_id < 0 ? x->first_id : x->first_id + (int64_t)c->subject;
	(void)e;
	assert_int_equal(c->rows, (x->to_ms - x->from_ms) / TICK_MS);
	for (size_t i = 0; i < c->rows; i++) {
		int64_t at_ms = x->from_ms + (int64_t)i * TICK_MS;
		assert_int_equal(c->at_ms[i], at_ms);
		assert_int_equal(c->has[0][i], has_value(at_ms));
		if (c->has[0][i])
			assert_int_equal(c->values[0][i], value_of(id, at_ms));
	}
	x->subjects++;
	return true;
}

static struct history_sources read_all(
	int64_t first_id, size_t count, int64_t from_ms, int64_t to_ms)
{
	struct history_subject subjects[PROCESSES] = {0};
	for (size_t i = 0; i < count; i++)
		subjects[i] = (struct history_subject){
			.id = first_id < 0 ? -first_id : first_id + (int64_t)i,
			.service_id = first_id < 0 ? 0 : SERVICE,
			.host_id = HOST};
	int metric = first_id < 0 ? (int)HOST_anon_kb : (int)PROCESS_rss_anon_kb;
	struct history_ask ask = {.subjects = subjects,
		.count = count,
		.metrics = &metric,
		.metric_count = 1,
		.from_ms = from_ms,
		.to_ms = to_ms};
	struct expected x = {from_ms, to_ms, first_id, 0};
	struct history_sources sources;
	struct err e = {0};
	if (!history_read(db, &ask, check, &x, &sources, &e))
		fail_msg("%s", e.text);
	assert_int_equal(x.subjects, from_ms < to_ms ? count : 0);
	return sources;
}

static void every_source_is_read(void **state)
{
	(void)state;
	struct history_sources s = read_all(FIRST, PROCESSES, FROM_MS, TO_MS);
	assert_true(s.hot && s.late && s.segments && s.chunks);
	s = read_all(-HOST, 1, FROM_MS, TO_MS);
	assert_true(s.hot && s.late && s.segments && s.chunks);
}

static void a_span_is_read_and_no_more(void **state)
{
	(void)state;
	struct history_sources s = read_all(
		FIRST, 2, FROM_MS + 70 * TICK_MS, FROM_MS + 90 * TICK_MS);
	assert_true(s.chunks && !s.hot && !s.late && !s.segments);
	s = read_all(FIRST + 1, 1, SEALED_MS + 11 * TICK_MS, SEALED_MS + 44 * TICK_MS);
	assert_true(!s.chunks && !s.hot && s.late && s.segments);
	s = read_all(FIRST + 1, 1, COMPACTED_MS + TICK_MS, COMPACTED_MS + 9 * TICK_MS);
	assert_true(!s.chunks && s.hot && !s.late && !s.segments);
	read_all(FIRST, 3, SEALED_MS - 10 * TICK_MS, SEALED_MS + 10 * TICK_MS);
}

/* As if the compactor had gone on after the bounds were read. */
static void what_moves_on_is_read_once(void **state)
{
	static const int64_t processes[] = {FIRST, FIRST + 1, FIRST + 2};
	(void)state;
	put_segments(processes, PROCESSES, COMPACTED_MS, TO_MS, 0);
	read_all(FIRST, PROCESSES, FROM_MS, TO_MS);
	struct past_run run = run_of(FIRST, SEALED_MS, SEALED_MS + 30 * TICK_MS, 0);
	past_put_chunk(db, &run);
	run_finish(&run);
	read_all(FIRST, PROCESSES, FROM_MS, TO_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source_is_read),
		cmocka_unit_test(a_span_is_read_and_no_more),
		cmocka_unit_test(what_moves_on_is_read_once),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
