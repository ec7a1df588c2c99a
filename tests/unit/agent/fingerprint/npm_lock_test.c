/* What npm notes of itself, in each of its three formats and hidden in node_modules. */
#include "agent/fingerprint/npm_lock.h"

#include "tests/unit/agent/fingerprint/collected.h"

static bool is_there(void *context, const char *folder)
{
	const char *missing = context;
	return strcmp(folder, missing) != 0;
}

static bool read_text(const char *text, const char *missing, struct packages *out)
{
	const struct npm_lock_options options = {
		missing ? is_there : NULL, (void *)(uintptr_t)missing};
	struct collected_bytes bytes;
	struct err e;
	bool ok = npm_lock_read(
		collected_open(&bytes, text, strlen(text)), &options, out, &e);
	collected_close(&bytes);
	return ok;
}

static void reads_packages_by_their_place(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text(
		"{\"name\":\"shop\",\"lockfileVersion\":3,\"requires\":true,"
		"\"packages\":{\"\":{\"name\":\"shop\",\"version\":\"9\","
		"\"dependencies\":{\"koa\":\"^2\"}},"
		"\"node_modules/"
		"koa\":{\"version\":\"2.13.4\",\"engines\":{\"node\":\"1\","
		"\"version\":\"7\"}},"
		"\"node_modules/@pm2/io\":{\"version\":\"4.2.1\"},"
		"\"node_modules/koa/node_modules/@pm2/io\":{\"version\":\"4.1.0\"},"
		"\"node_modules/own\":{\"resolved\":\"packages/own\",\"link\":true},"
		"\"packages/own\":{\"version\":\"0.1.0\"},"
		"\"node_modules/"
		"short\":{\"name\":\"real-name\",\"version\":\"3.0.0\"}}}",
		NULL, &p));
	assert_string_equal(collected(&p),
		"@pm2/io@4.1.0 @pm2/io@4.2.1 koa@2.13.4 real-name@3.0.0");
}

static void reads_the_second_format_once(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text("{\"lockfileVersion\":2,\"packages\":{"
			      "\"node_modules/a\":{\"version\":\"1.0.0\"}},"
			      "\"dependencies\":{\"a\":{\"version\":\"1.0.0\"},"
			      "\"b\":{\"version\":\"1\"}}}",
		NULL, &p));
	assert_string_equal(collected(&p), "a@1.0.0");
}

static void reads_the_first_format_to_any_depth(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text(
		"{\"name\":\"shop\",\"version\":\"1\",\"lockfileVersion\":1,"
		"\"dependencies\":{\"a\":{\"version\":\"1.0.0\",\"requires\":{\"b\":\"^"
		"1\"},"
		"\"dependencies\":{\"b\":{\"version\":\"1.2.0\",\"dependencies\":{"
		"\"@x/c\":{\"version\":\"0.0.1\"}}}}},\"d\":{\"version\":\"4.0.0\"}}}",
		NULL, &p));
	assert_string_equal(collected(&p), "@x/c@0.0.1 a@1.0.0 b@1.2.0 d@4.0.0");
}

static void leaves_out_what_need_not_be_installed_and_is_not(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text("{\"packages\":{\"node_modules/jest\":{\"version\":\"1\","
			      "\"dev\":true},\"node_modules/kept\":{\"version\":\"2\","
			      "\"dev\":true},\"node_modules/a\":{\"version\":\"3\"}}}",
		"node_modules/jest", &p));
	assert_string_equal(collected(&p), "a@3 kept@2");
	assert_true(read_text("{\"dependencies\":{\"a\":{\"version\":\"1\","
			      "\"dependencies\":{\"b\":{\"version\":\"1\","
			      "\"optional\":true}}}}}",
		"node_modules/a/node_modules/b", &p));
	assert_string_equal(collected(&p), "a@1");
}

static void keeps_no_password_of_an_address(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text("{\"dependencies\":{\"a\":{\"version\":"
			      "\"git+https://bob:hunter2@git.example/x/"
			      "a.git#abc\"},\"b\":{\"version\":"
			      "\"https://x.example/b.tgz?token=hunter2\"}}}",
		NULL, &p));
	assert_string_equal(collected(&p),
		"a@git+https://git.example/x/a.git#abc b@https://x.example/b.tgz");
}

static void refuses_what_is_no_json_and_says_where(void **state)
{
	(void)state;
	static const char whole[] =
		"{ \"packages\" : { \"node_modules/a\" : { "
		"\"version\" : \"1\\u00e4\" } }, \"x\": [1, -2.5e3, "
		"true, null, [], {}] }";
	struct packages p = {0};
	for (size_t length = 0; length < sizeof whole - 1; length++) {
		struct collected_bytes bytes;
		const struct npm_lock_options options = {0};
		struct err e;
		assert_false(npm_lock_read(
			collected_open(&bytes, whole, length), &options, &p, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, "it is no JSON at byte"));
		collected_close(&bytes);
	}
	packages_finish(&p);
	assert_true(read_text(whole, NULL, &p));
	assert_string_equal(collected(&p), "a@1\xc3\xa4");
	assert_false(read_text("{\"a\":1,}", NULL, &p));
	assert_false(read_text("{\"a\" 1}", NULL, &p));
	assert_false(read_text("[1 2]", NULL, &p));
	assert_false(read_text("{\"a\":1]", NULL, &p));
	assert_false(read_text("{} {}", NULL, &p));
	assert_false(read_text("{\"a\":nope}", NULL, &p));
	packages_finish(&p);
}

static void survives_hostile_nesting_and_names(void **state)
{
	(void)state;
	struct packages p = {0};
	struct buf text = {0};
	for (int i = 0; i < 100000; i++)
		buf_byte(&text, '[');
	assert_false(read_text(text.data, NULL, &p));
	buf_reset(&text);
	buf_text(&text, "{\"dependencies\":{");
	for (int i = 0; i < 200; i++)
		buf_text(&text, "\"a\":{\"version\":\"1\",\"dependencies\":{");
	for (int i = 0; i < 201; i++)
		buf_text(&text, "}}");
	assert_true(read_text(text.data, NULL, &p));
	assert_string_equal(collected(&p), "a@1");
	buf_reset(&text);
	buf_text(&text, "{\"packages\":{\"node_modules/");
	for (int i = 0; i < 5000; i++)
		buf_byte(&text, 'x');
	buf_text(&text,
		"\":{\"version\":\"1\"},\"node_modules/b\\ud800\":{\"version\":\"\xff"
		"1\\u0000\"}}}");
	assert_true(read_text(text.data, NULL, &p));
	assert_int_equal(p.unusable, 1);
	assert_string_equal(collected(&p), "b\xef\xbf\xbd@?1\xef\xbf\xbd");
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_packages_by_their_place),
		cmocka_unit_test(reads_the_second_format_once),
		cmocka_unit_test(reads_the_first_format_to_any_depth),
		cmocka_unit_test(leaves_out_what_need_not_be_installed_and_is_not),
		cmocka_unit_test(keeps_no_password_of_an_address),
		cmocka_unit_test(refuses_what_is_no_json_and_says_where),
		cmocka_unit_test(survives_hostile_nesting_and_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
