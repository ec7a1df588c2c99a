/*
 * Statistics: from the JSON that a process tells of itself to door_statistics.
 *
 * The same document by inspector and preload:
 *     {pid, version, uptime, memory: process.memoryUsage(),
 *      heap: v8.getHeapStatistics(), spaces: {name: bytes used},
 *      resources: {name: count}, delay: {p99, max}, utilization,
 *      gc: {count, full, ms, floor}, requests, last, longest: microseconds,
 *      warnings: [{emitter, event, count, times, now, first, stack: [text]}]}
 * All but pid, version and memory may be missing.  The process is not trusted: numbers
 * are checked, lists cut, and texts that are no names replaced by "[key]", as they
 * could carry what people typed.  Of a stack the places in files are taken.  Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_STATISTICS_H
#define TIDEMARK_AGENT_CAPTURE_STATISTICS_H

#include "agent/capture/door.h"

#include <stddef.h>

struct json_t;

bool statistics_parse(
	const struct json_t *document, struct door_statistics *out, struct err *e);

/* `text` when it is a name as code has them, else "[key]". */
void statistics_name(const char *text, char out[64]);

/* "/path/file.js:7:20": a path in printable characters and two numbers, at most
 * size - 1 long. */
bool statistics_is_place(const char *text, size_t size);

#endif
