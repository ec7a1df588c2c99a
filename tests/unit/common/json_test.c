#include "common/json.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/death.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void a_document_nests_and_separates(void **state)
{
	(void)state;
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_object(&j);
	json_put_string(&j, "name", "checkout");
	json_put_null(&j, "owner");
	json_put_bool(&j, "leaks", true);
	json_put_raw(&j, "reasons", "[{\"for\":true}]");
	json_key(&j, "series");
	json_array(&j);
	json_int(&j, 1);
	json_double(&j, 2.5);
	json_string(&j, NULL);
	json_object(&j);
	json_end(&j);
	json_array(&j);
	json_end(&j);
	json_null(&j);
	json_bool(&j, false);
	json_raw(&j, "7");
	json_end(&j);
	json_put_int(&j, "n", 3);
	json_end(&j);
	assert_string_equal(out.data,
		"{\"name\":\"checkout\",\"owner\":null,\"leaks\":true,"
		"\"reasons\":[{\"for\":true}],"
		"\"series\":[1,2.5,null,{},[],null,false,7],\"n\":3}");
	buf_finish(&out);
}

static void assert_string_as(const char *text, const char *json)
{
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_string(&j, text);
	assert_string_equal(out.data, json);
	buf_finish(&out);
}

static void strings_are_escaped(void **state)
{
	(void)state;
	assert_string_as("", "\"\"");
	assert_string_as("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
	assert_string_as(
		"\b\f\n\r\t\x01\x1f", "\"\\u0008\\u000c\\n\\r\\t\\u0001\\u001f\"");
	assert_string_as("</script>&", "\"\\u003c/script\\u003e\\u0026\"");
	assert_string_as("中文 é 🌊", "\"中文 é 🌊\"");
}

static void what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	assert_string_as("a\xff!", "\"a\xef\xbf\xbd!\"");
	assert_string_as("\xc3", "\"\xef\xbf\xbd\"");
	assert_string_as("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string_as("\xed\xa0\x80x", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\"");
}

static void keys_are_escaped(void **state)
{
	(void)state;
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_object(&j);
	json_put_int(&j, "a\"<", 1);
	json_end(&j);
	assert_string_equal(out.data, "{\"a\\\"\\u003c\":1}");
	buf_finish(&out);
}

static void assert_double_as(double value, const char *json)
{
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_double(&j, value);
	assert_string_equal(out.data, json);
	buf_finish(&out);
}

static void numbers(void **state)
{
	(void)state;
	assert_double_as(0.1, "0.1");
	assert_double_as(100, "100");
	assert_double_as(-1234567.875, "-1234567.875");
	assert_double_as(1e300, "1e+300");
	assert_double_as(1.0 / 3, "0.333333333333333");
	assert_double_as(NAN, "null");
	assert_double_as(INFINITY, "null");
	assert_double_as(-INFINITY, "null");
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	json_array(&j);
	json_int(&j, INT64_MIN);
	json_int(&j, INT64_MAX);
	json_end(&j);
	assert_string_equal(out.data, "[-9223372036854775808,9223372036854775807]");
	buf_finish(&out);
}

static void nesting_reaches_the_limit(void **state)
{
	(void)state;
	struct buf out = {0};
	struct json j;
	json_init(&j, &out);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		json_array(&j);
	json_int(&j, 1);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		json_end(&j);
	assert_int_equal(out.length, 2 * JSON_DEPTH_MAX + 1);
	buf_finish(&out);
}

static struct buf lost; /* by the child that dies */

static void end_too_often(void)
{
	struct json j;
	json_init(&j, &lost);
	json_end(&j);
}

static void value_without_key(void)
{
	struct json j;
	json_init(&j, &lost);
	json_object(&j);
	json_int(&j, 1);
}

static void key_without_value(void)
{
	struct json j;
	json_init(&j, &lost);
	json_object(&j);
	json_key(&j, "a");
	json_end(&j);
}

static void key_in_array(void)
{
	struct json j;
	json_init(&j, &lost);
	json_array(&j);
	json_key(&j, "a");
}

static void two_documents(void)
{
	struct json j;
	json_init(&j, &lost);
	json_int(&j, 1);
	json_int(&j, 2);
}

static void too_deep(void)
{
	struct json j;
	json_init(&j, &lost);
	for (int i = 0; i <= JSON_DEPTH_MAX; i++)
		json_array(&j);
}

static void misnesting_aborts(void **state)
{
	(void)state;
	assert_true(death_aborts(end_too_often));
	assert_true(death_aborts(value_without_key));
	assert_true(death_aborts(key_without_value));
	assert_true(death_aborts(key_in_array));
	assert_true(death_aborts(two_documents));
	assert_true(death_aborts(too_deep));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_nests_and_separates),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(keys_are_escaped),
		cmocka_unit_test(numbers),
		cmocka_unit_test(nesting_reaches_the_limit),
		cmocka_unit_test(misnesting_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
