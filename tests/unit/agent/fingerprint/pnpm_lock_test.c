/* pnpm-lock.yaml, in the formats that pnpm has had. */
#include "agent/fingerprint/pnpm_lock.h"

#include "tests/unit/agent/fingerprint/collected.h"

static bool read_text(const char *text, struct packages *out, struct err *e)
{
	struct collected_bytes bytes;
	bool ok = pnpm_lock_read(collected_open(&bytes, text, strlen(text)), out, e);
	collected_close(&bytes);
	return ok;
}

static void reads_the_fifth_format(void **state)
{
	(void)state;
	struct packages p = {0};
	struct err e;
	assert_true(read_text(
		"lockfileVersion: 5.4\nspecifiers:\n  debug: 4.3.4\n"
		"dependencies:\n  debug: 4.3.4\n\npackages:\n\n"
		"  /debug/4.3.4:\n    resolution: {integrity: sha512-x}\n"
		"    dependencies:\n      name: 2.1.2\n      version: 7.0.0\n    dev: "
		"false\n\n"
		"  /@scope/pkg/1.0.0_react@18.0.0:\n    dev: true\n"
		"  github.com/x/y/abc:\n    name: y\n    version: 0.1.0\n",
		&p, &e));
	assert_string_equal(collected(&p), "@scope/pkg@1.0.0 debug@4.3.4 y@0.1.0");
}

static void reads_the_sixth_and_ninth_format(void **state)
{
	(void)state;
	struct packages p = {0};
	struct err e;
	assert_true(read_text("lockfileVersion: '6.0'\npackages:\n"
			      "  /@koa/cors@5.0.0:\n    engines: {node: '>= 14'}\n"
			      "  /foo@1.0.0(react@18.2.0)(x@1):\n    dev: false\n",
		&p, &e));
	assert_string_equal(collected(&p), "@koa/cors@5.0.0 foo@1.0.0");
	assert_true(read_text(
		"lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n"
		"      foo:\n        specifier: ^1\n        version: 1.0.0\n"
		"packages:\n  '@koa/cors@5.0.0':\n    resolution: {integrity: a}\n"
		"  foo@1.0.0:\n    resolution: {integrity: b}\n"
		"snapshots:\n  foo@9.9.9(x@1):\n    dependencies:\n      x: 1\n",
		&p, &e));
	assert_string_equal(collected(&p), "@koa/cors@5.0.0 foo@1.0.0");
}

static void refuses_what_is_no_lock_file(void **state)
{
	(void)state;
	struct packages p = {0};
	struct err e;
	assert_false(read_text("packages:\n  a: [\n", &p, &e));
	assert_non_null(strstr(e.text, "no lock file at line"));
	assert_false(read_text("packages: &a\n  b: *a\n", &p, &e));
	assert_false(read_text("packages: !!x \xff\xfe\n", &p, &e));
	struct buf text = {0};
	buf_text(&text, "packages: ");
	for (int i = 0; i < 900; i++)
		buf_byte(&text, '[');
	assert_false(read_text(text.data, &p, &e));
	/* One text of many megabytes is none of a lock file. */
	buf_reset(&text);
	buf_text(&text, "packages: \"");
	for (int i = 0; i < PNPM_LOCK_ITEM_BYTES_MAX / 8; i++)
		buf_text(&text, "0123456789abcdef");
	buf_text(&text, "\"\n");
	assert_false(read_text(text.data, &p, &e));
	buf_finish(&text);
	packages_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_fifth_format),
		cmocka_unit_test(reads_the_sixth_and_ninth_format),
		cmocka_unit_test(refuses_what_is_no_lock_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
