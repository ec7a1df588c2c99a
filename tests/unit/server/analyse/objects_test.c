#include "server/analyse/objects.h"
#include "tests/unit/cmocka_all.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define HEAPS TIDEMARK_SOURCE_DIR "/tests/golden/heap/"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static struct objects_input nothing_known(void)
{
	struct objects_input in = {.classes = NULL};
	for (int i = 0; i < OBJECTS_COUNTERS; i++)
		in.delta[i] = (double)NAN;
	return in;
}

/* A class that grew from 100 by so many objects of 64 bytes. */
static struct objects_class class_of(const char *name, int64_t more)
{
	return (struct objects_class){
		name, "", 100, 100 + more, 6400, 6400 + 64 * more};
}

static struct objects_result explain(
	struct objects_input *in, const struct objects_class *classes, size_t count)
{
	struct objects_result r;
	in->classes = classes;
	in->class_count = count;
	objects_explain(in, &arena, &r);
	return r;
}

/* Two real heaps of one process, as DevTools counts their classes. */
static json_t *load(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, HEAPS "%s.expected.json", name);
	json_t *heap = json_load_file(path, 0, NULL);
	assert_non_null(heap);
	return heap;
}

static void put_side(struct objects_class *c, json_t *row, bool after)
{
	int64_t count = json_integer_value(json_object_get(row, "count"));
	int64_t bytes = json_integer_value(json_object_get(row, "shallow"));
	c->name = json_string_value(json_object_get(row, "name"));
	c->location = json_string_value(json_object_get(row, "key"));
	*(after ? &c->count_after : &c->count_before) = count;
	*(after ? &c->bytes_after : &c->bytes_before) = bytes;
}

static size_t pair(const char *before, const char *after, struct objects_class **out)
{
	json_t *side[2] = {load(before), load(after)};
	struct objects_class *classes = arena_array(&arena, 1000, sizeof *classes);
	size_t count = 0;
	for (int s = 0; s < 2; s++) {
		size_t i;
		json_t *row;
		json_array_foreach(json_object_get(side[s], "classes"), i, row)
		{
			const char *key = json_string_value(
				json_object_get(row, "key"));
			size_t at = 0;
			while (at < count && strcmp(classes[at].location, key))
				at++;
			put_side(&classes[at], row, s == 1);
			classes[at].name = arena_strdup(&arena, classes[at].name);
			classes[at].location = arena_strdup(&arena, key);
			if (at == count)
				assert_true(++count < 1000);
		}
	}
	json_decref(side[0]);
	json_decref(side[1]);
	*out = classes;
	return count;
}

static const struct objects_match *find(
	const struct objects_result *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->matches[i].of->name, name))
			return &r->matches[i];
	fail_msg("no %s grew", name);
	return NULL;
}

static void one_object_for_each_request_is_said_so(void **state)
{
	(void)state;
	struct objects_class classes[] = {class_of("Listener", 12204)};
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 12198;
	struct objects_result r = explain(&in, classes, 1);
	assert_int_equal(r.count, 1);
	assert_string_equal(r.matches[0].text,
		"12,204 more Listener objects: one for each of 12,198 requests");
	assert_int_equal(r.matches[0].meaning, OBJECTS_KEPT);
	assert_int_equal(r.matches[0].counter, OBJECTS_REQUESTS);
	assert_int_equal(r.matches[0].fits, 1 << OBJECTS_REQUESTS);
	assert_true(fabs(r.matches[0].error - 6 / 12198.0) < 1e-12);
	double chance = 13 / (12198 * log(100));
	assert_true(fabs(r.matches[0].chance - chance) < 1e-12);
	assert_int_equal(r.meaning, OBJECTS_KEPT);
	assert_string_equal(
		r.text, "1 class (763 KiB) keeps objects of work that is over");
}

/* A leak of 1,000 requests of koa: a listener, and with it its request and response. */
static void the_listener_leak_is_one_for_each_request(void **state)
{
	(void)state;
	struct objects_class *classes;
	size_t count = pair("a-koa-1", "a-koa-2", &classes);
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 1000;
	struct objects_result r = explain(&in, classes, count);
	const struct objects_match *m = find(&r, "ServerResponse");
	assert_string_equal(m->text,
		"1,000 more ServerResponse objects: one for each of 1,000 requests");
	assert_int_equal(find(&r, "IncomingMessage")->meaning, OBJECTS_KEPT);
	assert_int_equal(find(&r, "{finish}")->meaning, OBJECTS_KEPT);
	assert_int_equal(find(&r, "(compiled code)")->meaning, OBJECTS_UNEXPLAINED);
	/* 10,075: may be ten each, which is no evidence */
	assert_int_equal(find(&r, "Array")->meaning, OBJECTS_UNEXPLAINED);
	assert_true(r.classes[OBJECTS_KEPT] >= 13);
	assert_int_equal(r.meaning, OBJECTS_KEPT);
	for (size_t i = 1; i < r.count; i++)
		assert_true(r.matches[i - 1].more_bytes >= r.matches[i].more_bytes);
}

