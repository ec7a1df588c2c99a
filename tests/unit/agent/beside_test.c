/* Programs in the folder of our own. */
#include "agent/beside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void finds_our_own_program_beside_itself(void **state)
{
	(void)state;
	char path[PATH_MAX];
	assert_true(beside_find("agent_beside_test", path));
	assert_int_equal(path[0], '/');
	assert_int_equal(access(path, X_OK), 0);
	assert_true(beside_find("no-such-program", path));
	assert_int_not_equal(access(path, F_OK), 0);
}

static void refuses_what_does_not_fit(void **state)
{
	(void)state;
	char name[PATH_MAX], path[PATH_MAX];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_false(beside_find(name, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_our_own_program_beside_itself),
		cmocka_unit_test(refuses_what_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
