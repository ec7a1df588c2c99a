/*
 * Loads: a counter of requests or jobs that a service offers on a Prometheus endpoint,
 * as its metric `requests`.
 *
 * A counter belongs to one process: where the host runs several of the service, whose
 * it is cannot be told, and the source says so.
 *
 * A thread for each; returns when the scout stops.
 */
#ifndef TIDEMARK_AGENT_QUEUE_LOADS_H
#define TIDEMARK_AGENT_QUEUE_LOADS_H

#include "agent/part/part.h"

void loads_run(const struct part *p, const struct queue_load *load);

#endif
