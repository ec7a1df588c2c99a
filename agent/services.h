/*
 * Services: the table of `tidemark-agent services`: what the agent finds here.
 */
#ifndef TIDEMARK_AGENT_SERVICES_H
#define TIDEMARK_AGENT_SERVICES_H

#include "agent/processes.h"
#include "common/buf.h"

/* One line per followed process, by service and slot, and one for the rest.  Sorts
 * the tick's processes. */
void services_format(const struct processes_tick *tick, struct buf *out);

#endif
