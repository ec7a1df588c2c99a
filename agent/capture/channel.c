#include "agent/capture/channel.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

bool channel_sleep(int stop_fd, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;
	do {
		struct pollfd p = {.fd = stop_fd, .events = POLLIN};
		int64_t left = end - clock_mono_ms();
		if (poll(&p, 1, left > 0 ? (int)left : 0) == 1)
			return false;
	} while (clock_mono_ms() < end);
	return true;
}

bool channel_is_stopped(int stop_fd)
{
	return !channel_sleep(stop_fd, 0);
}

static bool channel_wait(struct channel *c, short events, struct err *e)
{
	for (;;) {
		struct pollfd p[2] = {{.fd = c->fd, .events = events},
			{.fd = c->stop_fd, .events = POLLIN}};
		int64_t left = c->deadline_ms - clock_mono_ms();
		if (left < 0)
			left = 0;
		int ready = poll(p, 2, left > 60000 ? 60000 : (int)left);
		if (ready < 0 && errno != EINTR)
			return err_errno(e, "cannot wait");
		if (ready > 0 && p[1].revents)
			return err_set(e, ERR_BUSY, "stopped");
		if (ready > 0)
			return true;
		if (clock_mono_ms() >= c->deadline_ms)
			return err_set(e, ERR_IO, "no answer in time");
	}
}

bool channel_init(struct channel *c, int fd, const struct sockaddr *address,
	socklen_t length, struct err *e)
{
	c->fd = fd;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return err_errno(e, "cannot set up a socket");
	if (connect(fd, address, length) == 0)
		return true;
	if (errno != EINPROGRESS)
		return err_errno(e, "cannot connect");
	if (!channel_wait(c, POLLOUT, e))
		return err_wrap(e, "cannot connect");
	int failure = 0;
	socklen_t size = sizeof failure;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) < 0)
		return err_errno(e, "cannot connect");
	errno = failure;
	return failure ? err_errno(e, "cannot connect") : true;
}

void channel_finish(struct channel *c)
{
	if (c->fd > 0)
		close(c->fd);
	c->fd = -1;
}

ssize_t channel_read(struct channel *c, void *bytes, size_t room, struct err *e)
{
	for (;;) {
		/* Also before data that is there: a stream never ends a wait. */
		if (!channel_wait(c, POLLIN, e))
			return -1;
		ssize_t got = read(c->fd, bytes, room);
		if (got >= 0)
			return got;
		if (errno != EAGAIN && errno != EINTR) {
			err_errno(e, "cannot read");
			return -1;
		}
	}
}

bool channel_write(struct channel *c, const void *bytes, size_t length, struct err *e)
{
	const char *next = bytes;
	while (length > 0) {
		ssize_t sent = send(c->fd, next, length, MSG_NOSIGNAL);
		if (sent >= 0) {
			next += sent;
			length -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (!channel_wait(c, POLLOUT, e))
				return false;
		} else if (errno != EINTR) {
			return err_errno(e, "cannot send");
		}
	}
	return true;
}
