/* What an agent may see, and what it says of it. */
#include "agent/sight.h"

#include "tests/unit/cmocka_all.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[4096];

static const char *format(const struct sight *s)
{
	struct buf out = {0};
	sight_format(s, &out);
	snprintf(text, sizeof text, "%s", out.length ? out.data : "");
	buf_finish(&out);
	return text;
}

static void says_nothing_before_it_has_looked(void **state)
{
	(void)state;
	assert_string_equal(format(&(struct sight){0}), "");
}

static void tells_what_the_default_buys_and_what_it_lacks(void **state)
{
	(void)state;
	const struct sight s = {.looked_mono_ms = 1,
		.capabilities = UINT64_C(1) << CAP_SYS_PTRACE,
		.user = 991,
		.followed = 40,
		.files_closed = 39};
	assert_non_null(strstr(format(&s), "user 991 with 1 of 5 capabilities"));
	assert_non_null(strstr(text, "sees        CAP_SYS_PTRACE       shared"));
	assert_non_null(strstr(text, "cannot see  CAP_DAC_READ_SEARCH  open files"));
	assert_non_null(strstr(text, "blind       to 0 of 40 followed processes"));
	assert_non_null(strstr(text, "open files of 39\n"));
}

static void tells_what_the_minimal_profile_lacks(void **state)
{
	(void)state;
	const struct sight s = {.looked_mono_ms = 1, .followed = 40, .closed = 38};
	assert_null(strstr(format(&s), "\nsees "));
	assert_non_null(strstr(text, "cannot see  CAP_SYS_PTRACE       shared"));
	assert_non_null(strstr(text, "blind       to 38 of 40 followed processes"));
}

static void sees_its_own_process(void **state)
{
	(void)state;
	const struct wire_process own = {.pid = (uint32_t)getpid()};
	struct sight s = {0};
	sight_look(&s, "/proc", &own, 1, 1000);
	assert_int_equal(s.followed, 1);
	assert_int_equal(s.closed, 0);
	assert_int_equal(s.files_closed, 0);
	assert_int_equal(s.user, geteuid());
}

static void asks_the_kernel_once_a_minute(void **state)
{
	(void)state;
	const struct wire_process own = {.pid = (uint32_t)getpid()};
	struct sight s = {0};
	sight_look(&s, "/proc", &own, 1, 1000);
	sight_look(&s, "/proc", &own, 0, 60999);
	assert_int_equal(s.followed, 1);
	sight_look(&s, "/proc", &own, 0, 61000);
	assert_int_equal(s.followed, 0);
}

/* The first process is root's. */
static int look_as_nobody(void)
{
	const struct wire_process first = {.pid = 1};
	struct sight s = {0};
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		return 9;
	prctl(PR_SET_DUMPABLE, 1); /* as after exec: our own stay ours */
	sight_look(&s, "/proc", &first, 1, 1000);
	return (s.capabilities ? 1 : 0) + (s.closed == 1 ? 0 : 2) +
	       (s.files_closed == 1 ? 0 : 4);
}

static void is_blind_to_other_users_without_privileges(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(look_as_nobody());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_nothing_before_it_has_looked),
		cmocka_unit_test(tells_what_the_default_buys_and_what_it_lacks),
		cmocka_unit_test(tells_what_the_minimal_profile_lacks),
		cmocka_unit_test(sees_its_own_process),
		cmocka_unit_test(asks_the_kernel_once_a_minute),
		cmocka_unit_test(is_blind_to_other_users_without_privileges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
