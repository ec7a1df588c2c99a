/*
 * Environment: the few variables of a process that say which version it is.
 *
 * Only names of the setting `fingerprint_env` are kept, and only where the kernel lets
 * us read /proc/PID/environ (the own user's processes, mostly); everything else that
 * stands there is wiped from memory.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_ENVIRONMENT_H
#define TIDEMARK_AGENT_FINGERPRINT_ENVIRONMENT_H

#include "common/arena.h"
#include "schema/insight.h"

#include <stdbool.h>
#include <stddef.h>

struct environment {
	const char *items[FINGERPRINT_ENVIRONMENT_MAX]; /* "NAME=value", sorted */
	size_t count;
};

/* `names` by commas; exact, no globs.  False: it may not be read. */
bool environment_read(const char *procfs, int pid, const char *names, struct arena *a,
	struct environment *out);

/* Pure: the same of the file's text. */
void environment_pick(const char *text, size_t length, const char *names,
	struct arena *a, struct environment *out);

/* The value of a name, "" when it is not there. */
const char *environment_get(const struct environment *e, const char *name);

#endif
