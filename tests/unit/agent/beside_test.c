/* Programs in the folder of our own. */
#include "agent/beside.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* Of an installation: bin/PROGRAM and libexec/tidemark/OTHER. */
static void finds_what_an_installation_keeps_apart(void **state)
{
	(void)state;
	char self[PATH_MAX], folder[PATH_MAX + 32], program[PATH_MAX + 64],
		path[PATH_MAX];
	assert_true(beside_find("agent_beside_test", self));
	*strrchr(self, '/') = '\0';
	snprintf(folder, sizeof folder, "%s/../libexec", self);
	mkdir(folder, 0755);
	strcat(folder, "/tidemark");
	mkdir(folder, 0755);
	snprintf(program, sizeof program, "%s/beside-test-program", folder);
	close(open(program, O_CREAT | O_WRONLY, 0755));
	assert_true(beside_find("beside-test-program", path));
	assert_string_equal(path, program);
	unlink(program);
	rmdir(folder);
	*strrchr(folder, '/') = '\0';
	rmdir(folder);
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
		cmocka_unit_test(finds_what_an_installation_keeps_apart),
		cmocka_unit_test(refuses_what_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
