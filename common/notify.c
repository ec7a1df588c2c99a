#include "common/notify.h"

#include "common/scoped.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	if (!path || !path[0])
		return true;
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t length = strlen(path);
	if (length < 2 || length >= sizeof to.sun_path ||
		(path[0] != '/' && path[0] != '@'))
		return false;
	memcpy(to.sun_path, path, length);
	if (path[0] == '@') /* the abstract namespace */
		to.sun_path[0] = '\0';

	scoped_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		(const struct sockaddr *)&to, size);
	return sent == (ssize_t)strlen(state);
}

/* -1: not a whole number. */
static int64_t notify_number(const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 10);
	return end == text || *end || value < 0 ? -1 : value;
}

int64_t notify_watchdog_ms(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	if (pid && notify_number(pid) != getpid())
		return 0;
	const char *limit = getenv("WATCHDOG_USEC");
	int64_t limit_us = limit ? notify_number(limit) : 0;
	return limit_us > 0 ? limit_us / 2000 : 0;
}
