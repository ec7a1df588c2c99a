/*
 * Statistics: from the JSON that a process tells of itself to door_statistics.
 *
 * The same document by inspector and preload:
 *     {pid, version, uptime, memory: process.memoryUsage(),
 *      heap: v8.getHeapStatistics(), resources: {name: count},
 *      delay: {p99, max}, utilization, gc: {count, ms}, requests,
 *      warnings: [{emitter, event, count, first}]}
 * All but pid, version and memory may be missing.  The process is not trusted: numbers
 * are checked, lists cut, and texts that are no names replaced by "[key]", as they
 * could carry what people typed.  Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_STATISTICS_H
#define TIDEMARK_AGENT_CAPTURE_STATISTICS_H

#include "agent/capture/door.h"

struct json_t;

bool statistics_parse(
	const struct json_t *document, struct door_statistics *out, struct err *e);

#endif
