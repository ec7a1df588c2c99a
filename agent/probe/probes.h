/*
 * Probes: reads the files that the probes turn into values.
 *
 * Owns the directory descriptor of procfs, one descriptor per source of the machine
 * (kept open: re-reading costs a third of opening anew) and the buffer that texts
 * are read into.  Descriptors of processes belong to the caller, who decides how
 * many are kept.  One thread.
 *
 * A source that is not there (no PSI, no right to read) emits nothing; that is no
 * failure.
 */
#ifndef TIDEMARK_AGENT_PROBE_PROBES_H
#define TIDEMARK_AGENT_PROBE_PROBES_H

#include "agent/probe/probe.h"
#include "common/err.h"

#include <stdbool.h>

struct probes;

bool probes_open(const char *procfs, struct probes **out, struct err *e);
void probes_close(struct probes *p);

/* Everything about the machine but what is counted over its processes.  *forks is how
 * often it has forked, threads included; -1 when it does not say. */
void probes_read_host(struct probes *p, struct wire_values *out, int64_t *forks);

/* The text of procfs/PID/path, valid until the next call, cut at 16 KiB; NULL when
 * the process is gone or forbids it.  `length` (may be NULL) is for texts with NULs.
 * `kept`, when not NULL, is a descriptor that is opened at first (-1) and kept. */
const char *probes_text(
	struct probes *p, int pid, const char *path, int *kept, size_t *length);

/* Reads one source of a process.  False: gone or forbidden. */
bool probes_read_process(struct probes *p, const struct probe *probe, int pid,
	int *kept, struct wire_values *out);

/* Open descriptors, as the size of procfs/PID/fd says since Linux 6.2.  Before that
 * they are counted, if we may see them, and taken off the budget; when it does not
 * suffice, nothing is told. */
void probes_read_fds(
	struct probes *p, int pid, size_t *budget, struct wire_values *out);

/* Calls `each` for every process id.  False with errno when procfs cannot be listed. */
bool probes_list(struct probes *p, void (*each)(void *context, int pid), void *context);

/* The directory of procfs, for openat. */
int probes_directory(const struct probes *p);

#endif
