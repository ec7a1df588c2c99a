/*
 * Channel: a connected stream socket whose every wait has a deadline and can be
 * stopped.
 *
 * Caller's storage; owns the socket, borrows stop_fd.  The owner moves `deadline_ms`
 * (clock_mono_ms) forward before each thing that it asks.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_CHANNEL_H
#define TIDEMARK_AGENT_CAPTURE_CHANNEL_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct channel {
	int fd;
	int stop_fd; /* readable or hung up: every wait fails; -1: none */
	int64_t deadline_ms;
};

/* The socket is taken over, also on failure, and made non-blocking. */
bool channel_init(struct channel *c, int fd, const struct sockaddr *address,
	socklen_t length, struct err *e);
void channel_finish(struct channel *c);

/* At least one byte, 0 at the end of the stream, -1 with `e`. */
ssize_t channel_read(struct channel *c, void *bytes, size_t room, struct err *e);
bool channel_write(struct channel *c, const void *bytes, size_t length, struct err *e);

/* Sleeps.  False when stop_fd (-1: none) says to stop. */
bool channel_sleep(int stop_fd, int64_t ms);
bool channel_is_stopped(int stop_fd);

#endif
