/*
 * Portrait: the fingerprint of one process, from everything that this folder reads.
 *
 *     who           application and version, commit, build id, image, environment
 *     what runs it  runtime and version
 *     with what     the resolved packages (dependencies.h), those of pm2 when it runs
 *                   inside (manager.h), or mapped libraries, jars, distributions
 *
 * What may not be read, or was none, stands in `remarks`; nothing is guessed.  A
 * process takes at most a few seconds of one thread.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_PORTRAIT_H
#define TIDEMARK_AGENT_FINGERPRINT_PORTRAIT_H

#include "agent/fingerprint/dependencies.h"
#include "common/arena.h"
#include "common/err.h"
#include "schema/insight.h"

#include <stdbool.h>
#include <stdint.h>

struct portrait_options {
	const char *procfs;
	const char *environment; /* allowed names, by commas */
	const char *pm2;         /* folders of pm2's package, by commas */
	struct dependencies *dependencies;
};

struct portrait_process {
	int pid;
	uint64_t start_ticks;    /* 0: any */
	int64_t started_unix_ms; /* 0: unknown */
};

/* Everything is in the arena, tidied and with its hash.  ERR_INPUT: there is no such
 * process (any more); ERR_BUSY: it is still becoming what it will be, ask again in some
 * seconds. */
bool portrait_take(const struct portrait_options *options,
	const struct portrait_process *process, struct arena *a,
	struct fingerprint *out, struct err *e);

#endif
