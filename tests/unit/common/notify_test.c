#include "common/notify.h"

#include "common/scoped.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

static int listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t length = strlen(path);
	memcpy(at.sun_path, path, length);
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	return fd;
}

static void check_received(int fd, const char *want)
{
	char got[128] = {0};
	ssize_t n = recv(fd, got, sizeof got - 1, MSG_DONTWAIT);
	assert_int_equal(n, strlen(want));
	assert_string_equal(got, want);
}

static void sends_one_datagram(void **state)
{
	(void)state;
	char folder[] = "/tmp/tidemark_notify_XXXXXX";
	assert_non_null(mkdtemp(folder));
	char path[64];
	snprintf(path, sizeof path, "%s/socket", folder);
	scoped_fd int fd = listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	assert_true(notify_send("READY=1\nSTATUS=watching"));
	check_received(fd, "READY=1\nSTATUS=watching");
	unlink(path);
	rmdir(folder);
}

static void knows_the_abstract_namespace(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof path, "@tidemark_notify_%d", (int)getpid());
	scoped_fd int fd = listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	assert_true(notify_send("WATCHDOG=1"));
	check_received(fd, "WATCHDOG=1");
}

static void is_silent_without_systemd(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_true(notify_send("READY=1"));
	setenv("NOTIFY_SOCKET", "", 1);
	assert_true(notify_send("READY=1"));
}

static void refuses_paths_that_are_none(void **state)
{
	(void)state;
	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_false(notify_send("READY=1"));
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	assert_false(notify_send("READY=1"));
	char overlong[256];
	memset(overlong, 'x', sizeof overlong - 1);
	overlong[0] = '/';
	overlong[sizeof overlong - 1] = '\0';
	setenv("NOTIFY_SOCKET", overlong, 1);
	assert_false(notify_send("READY=1"));
}

static void watchdog_is_half_of_the_limit_and_ours_only(void **state)
{
	(void)state;
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_ms(), 15000);
	setenv("WATCHDOG_USEC", "soon", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	char self[16];
	snprintf(self, sizeof self, "%d", (int)getpid());
	setenv("WATCHDOG_PID", self, 1);
	assert_int_equal(notify_watchdog_ms(), 15000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_one_datagram),
		cmocka_unit_test(knows_the_abstract_namespace),
		cmocka_unit_test(is_silent_without_systemd),
		cmocka_unit_test(refuses_paths_that_are_none),
		cmocka_unit_test(watchdog_is_half_of_the_limit_and_ours_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
