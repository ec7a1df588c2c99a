/*
 * Killed: what the kernel says when it kills for lack of memory (mm/oom_kill.c,
 * __oom_kill_process).
 *
 *     Out of memory: Killed process 123 (node) total-vm:1kB, anon-rss:2kB, ...
 *     Memory cgroup out of memory: Killed process 123 (node) total-vm:1kB, ...
 *
 * Kernels before 5.3 say "Kill process ... score N or sacrifice child" first and
 * "Killed process ..." in a line of its own, which names no scope.  Pure.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_KILLED_H
#define TIDEMARK_AGENT_WARNINGS_KILLED_H

#include "agent/warnings/sign.h"

#include <stdbool.h>
#include <stddef.h>

/* The text alone, without priority and time.  False: it is something else. */
bool killed_parse(const char *text, size_t length, struct sign *out);

/* One record of /dev/kmsg: "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,...];TEXT\n" and
 * lines of properties.  False: it is none. */
struct killed_record {
	unsigned priority;
	uint64_t sequence, boot_us;
	const char *text; /* into the record */
	size_t length;
};
bool killed_record_parse(const char *bytes, size_t length, struct killed_record *out);

#endif
