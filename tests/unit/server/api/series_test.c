/*
 * Series say what was read: maxima of gauges, rates of counters that no restart bends,
 * nothing where nothing was read.
 */
#include "schema/metric.h"
#include "server/api/http.h"
#include "tests/support/api.h"
#include "tests/support/past.h"

#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
/* After what it needs. */
#include <cmocka.h>

#define HOUR_FROM "1795338000000" /* 09:00 */
#define HOUR_TO   "1795341600000" /* 10:00 */

static char cookie[128];

static int set_up(void **state)
{
	api_set_up(state);
	api_log_in("eve", cookie);
	return 0;
}

/* Once there is a turn: a thread rests after a chart that was slow, as all are on a
 * busy machine. */
static void ask_in_turn(const char *target, struct http_reply *r)
{
	enum { TRIES = 100 };
	api_ask("GET", target, cookie, NULL, r);
	for (int i = 0; i < TRIES && r->status == 503; i++) {
		http_reply_finish(r);
		usleep(200000);
		api_ask("GET", target, cookie, NULL, r);
	}
}

static json_t *ask(const char *target)
{
	scoped_reply struct http_reply r;
	json_error_t why;
	ask_in_turn(target, &r);
	if (r.status != 200)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_t *answer = json_loads(r.body.data, 0, &why);
	assert_non_null(answer);
	return answer;
}

static json_t *line(json_t *answer, size_t i)
{
	json_t *values = json_object_get(
		json_array_get(json_object_get(answer, "series"), i), "values");
	assert_non_null(values);
	return values;
}

static void near(json_t *values, size_t i, double expected)
{
	json_t *value = json_array_get(values, i);
	assert_true(json_is_number(value));
	double got = json_number_value(value);
	if (got < expected - 1e-6 || got > expected + 1e-6)
		fail_msg("value %zu is %.9g, not %.9g", i, got, expected);
}

static void counters_are_rates(void **state)
{
	(void)state;
	json_t *answer = ask(
		"/api/v1/series?instance=1,2&metric=cpu_ratio&from=" HOUR_FROM
		"&to=" HOUR_TO "&points=12");
	assert_string_equal(
		json_string_value(json_object_get(answer, "unit")), "cores");
	assert_int_equal(json_array_size(line(answer, 0)), 12);
	for (size_t i = 0; i < 12; i++) {
		if (i == 3) {
			assert_true(json_is_null(json_array_get(line(answer, 0), i)));
			continue;
		}
		near(line(answer, 0), i, 0.20);
		near(line(answer, 1), i, 0.25);
	}
	json_decref(answer);
	answer = ask("/api/v1/series?instance=1&metric=cpu_ms&from=" HOUR_FROM
		     "&to=" HOUR_TO "&points=12");
	assert_string_equal(json_string_value(json_object_get(answer, "unit")), "ms/s");
	near(line(answer, 0), 0, 200);
	json_decref(answer);
}

/* Seat 3 changes its process at 09:01 and at 09:30; its counter starts anew. */
static void expect_seat_3_steady(void)
{
	json_t *answer = ask(
		"/api/v1/series?instance=3&metric=cpu_ratio&from=" HOUR_FROM
		"&to=" HOUR_TO "&points=240");
	json_t *lines = json_object_get(answer, "series");
	assert_int_equal(json_array_size(lines), 2);
	for (size_t l = 0; l < 2; l++) {
		size_t i;
		json_t *value;
		json_array_foreach(line(answer, l), i, value)
		{
			if (!json_is_null(value))
				near(line(answer, l), i, 0.05);
		}
	}
	json_decref(answer);
}

static void a_restart_is_neither_fall_nor_leap(void **state)
{
	(void)state;
	struct err e = {0};
	expect_seat_3_steady();
	/* As if the last process had worked hard before it was first read. */
	api_require(db_script(api_db,
			    "UPDATE sample SET cpu_ms = cpu_ms + 100000000 "
			    "WHERE generation_id = 7",
			    "leap", &e),
		"leap", &e);
	expect_seat_3_steady();
}

