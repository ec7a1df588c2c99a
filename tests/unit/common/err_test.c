#include "common/err.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/death.h"

#include <errno.h>
#include <string.h>

static void set_keeps_kind_and_text(void **state)
{
	(void)state;
	struct err e;
	assert_false(err_set(&e, ERR_BUSY, "%d of %d", 3, 4));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_string_equal(e.text, "3 of 4");
}

static void wrap_puts_context_before_the_cause(void **state)
{
	(void)state;
	struct err e;
	err_set(&e, ERR_INPUT, "negative");
	assert_false(err_wrap(&e, "value %d", 7));
	assert_false(err_wrap(&e, "tick %d", 2));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_string_equal(e.text, "tick 2: value 7: negative");
}

static void errno_is_spelt_out(void **state)
{
	(void)state;
	struct err e;
	errno = ENOENT;
	assert_false(err_errno(&e, "/no/such"));
	assert_int_equal(e.kind, ERR_IO);
	assert_string_equal(e.text, "/no/such: No such file or directory");
}

static void long_texts_keep_the_context(void **state)
{
	(void)state;
	char cause[2000];
	memset(cause, 'x', sizeof cause - 1);
	cause[sizeof cause - 1] = '\0';
	struct err e;
	err_set(&e, ERR_IO, "%s", cause);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	for (int i = 0; i < 100; i++)
		err_wrap(&e, "level %d", i);
	assert_memory_equal(e.text, "level 99: level 98: ", 20);
	assert_true(strlen(e.text) < sizeof e.text);
	err_wrap(&e, "%s", cause);
	assert_true(strlen(e.text) < sizeof e.text);
}

static void break_an_invariant(void)
{
	int two = 2;
	BUG_ON(two == 2);
}

static void a_bug_aborts(void **state)
{
	(void)state;
	assert_true(death_aborts(break_an_invariant));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_keeps_kind_and_text),
		cmocka_unit_test(wrap_puts_context_before_the_cause),
		cmocka_unit_test(errno_is_spelt_out),
		cmocka_unit_test(long_texts_keep_the_context),
		cmocka_unit_test(a_bug_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
