#include "agent/capture/turn.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool turn_take(struct turn *t, struct err *e)
{
	static const char name[] = "tidemark-capture";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path + 1, name, sizeof name - 1);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				       sizeof name);
	t->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return err_errno(e, "socket");
	if (bind(t->fd, (struct sockaddr *)&address, length) == 0)
		return true;
	int reason = errno;
	turn_give(t);
	if (reason == EADDRINUSE)
		return err_set(e, ERR_BUSY, "another capture is running on this host");
	errno = reason;
	return err_errno(e, "cannot tell whether another capture is running");
}

void turn_give(struct turn *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}
