/* A process that is held: what its number means, and what it runs by now. */
#include "agent/capture/handle.h"

#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Number, descriptor and start stay the same. */
static void another_program_is_not_signalled(void **state)
{
	struct facts facts, now = {0};
	struct handle handle;
	struct err e;
	int status;
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		execlp("sh", "sh", "-c", "kill -STOP $$; exec sleep 60", (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	assert_true(facts_read("/proc", pid, &facts, &e));
	assert_true(handle_init(&handle, "/proc", &facts, &e));
	kill(pid, SIGCONT);
	for (int i = 0; i < 500 && strcmp(now.program, "sleep") != 0; i++) {
		usleep(10 * 1000);
		assert_true(facts_read("/proc", pid, &now, &e));
	}
	assert_int_equal(now.start_ticks, facts.start_ticks);
	assert_false(handle_signal(&handle, "/proc", &facts, SIGUSR1, &e));
	if (!strstr(e.text, "is 'sleep' by now"))
		fail_msg("%s", e.text);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(handle_signal(&handle, "/proc", &facts, SIGUSR1, &e));
	assert_non_null(strstr(e.text, "has ended"));
	handle_finish(&handle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_program_is_not_signalled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
