/*
 * Lines by age begin at their process's start, growth begins at zero, kinds of memory
 * add up, and bands of short spans are as fine as readings are.
 */
#include "schema/metric.h"
#include "tests/support/api.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#define HOUR "from=1795338000000&to=1795341600000" /* 09:00 to 10:00 */

static char cookie[128];

static int set_up(void **state)
{
	api_set_up(state);
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_insight.sql");
	api_log_in("eve", cookie);
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

static void refused(const char *target, const char *words)
{
	scoped_reply struct http_reply r;
	api_ask("GET", target, cookie, NULL, &r);
	if (r.status != 400 || !strstr(r.body.data, words))
		fail_msg("%s: %d %s", target, r.status, r.body.data);
}

static json_int_t whole(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static double at(json_t *values, size_t i)
{
	json_t *value = json_array_get(values, i);
	return json_is_null(value) ? NAN : json_number_value(value);
}

/* Seat 3 had three processes in that hour, of which the last began at 09:30. */
static void each_process_has_a_line_from_its_start(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/series?instance=3&metric=rss_anon_kb&" HOUR
			     "&points=60&align=start");
	json_t *lines = json_object_get(answer, "series"), *life;
	size_t i;
	assert_string_equal(
		json_string_value(json_object_get(answer, "align")), "start");
	assert_int_equal(whole(answer, "from_ms"), 0);
	assert_int_equal(whole(answer, "to_ms"), 3600000);
	assert_int_equal(whole(json_object_get(answer, "lives"), "shown"),
		json_array_size(lines));
	assert_true(json_array_size(lines) >= 2);
	json_int_t before = INT64_MAX;
	json_array_foreach(lines, i, life)
	{
		assert_true(whole(life, "started_ms") <= before);
		before = whole(life, "started_ms");
	}
	life = json_array_get(lines, 0);
	json_t *values = json_object_get(life, "values");
	assert_int_equal(whole(life, "started_ms"), INT64_C(1795339800000));
	assert_false(isnan(at(values, 1)));
	/* It is half an hour old. */
	assert_true(isnan(at(values, 45)));
	json_decref(answer);
}

static void growth_begins_at_zero(void **state)
{
	(void)state;
	json_t *plain = ask(
		"/api/v1/series?instance=3&metric=rss_anon_kb&" HOUR "&points=12");
	json_t *grown = ask("/api/v1/series?instance=3&metric=rss_anon_kb&" HOUR
			    "&points=12&delta=true");
	for (size_t l = 0; l < json_array_size(json_object_get(plain, "series")); l++) {
		json_t *was = json_object_get(
			json_array_get(json_object_get(plain, "series"), l), "values");
		json_t *is = json_object_get(
			json_array_get(json_object_get(grown, "series"), l), "values");
		double first = NAN;
		for (size_t i = 0; i < json_array_size(was); i++) {
			assert_int_equal(isnan(at(was, i)), isnan(at(is, i)));
			if (isnan(at(was, i)))
				continue;
			if (isnan(first))
				first = at(was, i);
			assert_true(at(is, i) == at(was, i) - first);
		}
		assert_false(isnan(first));
	}
	json_decref(plain);
	json_decref(grown);
}

static void what_cannot_be_asked_is_refused(void **state)
{
	(void)state;
	refused("/api/v1/series?instance=3&metric=cpu_ratio&delta=true", "is a rate");
	refused("/api/v1/series?instance=3&metric=rss_kb&align=end", "align");
	refused("/api/v1/series?instance=3&metric=rss_kb&age_to=5", "only with align");
	refused("/api/v1/series?instance=3&metric=rss_kb&align=start&age_from=9&age_to="
		"9",
		"age_from");
	refused("/api/v1/services/21/memory?instance=1", "not one of this service");
	refused("/api/v1/services/1/instances?sort=best", "sort");
}

static void the_heap_is_told_as_part_of_its_limit(void **state)
{
	(void)state;
	json_t *ratio = ask(
		"/api/v1/series?instance=28&metric=heap_ratio&" HOUR "&points=12");
	json_t *used = ask(
		"/api/v1/series?instance=28&metric=heap_used_kb&" HOUR "&points=12");
	json_t *limit = ask(
		"/api/v1/series?instance=28&metric=heap_limit_kb&" HOUR "&points=12");
	assert_string_equal(json_string_value(json_object_get(ratio, "unit")), "ratio");
	json_t *values[3] = {ratio, used, limit};
	size_t known = 0;
	for (int k = 0; k < 3; k++)
		values[k] = json_object_get(
			json_array_get(json_object_get(values[k], "series"), 0),
			"values");
	for (size_t i = 0; i < json_array_size(values[0]); i++) {
		if (isnan(at(values[0], i)))
			continue;
		known++;
		assert_true(fabs(at(values[0], i) -
				    at(values[1], i) / at(values[2], i)) < 1e-5);
	}
	assert_true(known > 0);
	json_decref(ratio);
	json_decref(used);
	json_decref(limit);
}

static void snapshots_are_marked(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/series?service=1&metric=rss_kb&points=10&from="
			     "1795334400000&to=1795341600000");
	json_t *marks = json_object_get(answer, "marks"), *mark;
	size_t i, found = 0;
	json_array_foreach(marks, i, mark)
	{
		const char *kind = json_string_value(json_object_get(mark, "kind"));
		if (strcmp(kind, "snapshot") != 0)
			continue;
		found++;
		assert_true(whole(mark, "id") > 0);
		assert_non_null(strstr(
			json_string_value(json_object_get(mark, "text")), "MiB"));
	}
	assert_true(found > 0);
	json_decref(answer);
}