static void timers_are_two_for_each_request(void **state)
{
	(void)state;
	struct objects_class *classes;
	size_t count = pair("c-timers-n20-1", "c-timers-n20-2", &classes);
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 3000;
	struct objects_result r = explain(&in, classes, count);
	assert_string_equal(find(&r, "Timeout")->text,
		"6,000 more Timeout objects: two for each of 3,000 requests");
	assert_int_equal(find(&r, "HttpMetrics")->objects, 1);
	assert_int_equal(r.meaning, OBJECTS_KEPT);
}

/* Jobs that wait: 5,000 came, 3,000 were done. */
static void jobs_that_wait_are_a_backlog(void **state)
{
	(void)state;
	struct objects_class *classes;
	size_t count = pair("b2-memqueue-n22-1", "b2-memqueue-n22-2", &classes);
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 5000;
	in.delta[OBJECTS_ENQUEUED] = 5000;
	in.delta[OBJECTS_COMPLETED] = 3000;
	struct objects_result r = explain(&in, classes, count);
	const struct objects_match *m = find(&r, "Job");
	assert_int_equal(m->meaning, OBJECTS_BACKLOG);
	assert_int_equal(m->counter, OBJECTS_WAITING);
	assert_string_equal(m->text,
		"2,000 more Job objects: one for each of 2,000 items that wait");
	assert_int_equal(r.meaning, OBJECTS_BACKLOG);
	assert_non_null(strstr(r.text, "are items that wait"));
}

static void what_several_counters_explain_is_not_chosen(void **state)
{
	(void)state;
	struct objects_class classes[] = {class_of("Job", 2000)};
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 2001;
	in.delta[OBJECTS_ENQUEUED] = 2000;
	in.delta[OBJECTS_COMPLETED] = 0;
	struct objects_result r = explain(&in, classes, 1);
	assert_int_equal(r.matches[0].meaning, OBJECTS_UNDECIDED);
	assert_int_equal(r.matches[0].fits,
		1 << OBJECTS_REQUESTS | 1 << OBJECTS_ENQUEUED | 1 << OBJECTS_WAITING);
	assert_string_equal(r.matches[0].text,
		"2,000 more Job objects: one for each of 2,000 items enqueued, as well "
		"as "
		"2,001 requests, as well as 2,000 items that wait");
	assert_int_equal(r.meaning, OBJECTS_UNDECIDED);

	/* Several that mean the same are no doubt. */
	in.delta[OBJECTS_ENQUEUED] = (double)NAN;
	in.delta[OBJECTS_COMPLETED] = 2000;
	r = explain(&in, classes, 1);
	assert_int_equal(r.matches[0].meaning, OBJECTS_KEPT);
}

/* Two thirds of what was completed is as many, but nine times as far-fetched. */
static void the_simpler_ratio_is_believed(void **state)
{
	(void)state;
	struct objects_class classes[] = {class_of("Job", 2000)};
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_ENQUEUED] = 5000;
	in.delta[OBJECTS_COMPLETED] = 3000;
	struct objects_result r = explain(&in, classes, 1);
	assert_int_equal(r.matches[0].meaning, OBJECTS_BACKLOG);
	assert_int_equal(r.matches[0].fits, 1 << OBJECTS_WAITING);
}

static void fractions_are_read(void **state)
{
	(void)state;
	struct objects_class classes[] = {
		class_of("Batch", 5000), class_of("Half", 6667)};
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_CONNECTIONS] = 50000;
	struct objects_result r = explain(&in, classes, 1);
	assert_string_equal(r.matches[0].text, "5,000 more Batch objects: one for "
					       "every ten of 50,000 connections that "
					       "were opened");
	in.delta[OBJECTS_CONNECTIONS] = (double)NAN;
	in.delta[OBJECTS_OPEN_CONNECTIONS] = 10000;
	r = explain(&in, classes + 1, 1);
	assert_string_equal(r.matches[0].text, "6,667 more Half objects: two for every "
					       "three of 10,000 open connections");
	assert_int_equal(r.meaning, OBJECTS_IN_USE);
	assert_non_null(strstr(r.text, "belongs to open connections"));
}

static void small_numbers_prove_nothing(void **state)
{
	(void)state;
	struct objects_class classes[10];
	for (int i = 0; i < 10; i++)
		classes[i] = class_of("Thing", 90);
	struct objects_input in = nothing_known();
	for (int i = 0; i < 4; i++)
		in.delta[i] = 90;
	struct objects_result r = explain(&in, classes, 10);
	assert_int_equal(r.count, 10);
	assert_int_equal(r.classes[OBJECTS_UNEXPLAINED], 10);
	assert_int_equal(r.meaning, OBJECTS_UNEXPLAINED);
	assert_string_equal(
		r.matches[0].text, "90 more Thing objects: no count goes with them");
}

