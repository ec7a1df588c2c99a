/*
 * Queues: the part of the scout that reads queues and load, each source in a thread of
 * its own, so that a slow, dead or lying one keeps no other waiting.
 *
 *     source.h     one [queue NAME] section: bull.h, kue.h, keys.h, rabbitmq.h,
 *                  metrics.h, document.h, program.h, files.h, backlog.h
 *     loads.h      requests that a service counts itself
 *     backlogs.h   connections that wait for a followed process
 */
#ifndef TIDEMARK_AGENT_QUEUE_QUEUES_H
#define TIDEMARK_AGENT_QUEUE_QUEUES_H

#include "agent/part/part.h"

void queues_run(const struct part *p);

/* `tidemark-agent queues [--json] [--watch]`: reads every source twice, two seconds
 * apart (with --watch again and again), and prints what is in them.  argv begins with
 * the command.  Returns the exit status: 1 when a source failed. */
int queues_command(const struct config *config, int argc, char **argv);

#endif
