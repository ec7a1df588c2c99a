/*
 * Compare sets selections side by side: known slopes come back with their intervals,
 * what cannot be told is said to be, and what is asked wrongly is named.
 */
#include "server/api/http.h"
#include "tests/support/api.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#define SPAN "&metric=rss_anon_kb&from=1795338000000&to=1795341600000"

static char cookie[128];

/* Service 31 in versions 31 (steady) and 32 (grows by 30 MiB/h) on six hosts each, one
 * request a second and two; a day before, 32 was steady, too. */
static int set_up(void **state)
{
	api_set_up(state);
	api_log_in("eve", cookie);
	api_sql("SELECT partition_make('sample', '2026-11-21')");
	api_sql("UPDATE storage SET closed_to = '2026-11-21 00:00+00', compacted_to = "
		"'2026-11-21 00:00+00', sealed_to = '2026-11-21 00:00+00'");
	api_sql("INSERT INTO service (id, name, first_seen_at) OVERRIDING SYSTEM VALUE "
		"VALUES (31, 'cart', '2026-11-20 00:00+00')");
	api_sql("INSERT INTO fingerprint (id, service_id, version, runtime, "
		"first_seen_at) OVERRIDING SYSTEM VALUE VALUES "
		"(31, 31, '3.5.0', 'node 20', '2026-11-20 00:00+00'), "
		"(32, 31, '3.5.1', 'node 20', '2026-11-20 00:00+00')");
	api_sql("INSERT INTO host (id, machine_id, name, kernel, cpus, interval_ms, "
		"first_seen_at) OVERRIDING SYSTEM VALUE SELECT 100 + i, 'c' || i, "
		"'cart-' || i, '6.1', 2, 10000, '2026-11-20 00:00+00' "
		"FROM generate_series(1, 12) i");
	api_sql("INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM "
		"VALUE SELECT 100 + i, 31, 100 + i, 0 FROM generate_series(1, 12) i");
	api_sql("INSERT INTO generation (id, slot_id, fingerprint_id, host_id, "
		"boot_id, "
		"pid, start_ticks, started_at, last_sample_at, command, rule) "
		"OVERRIDING SYSTEM VALUE SELECT 100 + i, 100 + i, 31 + i % 2, 100 + i, "
		"'b', 500 + i, 500 + i, '2026-11-20 00:00+00', '2026-11-22 10:00+00', "
		"'node cart.js', 'script' FROM generate_series(1, 12) i");
	api_sql("INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, requests) "
		"SELECT 100 + i, t, kb, kb, s * (1 + i % 2) FROM generate_series(1, "
		"12) i, "
		"generate_series('2026-11-22 09:00:05+00'::timestamptz, "
		"'2026-11-22 09:59:55+00', '10 seconds') t, "
		"LATERAL (SELECT extract(epoch FROM t - '2026-11-22 09:00+00')::int8 "
		"AS s) a, "
		"LATERAL (SELECT (100000 + i % 2 * (30 + i * 0.1) * 1024 * s / 3600 "
		"+ 300 * sin(s * 0.7 + i) + 200 * cos(s * 0.11 * i))::int8 AS kb) b");
	api_sql("INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb) "
		"SELECT 100 + i, t, kb, kb FROM generate_series(1, 12) i, "
		"generate_series('2026-11-21 09:00:05+00'::timestamptz, "
		"'2026-11-21 09:59:55+00', '10 seconds') t, LATERAL (SELECT (100000 + "
		"300 * "
		"sin(extract(epoch FROM t) * 0.7 + i))::int8 AS kb) b");
	return 0;
}

static json_t *ask(const char *target)
{
	scoped_reply struct http_reply r;
	json_error_t why;
	api_ask("GET", target, cookie, NULL, &r);
	if (r.status != 200)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_t *answer = json_loads(r.body.data, 0, &why);
	assert_non_null(answer);
	return answer;
}