static void near_is_not_enough(void **state)
{
	(void)state;
	struct objects_class classes[] = {class_of("Array", 1020)};
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 1000;
	struct objects_result r = explain(&in, classes, 1);
	assert_int_equal(r.matches[0].meaning, OBJECTS_UNEXPLAINED);

	/* Nor are 2 % of very many. */
	classes[0] = class_of("Array", 102000000);
	in.delta[OBJECTS_REQUESTS] = 100000000;
	r = explain(&in, classes, 1);
	assert_int_equal(r.matches[0].meaning, OBJECTS_UNEXPLAINED);
}

static void a_heap_that_rests_has_nothing_to_explain(void **state)
{
	(void)state;
	struct objects_class *classes;
	size_t count = pair("ctl-http-n18-1", "ctl-http-n18-2", &classes);
	struct objects_input in = nothing_known();
	in.delta[OBJECTS_REQUESTS] = 2000;
	struct objects_result r = explain(&in, classes, count);
	assert_int_equal(r.classes[OBJECTS_UNEXPLAINED], r.count);
	assert_true(r.count <= 1); /* compiled code */
	assert_string_equal(explain(&in, classes, 0).text, "no class grew");
}

static double uniform(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (double)(*seed >> 8) / (1 << 24);
}

/* Real growth against counters that have nothing to do with it. */
static void chance_explains_one_comparison_in_twenty_at_most(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"a-koa-1", "a-koa-2"},
		{"b-kue-n20-1", "b-kue-n20-3"},
		{"b2-memqueue-n22-1", "b2-memqueue-n22-2"},
		{"c-timers-n12-1", "c-timers-n12-2"},
		{"c-timers-n20-1", "c-timers-n20-2"},
		{"d-mapcache-n16-1", "d-mapcache-n16-2"},
		{"e-closures-n20-1", "e-closures-n20-2"}};
	uint32_t seed = 7;
	int tried = 0, matched = 0;
	for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
		struct objects_class *classes;
		size_t count = pair(pairs[p][0], pairs[p][1], &classes);
		for (int n = 0; n < 1000; n++) {
			struct objects_input in = nothing_known();
			for (int i = 0; i < 4; i++)
				in.delta[i] = round(
					100 * exp(uniform(&seed) * log(1000)));
			struct objects_result r = explain(&in, classes, count);
			matched += r.classes[OBJECTS_UNEXPLAINED] < r.count;
			tried++;
		}
	}
	print_message("by chance %d of %d\n", matched, tried);
	assert_true(matched > 0); /* the test can fail */
	assert_true(matched <= tried / 20);
}

static void nonsense_is_safe(void **state)
{
	(void)state;
	char name[400];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = 0;
	memcpy(name + 79, "\xc3\xa4", 2);
	struct objects_class classes[] = {
		{name, "", 0, INT64_MAX, INT64_MIN, INT64_MAX},
		{"\xff\xfe", "", 0, 10000, INT64_MAX, INT64_MIN},
		{"", "", 0, 10000, 0, 0},
		{"negative", "", -5, 10000, 0, 0},
		{"shrank", "", 10000, 5, 0, 0},
		{"little", "", 1000000, 1010000, 0, 0},
	};
	static const double wild[] = {-1, 0, 1e300, 10000, 0.5};
	for (size_t i = 0; i < sizeof wild / sizeof *wild + 2; i++) {
		struct objects_input in = nothing_known();
		for (int k = 0; k < OBJECTS_COUNTERS && i < 5; k++)
			in.delta[k] = wild[i];
		if (i == 5)
			in.delta[OBJECTS_ENQUEUED] = INFINITY;
		struct objects_result r = explain(&in, classes, 6);
		assert_int_equal(r.count, 3);
		assert_ptr_equal(r.matches[0].of, &classes[0]);
		assert_non_null(strstr(r.matches[0].text, "x\xc3\xa4... objects"));
		for (size_t k = 0; k < r.count; k++)
			assert_non_null(r.matches[k].text);
		bool explained = r.matches[1].meaning != OBJECTS_UNEXPLAINED;
		assert_int_equal(explained, i == 3);
	}
	assert_string_equal(objects_meaning_name(OBJECTS_KEPT), "kept");
	assert_string_equal(objects_counter_name(OBJECTS_WAITING), "waiting");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_object_for_each_request_is_said_so),
		cmocka_unit_test(the_listener_leak_is_one_for_each_request),
		cmocka_unit_test(timers_are_two_for_each_request),
		cmocka_unit_test(jobs_that_wait_are_a_backlog),
		cmocka_unit_test(what_several_counters_explain_is_not_chosen),
		cmocka_unit_test(the_simpler_ratio_is_believed),
		cmocka_unit_test(fractions_are_read),
		cmocka_unit_test(small_numbers_prove_nothing),
		cmocka_unit_test(near_is_not_enough),
		cmocka_unit_test(a_heap_that_rests_has_nothing_to_explain),
		cmocka_unit_test(chance_explains_one_comparison_in_twenty_at_most),
		cmocka_unit_test(nonsense_is_safe),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