static void gauges_are_maxima(void **state)
{
	(void)state;
	json_t *answer = ask(
		"/api/v1/series?instance=3&metric=rss_anon_kb&from=1795341300000"
		"&to=" HOUR_TO "&points=10");
	json_t *values = line(answer, 0);
	assert_int_equal(json_array_size(values), 10);
	/* 57536 + 17 per second since 09:30; the last reading of each half minute. */
	for (size_t i = 0; i < 10; i++)
		near(values, i, 57536 + 17 * (1500 + 30 * (double)i + 25));
	json_decref(answer);
}

static void every_metric_answers(void **state)
{
	(void)state;
	char target[160];
	for (size_t i = 0; i < METRIC_PROCESS_COUNT; i++) {
		snprintf(target, sizeof target, "/api/v1/series?service=1&metric=%s",
			metric_process[i].name);
		json_decref(ask(target));
	}
	for (size_t i = 0; i < METRIC_HOST_COUNT; i++) {
		snprintf(target, sizeof target, "/api/v1/hosts/1/series?metric=%s",
			metric_host[i].name);
		json_decref(ask(target));
	}
}

/* Each column of the tables is reached by its metric's number: with one reading of 1000
 * + i in column i, gauge i is 1000 + i; with two, counter i grows by 10 in 10 s. */
static void every_metric_is_its_own_column(void **state)
{
	(void)state;
	struct buf script = {0};
	struct err e = {0};
	for (int second = 15; second <= 25; second += 10) {
		buf_text(&script, "INSERT INTO sample VALUES (10, '2026-11-22 08:30:");
		buf_printf(&script, "%d+00'", second);
		for (int i = 0; i < METRIC_PROCESS_COUNT; i++)
			buf_printf(&script, ", %d", 1000 + i + second);
		buf_text(&script,
			"); INSERT INTO host_sample VALUES (2, '2026-11-22 08:30:");
		buf_printf(&script, "%d+00'", second);
		for (int i = 0; i < METRIC_HOST_COUNT; i++)
			buf_printf(&script, ", %d", 1000 + i + second);
		buf_text(&script, ");");
	}
	buf_text(&script, "UPDATE generation SET started_at = '2026-11-22 08:00+00' "
			  "WHERE id = 10;");
	api_require(db_script(api_db, script.data, "columns", &e), "columns", &e);
	buf_finish(&script);
	for (int scope = 0; scope < 2; scope++) {
		const struct metric *metrics = scope ? metric_host : metric_process;
		int count = scope ? METRIC_HOST_COUNT : METRIC_PROCESS_COUNT;
		for (int i = 0; i < count; i++) {
			char target[200];
			snprintf(target, sizeof target,
				"/api/v1/"
				"%s&metric=%s&from=1795336200000&to=1795336260000",
				scope ? "hosts/2/series?points=10"
				      : "series?instance=6",
				metrics[i].name);
			json_t *answer = ask(target), *value = NULL, *best = NULL;
			size_t k;
			json_array_foreach(line(answer, 0), k,
				value) if (json_is_number(value)) best = value;
			assert_non_null(best);
			bool is_counter = metrics[i].kind == METRIC_COUNTER;
			double expected = is_counter ? 1 : 1000 + i + 25;
			if (json_number_value(best) != expected)
				fail_msg("%s is %g, not %g", metrics[i].name,
					json_number_value(best), expected);
			json_decref(answer);
		}
	}
}

static void hosts_have_a_busy_share(void **state)
{
	(void)state;
	struct err e = {0};
	json_t *answer = ask("/api/v1/hosts/1/series?metric=cpu_ratio&from=" HOUR_FROM
			     "&to=" HOUR_TO "&points=12");
	near(line(answer, 0), 0, 0.25);
	assert_true(json_is_null(json_array_get(line(answer, 0), 3)));
	near(line(answer, 0), 11, 0.25);
	json_decref(answer);
	/* The machine is started anew: its counters fall, the rate does not. */
	api_require(
		db_script(api_db,
			"UPDATE host_sample SET cpu_busy_ms = cpu_busy_ms - 6000000, "
			"cpu_total_ms = cpu_total_ms - 24000000 "
			"WHERE at > '2026-11-22 09:42+00'",
			"boot", &e),
		"boot", &e);
	answer = ask("/api/v1/hosts/1/series?metric=cpu_ratio&from=" HOUR_FROM
		     "&to=" HOUR_TO "&points=12");
	near(line(answer, 0), 8, 0.25);
	json_decref(answer);
}