static json_t *item(json_t *answer, const char *list, size_t i)
{
	json_t *value = json_array_get(json_object_get(answer, list), i);
	assert_non_null(value);
	return value;
}

static double number(json_t *of, const char *member)
{
	json_t *value = json_object_get(of, member);
	if (!json_is_number(value))
		fail_msg("%s is no number", member);
	return json_number_value(value);
}

static const char *text(json_t *of, const char *member)
{
	const char *value = json_string_value(json_object_get(of, member));
	assert_non_null(value);
	return value;
}

static void known_slopes_come_back(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/compare?a=service:31,version:31"
			     "&b=service:31,version:32" SPAN);
	json_t *a = item(answer, "selections", 0), *b = item(answer, "selections", 1);
	json_t *d = item(answer, "differences", 0);
	assert_int_equal(number(a, "growth_hosts"), 6);
	assert_int_equal(number(b, "growth_hosts"), 6);
	assert_int_equal(number(b, "hosts_rising"), 6);
	assert_int_equal(number(b, "hosts"), 6);
	assert_true(fabs(number(b, "instance_hours") - 6) < 0.1);
	/* Odd hosts have 30 + 0.6 MiB/h on the average. */
	json_t *growth = json_object_get(d, "growth");
	assert_true(number(growth, "low") < 30.6 * 1024);
	assert_true(number(growth, "high") > 30.6 * 1024);
	assert_true(number(growth, "high") - number(growth, "low") < 4 * 1024);
	assert_string_equal(text(d, "verdict"), "faster");
	assert_true(number(d, "p") < 0.001);
	assert_true(fabs(number(a, "load_per_s") - 1) < 0.01);
	assert_true(fabs(number(b, "load_per_s") - 2) < 0.01);
	/* 30.6 MiB by 7,200 requests. */
	assert_true(
		fabs(number(json_object_get(b, "growth_per_1000_requests"), "value") -
			30.6 * 1024 / 7.2) < 200);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(d, "remarks"), 0)),
		"load_differs");
	assert_non_null(strstr(
		text(d, "text"), "cart 3.5.1 grows faster than cart 3.5.0 by 3"));
	assert_non_null(strstr(text(d, "text"), "6 hosts against 6"));
	json_decref(answer);
}

static void an_offset_is_another_time(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/compare?a=service:31,version:32,offset:86400000"
			     "&b=service:31,version:32" SPAN);
	json_t *a = item(answer, "selections", 0), *b = item(answer, "selections", 1);
	assert_string_equal(text(a, "label"), "cart 3.5.1 (1 day before)");
	assert_true(number(b, "from_ms") - number(a, "from_ms") == 86400000);
	assert_int_equal(number(a, "growth_hosts"), 6);
	assert_true(json_is_null(json_object_get(a, "load_per_s")));
	assert_string_equal(text(item(answer, "differences", 0), "verdict"), "faster");
	json_decref(answer);
}

static void parts_of_a_service_are_chosen(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/compare?a=service:31,host:101"
			     "&b=service:31,instance:102&c=service:31"
			     "&d=service:31,version:31,host:101" SPAN "&points=20");
	assert_string_equal(
		text(item(answer, "selections", 0), "label"), "cart on cart-1");
	assert_string_equal(
		text(item(answer, "selections", 1), "label"), "cart on cart-2 #0");
	static const int instances[] = {1, 1, 12, 0};
	for (size_t i = 0; i < 4; i++) {
		json_t *s = item(answer, "selections", i);
		assert_int_equal(number(s, "instances"), instances[i]);
		assert_int_equal(json_array_size(json_object_get(s, "median")), 20);
	}
	/* Host 101 runs the other version. */
	json_t *none = item(answer, "differences", 2);
	assert_string_equal(text(none, "verdict"), "unknown");
	assert_string_equal(text(none, "text"),
		"Too little to tell: nothing was read of cart 3.5.0 on cart-1");
	assert_true(json_is_null(json_object_get(none, "p")));
	json_decref(answer);
}

