/*
 * Listeners: who listens on which TCP port in a process's network namespace.
 *
 * Asked of the kernel where the namespace is our own (listeners_diag.h), else from
 * procfs/PID/net/tcp and tcp6, which show the namespace of that process; and the
 * links in procfs/PID/fd, which say which sockets are its own.  The kernel lists
 * listening sockets before all others, so reading a file ends with the first that is
 * not.
 *
 * Caller's storage, no memory behind it.  Pure but for the files.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_LISTENERS_H
#define TIDEMARK_AGENT_CAPTURE_LISTENERS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LISTENERS_MAX = 1024 };

enum listeners_reach {
	LISTENERS_LOOPBACK, /* one address that only this machine reaches */
	LISTENERS_ANY,      /* all addresses, loopback among them */
	LISTENERS_OTHER,    /* an address of the network */
};

struct listener {
	uint16_t port;
	bool is_v6;
	enum listeners_reach reach;
	uid_t uid;
	uint32_t backlog; /* connections that wait to be accepted */
	uint64_t inode;
};

struct listeners {
	struct listener at[LISTENERS_MAX];
	size_t count;
	bool is_cut; /* there are more */
};

/* ERR_IO when the files cannot be read. */
bool listeners_read(struct listeners *out, const char *procfs, int pid, struct err *e);

/* Of an address as the kernel keeps it: network order, one word for IPv4.  Pure. */
enum listeners_reach listeners_reach(const uint32_t word[4], bool is_v6);

/* Adds the listening sockets of one file's line; false when it is another kind of
 * line.  Pure. */
bool listeners_parse_line(struct listeners *out, const char *line, bool is_v6);

const struct listener *listeners_find(const struct listeners *l, uint64_t inode);

/* Anything but an address of the network: it would be in the inspector's way. */
const struct listener *listeners_on_port(const struct listeners *l, int port);

enum listeners_owner { LISTENERS_OWN, LISTENERS_FOREIGN, LISTENERS_UNKNOWN };

/* Whether the socket is one of the process's; unknown when we may not look. */
enum listeners_owner listeners_owner(const char *procfs, int pid, uint64_t inode);

#endif
