/* yarn.lock of yarn 1 and of its successors. */
#include "agent/fingerprint/yarn_lock.h"

#include "tests/unit/agent/fingerprint/collected.h"

static bool read_text(const char *text, struct packages *out)
{
	struct collected_bytes bytes;
	struct err e;
	bool ok = yarn_lock_read(collected_open(&bytes, text, strlen(text)), out, &e);
	collected_close(&bytes);
	return ok;
}

static void reads_the_first_format(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text("# yarn lockfile v1\n\n\n"
			      "\"@babel/core@^7.0.0\", \"@babel/core@^7.8.3\":\r\n"
			      "  version \"7.8.3\"\r\n"
			      "  resolved \"https://r.example/x#abc\"\n"
			      "  dependencies:\n    version \"^1.0.0\"\n"
			      "    ms \"2.0.0\"\n\n"
			      "alias@npm:real@^1.0.0:\n  version \"1.0.2\"\n\n"
			      "abbrev@1:\n  version \"1.1.1\"\n",
		&p));
	assert_string_equal(collected(&p), "@babel/core@7.8.3 abbrev@1.1.1 real@1.0.2");
}

static void reads_the_later_formats(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_true(read_text(
		"__metadata:\n  version: 8\n  cacheKey: 10\n\n"
		"\"@koa/cors@npm:5.0.0\":\n  version: 5.0.0\n"
		"  resolution: \"@koa/cors@npm:5.0.0\"\n  dependencies:\n"
		"    vary: \"npm:^1.1.2\"\n  linkType: hard\n\n"
		"\"alias@npm:ms@2.0.0\":\n  version: 2.0.0\n"
		"  resolution: \"ms@npm:2.0.0\"\n  linkType: hard\n\n"
		"\"typescript@patch:typescript@^5#~builtin\":\n  version: 5.1.6\n"
		"  resolution: \"typescript@patch:typescript@npm%3A5.1.6\"\n\n"
		"\"shop@workspace:.\":\n  version: 0.0.0-use.local\n"
		"  resolution: \"shop@workspace:.\"\n  linkType: soft\n",
		&p));
	assert_string_equal(collected(&p), "@koa/cors@5.0.0 ms@2.0.0 typescript@5.1.6");
}

static void refuses_what_is_no_lock_file(void **state)
{
	(void)state;
	struct packages p = {0};
	assert_false(read_text("{\"a\": 1}\n", &p));
	assert_false(read_text("<html>\n", &p));
	assert_true(read_text("", &p));
	assert_true(read_text("a@1:\n  version", &p));
	assert_string_equal(collected(&p), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_first_format),
		cmocka_unit_test(reads_the_later_formats),
		cmocka_unit_test(refuses_what_is_no_lock_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