static void marks_tell_what_happened(void **state)
{
	(void)state;
	api_sql("DELETE FROM experiment");
	json_t *answer = ask("/api/v1/series?instance=4&metric=rss_kb&from=" HOUR_FROM
			     "&to=" HOUR_TO);
	json_t *marks = json_object_get(answer, "marks");
	static const char *const kinds[] = {"deploy", "restart", "oom"};
	assert_int_equal(json_array_size(marks), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(json_string_value(json_object_get(
					    json_array_get(marks, i), "kind")),
			kinds[i]);
	json_decref(answer);
	/* What lies outside the span is not told. */
	answer = ask("/api/v1/"
		     "series?instance=4&metric=rss_kb&from=1795340400000&to=" HOUR_TO);
	assert_int_equal(json_array_size(json_object_get(answer, "marks")), 0);
	assert_int_equal(json_array_size(json_object_get(answer, "gaps")), 0);
	json_decref(answer);
}

static void nothing_known_is_an_empty_answer(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/series?instance=4711&metric=rss_kb");
	assert_int_equal(json_array_size(json_object_get(answer, "series")), 0);
	json_decref(answer);
	answer = ask("/api/v1/series?service=1&metric=rss_kb&from=1000&to=2000");
	assert_int_equal(json_array_size(json_object_get(answer, "series")), 0);
	json_decref(answer);
}

static void too_many_lines_are_refused(void **state)
{
	(void)state;
	struct err e = {0};
	static const char script[] =
		"INSERT INTO service (name) VALUES ('many');"
		"INSERT INTO fingerprint (service_id, version, runtime) "
		"SELECT id, '1', '' FROM service WHERE name = 'many';"
		"INSERT INTO slot (service_id, host_id, ordinal) SELECT s.id, 1, n "
		"FROM service s, "
		"generate_series(1, 5001) n WHERE s.name = 'many';"
		"INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, "
		"pid, start_ticks,"
		" started_at, last_sample_at, command, rule) SELECT l.id, f.id, 1, "
		"'b', l.id + 20000,"
		" 1, '2026-11-22 09:00+00', '2026-11-22 10:00+00', '', '' FROM slot l "
		"JOIN service s ON s.id = l.service_id JOIN fingerprint f ON "
		"f.service_id = s.id "
		"WHERE s.name = 'many';";
	api_require(db_script(api_db, script, "many", &e), "many", &e);
	scoped_reply struct http_reply r;
	api_ask("GET", "/api/v1/series?service=1001&metric=rss_kb", cookie, NULL, &r);
	if (r.status != 400 || !strstr(r.body.data, "service, instance: 5001 lines"))
		fail_msg("%d %s", r.status, r.body.data);
	api_sql("DELETE FROM generation WHERE pid > 24000");
	http_reply_finish(&r);
	api_ask("GET", "/api/v1/series?service=1001&metric=rss_kb&points=1000", cookie,
		NULL, &r);
	if (r.status != 400 || !strstr(r.body.data, "points: ") ||
		!strstr(r.body.data, "ask for at most 200 points"))
		fail_msg("%d %s", r.status, r.body.data);
	http_reply_finish(&r);
	api_ask("GET", "/api/v1/series?service=1001&metric=rss_kb&points=100", cookie,
		NULL, &r);
	assert_int_equal(r.status, 200);
}

/* 20 and 21 November, sealed: readings of seat 1's process each five minutes. */
#define SEALED_MS    INT64_C(1795132800000)
#define SEALED_TO_MS (SEALED_MS + 2 * INT64_C(86400000))

static void put_sealed_days(void)
{
	enum { ROWS = 288 };
	int64_t at_ms[ROWS], values[ROWS];
	for (int day = 0; day < 2; day++) {
		for (int i = 0; i < ROWS; i++) {
			at_ms[i] = SEALED_MS + day * INT64_C(86400000) + i * 300000;
			values[i] = 1000 + i;
		}
		past_put_chunk(api_db, &(struct past_run){1, 1, 1, PROCESS_rss_kb, ROWS,
					       at_ms, values, NULL});
	}
	api_sql("UPDATE generation SET started_at = '2026-11-19' WHERE id = 1;"
		"SELECT partition_make_month('slot_rollup', '2026-11-20 00:00+00');"
		"INSERT INTO slot_rollup SELECT d, 1, 0, array_fill(12, ARRAY[24]), "
		"array_fill(36000, ARRAY[24]), array_fill(2000, ARRAY[24]), "
		"array_fill(4000, ARRAY[24]), array_fill(3000, ARRAY[24]) "
		"FROM unnest(ARRAY['2026-11-20 00:00+00', '2026-11-21 00:00+00']"
		"::timestamptz[]) d");
}

static json_t *ask_sealed(const char *more, const char *source)
{
	char target[240];
	snprintf(target, sizeof target,
		"/api/v1/series?instance=1&metric=rss_kb&from=%" PRId64 "&to=%" PRId64
		"&points=48%s",
		SEALED_MS, SEALED_TO_MS, more);
	json_t *answer = ask(target);
	json_t *sources = json_object_get(answer, "sources");
	assert_string_equal(json_string_value(json_array_get(sources, 0)), source);
	return answer;
}

static void hours_are_read_where_they_suffice(void **state)
{
	(void)state;
	put_sealed_days();
	/* Hours say something else here than readings, so that it shows which are read.
	 */
	json_t *answer = ask_sealed("", "rollups");
	near(line(answer, 0), 7, 4000);
	assert_int_equal(
		json_integer_value(json_object_get(answer, "resolution_ms")), 3600000);
	json_decref(answer);
	answer = ask_sealed("&agg=mean", "rollups");
	near(line(answer, 0), 7, 3000);
	json_decref(answer);
	answer = ask_sealed("&source=raw", "chunks");
	near(line(answer, 0), 7, 1000 + 7 * 12 + 11);
	near(line(answer, 0), 31, 1000 + 7 * 12 + 11);
	json_decref(answer);
	answer = ask_sealed("&source=raw&agg=min", "chunks");
	near(line(answer, 0), 7, 1000 + 7 * 12);
	json_decref(answer);
}

/* A day of which readings are gone is told in hours, however many points are asked. */
static void of_the_far_past_hours_are_told(void **state)
{
	(void)state;
	int64_t day_ms = SEALED_MS - 58 * INT64_C(86400000);
	char target[240];
	api_sql("UPDATE generation SET started_at = '2026-09-01' WHERE id = 1;"
		"SELECT partition_make_month('slot_rollup', '2026-09-23 00:00+00');"
		"INSERT INTO slot_rollup SELECT '2026-09-23 00:00+00', slot_id, "
		"metric, "
		"n, sum, low, high, last FROM slot_rollup "
		"WHERE at = '2026-11-20 00:00+00'");
	snprintf(target, sizeof target,
		"/api/v1/series?instance=1&metric=rss_kb&from=%" PRId64 "&to=%" PRId64,
		day_ms, day_ms + 86400000);
	json_t *answer = ask(target);
	assert_int_equal(
		json_integer_value(json_object_get(answer, "step_ms")), 3600000);
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(answer, "sources"), 0)),
		"rollups");
	near(line(answer, 0), 7, 4000);
	json_decref(answer);
	api_sql("UPDATE generation SET started_at = '2026-11-19' WHERE id = 1;"
		"DELETE FROM slot_rollup WHERE at < '2026-10-01'");
}

