#include "agent/capture/statistics.h"
#include "tests/unit/cmocka_all.h"

#include <jansson.h>
#include <string.h>

static bool parse(const char *text, struct door_statistics *out, struct err *e)
{
	json_error_t failure;
	json_t *document = json_loads(text, 0, &failure);
	bool ok = statistics_parse(document, out, e);
	json_decref(document);
	return ok;
}

static void what_is_said_is_taken_and_the_rest_is_unknown(void **state)
{
	(void)state;
	struct door_statistics s;
	struct err e;
	assert_true(parse("{\"pid\":7,\"version\":\"20.20.2\",\"uptime\":1.5,"
			  "\"memory\":{\"rss\":5e7,\"heapUsed\":7000000},"
			  "\"heap\":{\"heap_size_limit\":4345298944},"
			  "\"resources\":{\"Timeout\":600,\"TCPServerWrap\":1},"
			  "\"warnings\":[{\"emitter\":\"Queue\",\"event\":\"error\","
			  "\"count\":11,\"first\":1700000000000}]}",
		&s, &e));
	assert_int_equal(s.pid, 7);
	assert_string_equal(s.version, "20.20.2");
	assert_true(s.uptime_s > 1.4 && s.uptime_s < 1.6);
	assert_int_equal(s.rss_bytes, 50000000);
	assert_int_equal(s.heap_used_bytes, 7000000);
	assert_int_equal(s.heap_limit_bytes, INT64_C(4345298944));
	assert_int_equal(s.resource_count, 2);
	assert_string_equal(s.resources[0].name, "Timeout");
	assert_int_equal(s.resources[0].count, 600);
	assert_string_equal(s.warnings[0].emitter, "Queue");
	assert_int_equal(s.warnings[0].first_ms, INT64_C(1700000000000));
	assert_int_equal(s.external_bytes, -1);
	assert_int_equal(s.requests, -1);
	assert_true(s.loop_delay_p99_ms < 0);
}

static void the_figures_of_a_preload_are_taken(void **state)
{
	(void)state;
	struct door_statistics s;
	struct err e;
	assert_true(parse(
		"{\"pid\":7,\"version\":\"24.0.0\",\"memory\":{\"heapUsed\":1},"
		"\"spaces\":{\"new_space\":1,\"old_space\":2,\"code_space\":4,"
		"\"large_object_space\":8,\"new_large_object_space\":16,"
		"\"trusted_space\":32,\"map_space\":64,\"odd_space\":\"x\"},"
		"\"resources\":{\"Timeout\":600,\"TCPServerWrap\":1},"
		"\"gc\":{\"count\":9,\"full\":2,\"ms\":1.5,\"floor\":5000},"
		"\"longest\":900,\"warnings\":[{\"emitter\":\"Queue\","
		"\"event\":\"error\",\"count\":40,\"times\":2,\"now\":31,"
		"\"stack\":[\"/srv/a.js:7:20\",\"at me (x)\",7,\"/srv/a?k=v:1:1\","
		"\"/srv/b.mjs:1:1\"]}]}",
		&s, &e));
	assert_int_equal(s.space_new_bytes, 1);
	assert_int_equal(s.space_old_bytes, 2);
	assert_int_equal(s.space_code_bytes, 4);
	assert_int_equal(s.space_large_bytes, 24);
	assert_int_equal(s.space_other_bytes, 96);
	assert_int_equal(s.resources_all, 601);
	assert_int_equal(s.gc_full_count, 2);
	assert_int_equal(s.heap_floor_bytes, 5000);
	assert_int_equal(s.longest_reading_us, 900);
	assert_int_equal(s.listeners, 31);
	assert_int_equal(s.warnings[0].times, 2);
	assert_string_equal(s.warnings[0].stack, "/srv/a.js:7:20\n/srv/b.mjs:1:1");
}

static void a_place_is_a_path_and_two_numbers(void **state)
{
	(void)state;
	static const char *const good[] = {"/a.js:1:2", "/a b/c@1.0.0/d.js:10:20"};
	static const char *const bad[] = {"", "a.js:1:2", "/a.js:1",
		"/a.js:1:", "/a.js", "/a?b:1:2", "/a\nb:1:2", "/:", ":1:2",
		"/aaaaaaaaaaaaaaaaaaaaaaaaaaa:1:2"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(statistics_is_place(good[i], 32));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(statistics_is_place(bad[i], 32));
	assert_false(statistics_is_place(NULL, 32));
}

static void what_is_missing_or_absurd_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"[]",
		"{}",
		"{\"pid\":0,\"version\":\"20\",\"memory\":{\"heapUsed\":1}}",
		"{\"pid\":1e10,\"version\":\"20\",\"memory\":{\"heapUsed\":1}}",
		"{\"pid\":7,\"version\":20,\"memory\":{\"heapUsed\":1}}",
		"{\"pid\":7,\"version\":\"20\",\"memory\":{\"heapUsed\":-1}}",
		"{\"pid\":7,\"version\":\"20\",\"memory\":{\"heapUsed\":1e300}}",
		"{\"pid\":7,\"version\":\"20\",\"memory\":{\"heapUsed\":\"1\"}}",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct door_statistics s;
		struct err e = {0};
		assert_false(parse(texts[i], &s, &e));
		assert_int_equal(e.kind, ERR_INPUT);
	}
	struct err e;
	struct door_statistics s;
	assert_false(statistics_parse(NULL, &s, &e));
}

static void texts_that_are_no_names_stay_here(void **state)
{
	(void)state;
	struct door_statistics s;
	struct err e;
	assert_true(parse(
		"{\"pid\":7,\"version\":\"<img "
		"onerror=x>\",\"memory\":{\"heapUsed\":1},"
		"\"resources\":{\"alice@example.org\":1},"
		"\"warnings\":[{\"emitter\":\"a b\",\"event\":\"chat:4111 1111\"},"
		"{\"emitter\":7},{\"event\":\"Symbol(x)\"}]}",
		&s, &e));
	assert_string_equal(s.version, "?");
	assert_string_equal(s.resources[0].name, "[key]");
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(s.warnings[i].emitter, "[key]");
		assert_string_equal(s.warnings[i].event, "[key]");
	}
}

static void lists_are_cut_to_the_largest(void **state)
{
	(void)state;
	json_t *document = json_loads(
		"{\"pid\":7,\"version\":\"20\",\"memory\":{\"heapUsed\":1}}", 0, NULL);
	json_t *resources = json_object(), *warnings = json_array();
	for (int i = 0; i < 500; i++) {
		char name[16];
		snprintf(name, sizeof name, "r%d", i);
		json_object_set_new(
			resources, name, json_integer((i * 7919) % 500 + 1));
		json_array_append_new(warnings, json_object());
	}
	json_object_set_new(document, "resources", resources);
	json_object_set_new(document, "warnings", warnings);
	struct door_statistics s;
	struct err e;
	assert_true(statistics_parse(document, &s, &e));
	assert_int_equal(s.resource_count, DOOR_RESOURCES_MAX);
	assert_int_equal(s.warning_count, DOOR_WARNINGS_MAX);
	for (size_t i = 0; i < DOOR_RESOURCES_MAX; i++)
		assert_int_equal(s.resources[i].count, 500 - i);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_is_taken_and_the_rest_is_unknown),
		cmocka_unit_test(the_figures_of_a_preload_are_taken),
		cmocka_unit_test(a_place_is_a_path_and_two_numbers),
		cmocka_unit_test(what_is_missing_or_absurd_is_refused),
		cmocka_unit_test(texts_that_are_no_names_stay_here),
		cmocka_unit_test(lists_are_cut_to_the_largest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
