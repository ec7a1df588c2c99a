/*
 * Netns: sockets in the network namespace of another process.
 *
 * A socket belongs to the namespace that its thread was in when it was made, for good.
 * So the thread enters the namespace, makes the socket and comes back; nothing else of
 * it is ever there.  Entering needs CAP_SYS_ADMIN; our own namespace needs nothing.
 *
 * Caller's storage; owns a descriptor of the namespace.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_NETNS_H
#define TIDEMARK_AGENT_CAPTURE_NETNS_H

#include "agent/capture/facts.h"

#include <sys/socket.h>

struct netns {
	int fd; /* -1: our own */
};

/* ERR_INPUT when it may not be entered. */
bool netns_init(
	struct netns *n, const char *procfs, const struct facts *f, struct err *e);
void netns_finish(struct netns *n);

/* A stream socket, -1 with `e`. */
int netns_socket(const struct netns *n, int domain, struct err *e);

/* The lock that keeps captures in one namespace apart: a name that only one socket can
 * have, given back by the kernel whatever happens to us.  -1 with errno EADDRINUSE when
 * it is taken, as any user of that namespace can: then captures there are refused. */
int netns_lock(const struct netns *n, struct err *e);

#endif
