/*
 * Queues: the part of the scout that reads queues and load, each source in a thread of
 * its own.
 */
#ifndef TIDEMARK_AGENT_QUEUE_QUEUES_H
#define TIDEMARK_AGENT_QUEUE_QUEUES_H

#include "agent/part/part.h"

void queues_run(const struct part *p);

#endif