static void refused(const char *target, int status, const char *why)
{
	scoped_reply struct http_reply r;
	ask_in_turn(target, &r);
	if (r.status != status || !strstr(r.body.data, why))
		fail_msg("%s: %d %s", target, r.status, r.body.data);
}

static void what_cannot_be_asked_is_refused(void **state)
{
	(void)state;
	refused("/api/v1/series?instance=1&metric=rss_kb&agg=median", 400,
		"agg: must be one of");
	refused("/api/v1/series?instance=1&metric=cpu_ms&agg=max", 400, "is a rate");
	refused("/api/v1/series?instance=1&metric=rss_kb&source=disk", 400, "source");
}

static void damage_has_a_name(void **state)
{
	(void)state;
	char target[200];
	snprintf(target, sizeof target,
		"/api/v1/series?instance=1&metric=rss_kb&source=raw&from=%" PRId64
		"&to=%" PRId64,
		SEALED_MS, SEALED_TO_MS);
	api_sql("UPDATE chunk SET data = set_byte(data, 9, 255 - get_byte(data, 9)) "
		"WHERE metric = 0 AND at = '2026-11-21 00:00+00'");
	refused(target, 500, "chunk of 2026-11-21 00:00, process 1, rss_kb: ");
	api_sql("UPDATE chunk SET data = '\\x' WHERE metric = 0 AND at = '2026-11-21 "
		"00:00+00'");
	refused(target, 500, "chunk of 2026-11-21 00:00, process 1, rss_kb: ");
	api_sql("DELETE FROM chunk WHERE metric = -1 AND at = '2026-11-21 00:00+00'");
	refused(target, 500, "there are no times");
	/* Hours do not need it. */
	json_decref(ask_sealed("", "rollups"));
	api_sql("DELETE FROM chunk");
}

