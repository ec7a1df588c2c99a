/*
 * Process stat: /proc/PID/stat, which says who a process is and what it has used.
 *
 * Pure.  Field numbers as in proc(5).
 */
#ifndef TIDEMARK_AGENT_PROBE_PROCESS_STAT_H
#define TIDEMARK_AGENT_PROBE_PROCESS_STAT_H

#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct process_stat {
	char comm[64]; /* kernel threads have names beyond the 15 bytes of others */
	bool ended;    /* a zombie: nothing left but its exit status */
	bool kernel_thread;
	int parent; /* pid; 0: none that can be seen from here */
	int64_t minor_faults, major_faults;
	int64_t cpu_ms; /* -1: beyond int64 */
	int64_t threads;
	uint64_t start_ticks; /* since boot */
};

/* False when the text is not that file; `out` is then undefined. */
bool process_stat_parse(const char *text, struct process_stat *out);

void process_stat_emit(const struct process_stat *stat, struct wire_values *out);

#endif
