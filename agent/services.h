/*
 * Services: the table of `tidemark-agent services`: what the agent finds here.
 */
#ifndef TIDEMARK_AGENT_SERVICES_H
#define TIDEMARK_AGENT_SERVICES_H

#include "agent/processes.h"
#include "agent/slots.h"
#include "common/buf.h"

/* Restarts are counted by the running agent: without its list of seats, `slots` is NULL
 * and none are told. */

/* One line per followed process, by service and slot, and one for the rest.  Sorts
 * the tick's processes. */
void services_format(
	const struct processes_tick *tick, const struct slots *slots, struct buf *out);

/* The same as one JSON document: services: [{name, rule, runtime, processes: [{slot,
 * pid, version, command, started_at, restarts, rss_kb, anon_kb}]}], rest: {processes,
 * rss_kb, anon_kb}.  rule and runtime are those of the first process; restarts may be
 * null. */
void services_format_json(
	const struct processes_tick *tick, const struct slots *slots, struct buf *out);

#endif