/* What became of one chart, and when. */
struct chart {
	pthread_t thread;
	struct http_reply reply;
	double took_s;
};

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *ask_chart(void *context)
{
	struct chart *chart = context;
	double start = seconds();
	api_ask("GET", "/api/v1/series?instance=1&metric=rss_kb", cookie, NULL,
		&chart->reply);
	chart->took_s = seconds() - start;
	return NULL;
}

static void slow_charts_leave_room_for_others(void **state)
{
	(void)state;
	enum { CHARTS = 24 };
	struct chart charts[CHARTS];
	struct err e = {0};
	size_t refused = 0, slow = 0;
	api_require(db_begin(api_db, &e) &&
			    db_script(api_db, "LOCK TABLE sample", "lock", &e),
		"lock", &e);
	for (size_t i = 0; i < CHARTS; i++)
		assert_int_equal(
			pthread_create(&charts[i].thread, NULL, ask_chart, &charts[i]),
			0);
	usleep(500000);
	double start = seconds();
	scoped_reply struct http_reply alive;
	api_ask("GET", "/healthz", "", NULL, &alive);
	assert_int_equal(alive.status, 200);
	assert_true(seconds() - start < 1);
	for (size_t i = 0; i < CHARTS; i++) {
		char wait[16];
		struct chart *c = &charts[i];
		pthread_join(c->thread, NULL);
		assert_int_equal(c->reply.status, 503);
		if (strstr(c->reply.body.data, "ask for a shorter span"))
			slow++;
		else if (http_field(&c->reply, "Retry-After", wait, sizeof wait))
			refused++;
		http_reply_finish(&c->reply);
	}
	db_rollback(api_db);
	/* How many are read depends on which threads took up the connections. */
	assert_true(slow > 0);
	assert_int_equal(slow + refused, CHARTS);
	assert_true(refused > 0);
	for (size_t i = 0; i < CHARTS; i++)
		assert_true(charts[i].took_s < 15);
	usleep(1100000); /* the threads have rested */
	json_decref(ask("/api/v1/series?instance=1&metric=rss_kb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_rates),
		cmocka_unit_test(a_restart_is_neither_fall_nor_leap),
		cmocka_unit_test(gauges_are_maxima),
		cmocka_unit_test(every_metric_answers),
		cmocka_unit_test(marks_tell_what_happened),
		cmocka_unit_test(nothing_known_is_an_empty_answer),
		cmocka_unit_test(hosts_have_a_busy_share),
		cmocka_unit_test(every_metric_is_its_own_column),
		cmocka_unit_test(too_many_lines_are_refused),
		cmocka_unit_test(hours_are_read_where_they_suffice),
		cmocka_unit_test(of_the_far_past_hours_are_told),
		cmocka_unit_test(what_cannot_be_asked_is_refused),
		cmocka_unit_test(damage_has_a_name),
		cmocka_unit_test(slow_charts_leave_room_for_others),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
