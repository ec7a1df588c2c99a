/*
 * Backlogs: how many connections wait on the listening sockets of each followed
 * process, as its metric `backlog`.
 *
 * Which sockets are a process's own stands in /proc/PID/fd, which only its user may
 * read (and the agent, where it may): others have no such value.  That is looked up
 * when a process is new and then seldom; the rest is one file of each network
 * namespace.
 *
 * A thread of the part; returns when the scout stops.
 */
#ifndef TIDEMARK_AGENT_QUEUE_BACKLOGS_H
#define TIDEMARK_AGENT_QUEUE_BACKLOGS_H

#include "agent/part/part.h"

void backlogs_run(const struct part *p);

/* One process's listening sockets, by the numbers of their inodes; returns how many,
 * at most `size`, or -1 when we may not look. */
int backlogs_sockets(const char *procfs, int pid, uint64_t *inodes, int size);

#endif
