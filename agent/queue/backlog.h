/*
 * Backlog: connections that wait to be accepted on a TCP port of this machine, as a
 * queue of the source's name.  Of the agent's own network namespace.
 */
#ifndef TIDEMARK_AGENT_QUEUE_BACKLOG_H
#define TIDEMARK_AGENT_QUEUE_BACKLOG_H

#include "agent/queue/reading.h"
#include "common/err.h"

/* ERR_IO: nobody listens there. */
bool backlog_read(struct reading *r, struct err *e);

#endif
