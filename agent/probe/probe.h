/*
 * Probe: one source of readings.
 *
 * A probe names a file of procfs and turns its text into values.  It only emits:
 * it keeps no state, opens nothing, and leaves absent what the text does not say
 * (an older kernel, a missing right).  The files are read by probes.c, so every
 * probe is a pure function that a test calls with a fixture.
 */
#ifndef TIDEMARK_AGENT_PROBE_PROBE_H
#define TIDEMARK_AGENT_PROBE_PROBE_H

#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe {
	const char *path; /* below procfs, or below procfs/PID for a process */
	void (*emit)(const char *text, struct wire_values *out);
};

/* Of the machine. */
extern const struct probe meminfo_probe, vmstat_probe, cpu_probe, load_probe;
extern const struct probe pressure_memory_probe, pressure_cpu_probe, pressure_io_probe;

/* Of one process; /proc/PID/stat has a header of its own, as it also identifies. */
extern const struct probe process_statm_probe, process_status_probe, process_pss_probe;

/* Negative values are left out: no source of ours can mean them. */
void probe_put(struct wire_values *out, unsigned metric, int64_t value);

/* The whole number at *text behind blanks; moves *text behind it.  False for
 * anything else, and for numbers beyond int64. */
bool probe_number(const char **text, int64_t *value);

/* For "Key:   123 kB" and "key 123" files: emits the fields that are there. */
struct probe_field {
	const char *key;
	unsigned metric;
};
void probe_emit_fields(const char *text, const struct probe_field *fields, size_t count,
	struct wire_values *out);

/* Clock ticks of /proc as milliseconds, pages as KiB; -1 beyond int64. */
int64_t probe_ticks_ms(int64_t ticks);
int64_t probe_pages_kb(int64_t pages);

#endif
