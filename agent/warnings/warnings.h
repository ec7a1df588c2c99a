/*
 * Warnings: the part of the scout that listens for signs of trouble: logs, the journal,
 * the kernel, control groups.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_WARNINGS_H
#define TIDEMARK_AGENT_WARNINGS_WARNINGS_H

#include "agent/part/part.h"

void warnings_run(const struct part *p);

#endif