/* One that began before the span is there, too; one that is over is not. */
static void experiments_are_marked(void **state)
{
	(void)state;
	api_sql("DELETE FROM experiment;"
		"INSERT INTO experiment (service_id, name, from_at, to_at, created_by) "
		"VALUES (1, 'ab -c 10', '2026-11-22 08:50+00', '2026-11-22 09:20+00', "
		"'ada'), (1, 'canary', '2026-11-22 09:40+00', NULL, 'ada'), "
		"(1, 'over', '2026-11-22 08:00+00', '2026-11-22 08:30+00', 'ada')");
	json_t *answer = ask("/api/v1/series?service=1&metric=rss_kb&points=10&" HOUR);
	json_t *marks = json_object_get(answer, "marks"), *mark;
	size_t i, found = 0;
	json_array_foreach(marks, i, mark)
	{
		const char *kind = json_string_value(json_object_get(mark, "kind"));
		if (strcmp(kind, "experiment") != 0)
			continue;
		assert_int_equal(whole(mark, "instance"), 0);
		assert_int_equal(
			json_is_integer(json_object_get(mark, "to_ms")), found == 0);
		found++;
	}
	assert_int_equal(found, 2);
	json_decref(answer);
}

static void bands_of_a_short_span_are_fine(void **state)
{
	(void)state;
	json_t *answer = ask(
		"/api/v1/services/1/bands?metric=rss_anon_kb&" HOUR "&points=60");
	json_t *version, *marks = json_object_get(answer, "marks"), *mark;
	size_t i;
	assert_int_equal(whole(answer, "step_ms"), 60000);
	json_array_foreach(json_object_get(answer, "versions"), i, version)
	{
		json_t *n = json_object_get(version, "n");
		assert_int_equal(json_array_size(n), 60);
		for (size_t k = 0; k < 60; k++) {
			static const char *const rising[] = {
				"min", "p10", "median", "p90", "max"};
			for (int r = 1; r < 5 && !isnan(at(n, k)); r++)
				assert_true(at(json_object_get(version, rising[r - 1]),
						    k) <=
					    at(json_object_get(version, rising[r]), k));
		}
	}
	json_array_foreach(marks, i, mark) assert_true(whole(mark, "count") >= 1);
	json_decref(answer);
	answer = ask("/api/v1/services/1/bands?metric=rss_anon_kb&from=1795255200000&"
		     "to=1795341600000&points=100");
	assert_int_equal(whole(answer, "step_ms") % 300000, 0);
	json_decref(answer);
}

static void kinds_of_memory_add_up(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/services/21/memory?" HOUR "&points=12");
	json_t *rss = json_object_get(answer, "rss"), *kind;
	size_t i, steps = 0;
	double sum[12] = {0};
	json_array_foreach(json_object_get(answer, "kinds"), i, kind)
	{
		for (size_t k = 0; k < 12; k++)
			sum[k] += isnan(at(rss, k))
					  ? 0
					  : at(json_object_get(kind, "values"), k);
	}
	for (size_t k = 0; k < 12; k++) {
		if (isnan(at(rss, k)))
			continue;
		steps++;
		/* Each is rounded. */
		assert_true(fabs(sum[k] - at(rss, k)) < 5);
	}
	assert_true(steps > 0);
	assert_true(json_array_size(json_object_get(answer, "kinds")) > 3);
	json_decref(answer);
}

static void the_worst_instances_come_first(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/services/1/instances?sort=worst&limit=2");
	json_t *items = json_object_get(answer, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_null(json_object_get(answer, "next"));
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(items, 0), "verdict")),
		"leak");
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_has_a_line_from_its_start),
		cmocka_unit_test(growth_begins_at_zero),
		cmocka_unit_test(what_cannot_be_asked_is_refused),
		cmocka_unit_test(the_heap_is_told_as_part_of_its_limit),
		cmocka_unit_test(snapshots_are_marked),
		cmocka_unit_test(experiments_are_marked),
		cmocka_unit_test(bands_of_a_short_span_are_fine),
		cmocka_unit_test(kinds_of_memory_add_up),
		cmocka_unit_test(the_worst_instances_come_first),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
