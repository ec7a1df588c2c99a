/*
 * Queries are decoded strictly; whatever is wrong is named.
 */
#include "common/buf.h"
#include "server/api/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static struct arena arena;
static struct query q;
static struct err e;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	e = (struct err){0};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static void parse(const char *text)
{
	if (!query_parse(text, &arena, &q, &e))
		fail_msg("'%s' is refused: %s", text, e.text);
}

static void refused(const char *text, const char *name)
{
	e = (struct err){0};
	if (query_parse(text, &arena, &q, &e))
		fail_msg("'%s' is taken", text);
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.text, name))
		fail_msg("'%s' says '%s', not '%s'", text, e.text, name);
}

static void values_are_decoded(void **state)
{
	(void)state;
	const char *value;
	parse("q=a%20b+c%26%3d%C3%A9&empty=&bare&&limit=7");
	assert_true(query_text(&q, "q", 64, &value, &e));
	assert_string_equal(value, "a b c&=\xc3\xa9");
	assert_true(query_text(&q, "empty", 64, &value, &e));
	assert_null(value);
	assert_true(query_text(&q, "bare", 64, &value, &e));
	assert_null(value);
	assert_true(query_text(&q, "absent", 64, &value, &e));
	assert_null(value);
	assert_false(query_finish(&q, &e));
	assert_non_null(strstr(e.text, "limit: no such parameter"));
}

static void broken_text_is_refused(void **state)
{
	(void)state;
	refused("a=%", "a:");
	refused("a=%4", "a:");
	refused("a=%4g", "a:");
	refused("b=%00", "b:");
	refused("b=%0a", "b:");
	refused("c=%c3", "c:");
	refused("c=%c0%af", "c:");
	refused("c=\xff", "c:");
	refused("A=1", "parameter 1");
	refused("=1", "parameter 1");
	refused("x=1&a%62=1", "parameter 2");
	refused("limit=1&limit=1", "limit: given twice");
}

static void limits_hold(void **state)
{
	(void)state;
	struct buf text = {0};
	for (int i = 0; i < QUERY_PARAMETERS_MAX; i++)
		buf_printf(&text, "a%c=1&", 'a' + i);
	parse(text.data);
	buf_text(&text, "last=1");
	refused(text.data, "last: more than");
	buf_reset(&text);
	buf_text(&text, "a=");
	while (text.length < QUERY_LENGTH_MAX)
		buf_byte(&text, 'x');
	parse(text.data);
	buf_byte(&text, 'x');
	refused(text.data, "longer than 8000");
	buf_finish(&text);
}

static void numbers_have_bounds(void **state)
{
	(void)state;
	static const struct query_range range = {1, 1000, 100};
	static const char *const wrong[] = {"n=0", "n=1001", "n=1.5", "n=1e2", "n=%201",
		"n=0x1", "n=-", "n=99999999999999999999999", "n=1,2", "n=%2b1"};
	int64_t n;
	parse("n=1000");
	assert_true(query_int(&q, "n", &range, &n, &e));
	assert_int_equal(n, 1000);
	parse("");
	assert_true(query_int(&q, "n", &range, &n, &e));
	assert_int_equal(n, 100);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		parse(wrong[i]);
		n = 42;
		if (query_int(&q, "n", &range, &n, &e))
			fail_msg("'%s' is taken", wrong[i]);
		assert_string_equal(e.text, "n: must be a whole number from 1 to 1000");
		assert_int_equal(n, 42);
	}
}

static void truth_has_two_words(void **state)
{
	(void)state;
	int value;
	parse("a=true&b=false&c=1");
	assert_true(query_bool(&q, "a", &value, &e) && value == 1);
	assert_true(query_bool(&q, "b", &value, &e) && value == 0);
	assert_true(query_bool(&q, "d", &value, &e) && value == -1);
	assert_false(query_bool(&q, "c", &value, &e));
	assert_string_equal(e.text, "c: must be true or false");
}

static void ids_are_a_list(void **state)
{
	(void)state;
	static const char *const wrong[] = {"i=,", "i=1,", "i=1,,2", "i=0", "i=-1",
		"i=01", "i=2147483648", "i=1,1", "i=a"};
	const int64_t *ids;
	size_t count;
	parse("i=7,2147483647,9");
	assert_true(query_ids(&q, "i", &ids, &count, &e));
	assert_int_equal(count, 3);
	assert_int_equal(ids[1], 2147483647);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		parse(wrong[i]);
		if (query_ids(&q, "i", &ids, &count, &e))
			fail_msg("'%s' is taken", wrong[i]);
		assert_memory_equal(e.text, "i:", 2);
	}
	struct buf many = {0};
	buf_text(&many, "i=1");
	for (int i = 2; i <= QUERY_IDS_MAX; i++)
		buf_printf(&many, ",%d", i);
	parse(many.data);
	assert_true(query_ids(&q, "i", &ids, &count, &e));
	assert_int_equal(count, QUERY_IDS_MAX);
	buf_text(&many, ",9999");
	parse(many.data);
	assert_false(query_ids(&q, "i", &ids, &count, &e));
	assert_string_equal(e.text, "i: more than 1000 ids");
	buf_finish(&many);
}

static void words_are_of_a_list(void **state)
{
	(void)state;
	static const char *const known[] = {"open", "resolved"};
	const char **words;
	size_t count;
	parse("s=resolved,open");
	assert_true(query_words(&q, "s", known, 2, &words, &count, &e));
	assert_int_equal(count, 2);
	assert_string_equal(words[0], "resolved");
	parse("s=open,closed");
	assert_false(query_words(&q, "s", known, 2, &words, &count, &e));
	assert_string_equal(e.text, "s: 'closed' is not known here");
	parse("s=open,open,open");
	assert_false(query_words(&q, "s", known, 2, &words, &count, &e));
}

static void cursors_come_back(void **state)
{
	(void)state;
	const char *plain;
	const char *cursor = query_cursor(&arena, "5 1.25 w\xc3\xa9");
	parse(arena_printf(&arena, "after=%s", cursor));
	assert_true(query_after(&q, &plain, &e));
	assert_string_equal(plain, "5 1.25 w\xc3\xa9");
	parse("");
	assert_true(query_after(&q, &plain, &e));
	assert_null(plain);
	static const char *const wrong[] = {"after=***", "after=A", "after=AAAA",
		"after=_w", "after=MSAyCjM"}; /* no UTF-8; a newline */
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		parse(wrong[i]);
		if (query_after(&q, &plain, &e))
			fail_msg("'%s' is taken", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_are_decoded, begin, end),
		cmocka_unit_test_setup_teardown(broken_text_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(limits_hold, begin, end),
		cmocka_unit_test_setup_teardown(numbers_have_bounds, begin, end),
		cmocka_unit_test_setup_teardown(truth_has_two_words, begin, end),
		cmocka_unit_test_setup_teardown(ids_are_a_list, begin, end),
		cmocka_unit_test_setup_teardown(words_are_of_a_list, begin, end),
		cmocka_unit_test_setup_teardown(cursors_come_back, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
