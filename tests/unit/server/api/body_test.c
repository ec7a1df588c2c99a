/*
 * Bodies are strict; what is wrong is named by a JSON Pointer.
 */
#include "server/api/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static struct arena arena;
static const char *pointer;
static struct err e;

static bool open_text(struct body *b, const char *text)
{
	pointer = NULL;
	e = (struct err){0};
	return body_open(
		b, (struct body_source){text, strlen(text)}, &arena, &pointer, &e);
}

static const struct body_text name = {"name", 8, true};
static const struct body_text note = {"note", 8, false};
static const struct body_int count = {"count", 1, 10, 5};

static void members_are_read(void **state)
{
	(void)state;
	scoped_body struct body b = {0};
	const char *text;
	int64_t number;
	assert_true(
		open_text(&b, "{\"count\": 7, \"name\": \"\\u00e9\", \"note\": null}"));
	assert_true(body_text(&b, &name, &text, &e));
	assert_string_equal(text, "\xc3\xa9");
	assert_true(body_text(&b, &note, &text, &e));
	assert_null(text);
	assert_true(body_int(&b, &count, &number, &e));
	assert_int_equal(number, 7);
	assert_true(body_finish(&b, &e));
}

static void an_empty_body_is_an_empty_object(void **state)
{
	(void)state;
	scoped_body struct body b = {0};
	const char *text;
	int64_t number;
	assert_true(open_text(&b, ""));
	assert_true(body_int(&b, &count, &number, &e));
	assert_int_equal(number, 5);
	assert_false(body_text(&b, &name, &text, &e));
	assert_string_equal(pointer, "/name");
	assert_string_equal(e.text, "name: is missing");
}

static void wrong_members_are_named(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"name\": 7}",
		"{\"name\": \"123456789\"}", "{\"name\": {}}", "{\"name\": null}"};
	static const char *const numbers[] = {"{\"count\": 0}", "{\"count\": 11}",
		"{\"count\": 1.5}", "{\"count\": \"1\"}", "{\"count\": true}"};
	const char *text;
	int64_t number;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		scoped_body struct body b = {0};
		assert_true(open_text(&b, texts[i]));
		if (body_text(&b, &name, &text, &e))
			fail_msg("%s is taken", texts[i]);
		assert_string_equal(pointer, "/name");
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		scoped_body struct body b = {0};
		assert_true(open_text(&b, numbers[i]));
		if (body_int(&b, &count, &number, &e))
			fail_msg("%s is taken", numbers[i]);
		assert_string_equal(pointer, "/count");
	}
}

static void yes_and_no_are_no_words(void **state)
{
	(void)state;
	static const struct body_bool wish = {"wish", true, false};
	static const struct body_bool must = {"wish", false, true};
	static const char *const wrong[] = {
		"{\"wish\": 1}", "{\"wish\": \"true\"}", "{\"wish\": []}"};
	bool value;
	{
		scoped_body struct body b = {0};
		assert_true(open_text(&b, "{\"wish\": false}"));
		assert_true(body_bool(&b, &wish, &value, &e) && !value);
		assert_true(body_finish(&b, &e));
	}
	{
		scoped_body struct body b = {0};
		assert_true(open_text(&b, "{}"));
		assert_true(body_bool(&b, &wish, &value, &e) && value);
		assert_false(body_bool(&b, &must, &value, &e));
		assert_string_equal(e.text, "wish: is missing");
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		scoped_body struct body b = {0};
		assert_true(open_text(&b, wrong[i]));
		if (body_bool(&b, &wish, &value, &e))
			fail_msg("%s is taken", wrong[i]);
		assert_string_equal(pointer, "/wish");
	}
}

static void objects_of_texts_are_read(void **state)
{
	(void)state;
	static const struct body_pairs want = {"labels", 2, 3, 5, true};
	const struct body_pair *pairs;
	size_t count;
	scoped_body struct body b = {0};
	assert_true(open_text(&b, "{\"labels\": {\"env\": \"prod\", \"b\": \"\"}}"));
	assert_true(body_pairs(&b, &want, &pairs, &count, &e));
	assert_true(body_finish(&b, &e));
	assert_int_equal(count, 2);
	assert_string_equal(pairs[0].name, "env");
	assert_string_equal(pairs[0].value, "prod");
	assert_string_equal(pairs[1].value, "");

	const char *const wrong[] = {"{}", "{\"labels\": null}", "{\"labels\": []}",
		"{\"labels\": \"env=prod\"}", "{\"labels\": {\"env\": 1}}",
		"{\"labels\": {\"env\": null}}", "{\"labels\": {\"long\": \"a\"}}",
		"{\"labels\": {\"env\": \"longer\"}}",
		"{\"labels\": {\"a\": \"\", \"b\": \"\", \"c\": \"\"}}"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		scoped_body struct body w = {0};
		assert_true(open_text(&w, wrong[i]));
		if (body_pairs(&w, &want, &pairs, &count, &e))
			fail_msg("%s is taken", wrong[i]);
		assert_string_equal(pointer, "/labels");
	}
}

static void unknown_members_are_refused(void **state)
{
	(void)state;
	scoped_body struct body b = {0};
	const char *text;
	assert_true(open_text(&b, "{\"name\": \"a\", \"nmae\": \"b\"}"));
	assert_true(body_text(&b, &name, &text, &e));
	assert_false(body_finish(&b, &e));
}

static void what_is_no_object_is_refused(void **state)
{
	(void)state;
	char deep[4001];
	memset(deep, '[', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	const char *const texts[] = {"[]", "7", "\"a\"", "null", "{", "{}x", "{'a':1}",
		"{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}", "\n",
		deep};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		scoped_body struct body b = {0};
		if (open_text(&b, texts[i]))
			fail_msg("%.20s is taken", texts[i]);
		assert_int_equal(e.kind, ERR_INPUT);
		assert_null(pointer);
	}
}

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_read),
		cmocka_unit_test(an_empty_body_is_an_empty_object),
		cmocka_unit_test(wrong_members_are_named),
		cmocka_unit_test(yes_and_no_are_no_words),
		cmocka_unit_test(objects_of_texts_are_read),
		cmocka_unit_test(unknown_members_are_refused),
		cmocka_unit_test(what_is_no_object_is_refused),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
