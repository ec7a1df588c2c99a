/*
 * Memory: what is remembered of captures between runs, in state_dir/captures.
 *
 * Of each service: when the last capture was, and when it answered SIGUSR1 with
 * something of its own, after which it is never sent again.  A small text file that
 * is replaced whole, written by the agent's helper and by the command line alike.  All
 * processes of a service share what is noted of it; whoever knows better takes out its
 * line.
 * Services that were not captured for longest are forgotten first.
 *
 * Any process; writers lock the state directory for as long as a small file takes.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_MEMORY_H
#define TIDEMARK_AGENT_CAPTURE_MEMORY_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { MEMORY_SERVICES_MAX = 1000, MEMORY_SERVICE_MAX = 256 };

struct memory {
	int64_t last_unix_ms;         /* 0: never */
	int64_t self_handled_unix_ms; /* 0: not seen */
};

/* What cannot be read is not remembered. */
void memory_read(const char *state_dir, const char *service, struct memory *out);

/* Adds what is not 0 in `m` to what is remembered. */
bool memory_write(const char *state_dir, const char *service, const struct memory *m,
	struct err *e);

#endif
