/* The server's own folder, and the way from root down to a plain user. */
#include "server/privileges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int start(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/tidemark-privileges-XXXXXX");
	return !mkdtemp(folder) || chmod(folder, 0755) != 0;
}

static int stop(void **state)
{
	(void)state;
	char command[100];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

/* In a child, since there is no way back; as strict as main is. */
static int drop(const char *user, const char *data_dir)
{
	pid_t child = fork();
	if (child == 0) {
		struct err e;
		umask(077);
		bool ok = privileges_drop(user, data_dir, &e);
		if (!ok)
			print_message("%s\n", e.text);
		_exit(ok ? geteuid() == 0 : 2);
	}
	int status = 0;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static mode_t mode_of(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 ? info.st_mode & 0777 : 0;
}

static void folders_that_are_missing_are_made(void **state)
{
	(void)state;
	char data[128], above[128];
	snprintf(above, sizeof above, "%s/a", folder);
	snprintf(data, sizeof data, "%s/a/b/data", folder);
	assert_int_equal(drop("", data), 0);
	assert_int_equal(mode_of(data), 0700);
	assert_int_equal(mode_of(above), 0755);
	/* And the next start finds them well. */
	assert_int_equal(drop("", data), 0);
}

static void nothing_is_made_for_a_user_that_cannot_be(void **state)
{
	(void)state;
	char data[128];
	if (geteuid() != 0)
		skip();
	snprintf(data, sizeof data, "%s/c", folder);
	assert_int_equal(drop("no-such-user", data), 2);
	assert_int_equal(drop("root", data), 2);
	assert_int_equal(access(data, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_that_are_missing_are_made),
		cmocka_unit_test(nothing_is_made_for_a_user_that_cannot_be),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