static void of_very_many_some_are_read(void **state)
{
	(void)state;
	api_sql("INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM "
		"VALUE SELECT 1000 + i, 31, 101 + i % 12, 10 + i "
		"FROM generate_series(0, 587) i");
	api_sql("INSERT INTO generation (id, slot_id, fingerprint_id, host_id, "
		"boot_id, "
		"pid, start_ticks, started_at, last_sample_at, command, rule) "
		"OVERRIDING SYSTEM VALUE SELECT 1000 + i, 1000 + i, 31, 101 + i % 12, "
		"'b', 5000 + i, 5000 + i, '2026-11-22 08:00+00', '2026-11-22 "
		"10:00+00', "
		"'node cart.js', 'script' FROM generate_series(0, 587) i");
	json_t *answer = ask(
		"/api/v1/compare?a=service:31&b=service:31,version:32" SPAN);
	json_t *a = item(answer, "selections", 0);
	assert_int_equal(number(a, "instances"), 600);
	assert_int_equal(number(a, "instances_read"), 96);
	assert_int_equal(number(item(answer, "selections", 1), "instances_read"), 6);
	json_decref(answer);
	api_sql("DELETE FROM generation WHERE id >= 1000");
	api_sql("DELETE FROM slot WHERE id >= 1000");
}

static void what_is_asked_wrongly_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		int status;
		const char *says;
	} cases[] = {
		{"?a=service:1" SPAN, 400, "b: is missing"},
		{"?b=service:1" SPAN, 400, "a: is missing"},
		{"?a=service:1&b=service:1&d=service:1" SPAN, 400, "d: comes after c"},
		{"?a=service:1&b=colour:red" SPAN, 400,
			"b: 'colour:red' is no part of a selection"},
		{"?a=version:1&b=service:1" SPAN, 400, "a: service is missing"},
		{"?a=service:1&b=service:1,host:web" SPAN, 400,
			"b: 'host:web': host must be a whole number"},
		{"?a=service:1&b=service:1", 400, "metric: is missing"},
		{"?a=service:1&b=service:1&metric=nope", 400, "metric: 'nope'"},
		{"?a=service:1&b=service:1&metric=fds&align=age", 400, "align"},
		{"?a=service:1&b=service:1&metric=fds&align=time,start", 400,
			"align: time or start, not both"},
		{"?a=service:1&b=service:1&metric=fds&points=121", 400, "points"},
		{"?a=service:1&b=service:1&metric=fds&from=5&to=4", 400, "from: must"},
		{"?a=service:1&b=service:1,offset:9000&metric=fds&from=8000&to=90000",
			400, "b: offset"},
		{"?a=service:1&b=service:1&metric=fds&e=service:1", 400, "e: no such"},
		{"?a=service:99&b=service:1" SPAN, 404, "a: no service has the id 99"},
		{"?a=service:1&b=service:2,version:1" SPAN, 404,
			"b: no version of the service has the id 1"},
		{"?a=service:1&b=service:1,host:99" SPAN, 404,
			"b: no host has the id 99"},
		{"?a=service:1,instance:5&b=service:1" SPAN, 404,
			"a: no instance of the service has the id 5"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		scoped_reply struct http_reply r;
		char target[300];
		snprintf(target, sizeof target, "/api/v1/compare%s", cases[i].target);
		api_ask("GET", target, cookie, NULL, &r);
		if (r.status != cases[i].status || !strstr(r.body.data, cases[i].says))
			fail_msg("%s: %d %s", target, r.status, r.body.data);
	}
	scoped_reply struct http_reply r;
	api_ask("GET", "/api/v1/compare?a=service:1&b=service:2" SPAN, "", NULL, &r);
	assert_int_equal(r.status, 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_slopes_come_back),
		cmocka_unit_test(an_offset_is_another_time),
		cmocka_unit_test(parts_of_a_service_are_chosen),
		cmocka_unit_test(of_very_many_some_are_read),
		cmocka_unit_test(what_is_asked_wrongly_is_named),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
