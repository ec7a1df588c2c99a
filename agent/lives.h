/*
 * Lives: the process lives that snapshots may be about.
 *
 * A tick's processes are only there while the tick runs; orders and files come between
 * ticks, and a file often comes from a process that has just ended.  So the lives of
 * the services in question are copied here, and kept for an hour after their end.
 *
 * Owns its copies.  One thread.
 */
#ifndef TIDEMARK_AGENT_LIVES_H
#define TIDEMARK_AGENT_LIVES_H

#include "agent/processes.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LIVES_ENDED_MS = 3600 * 1000, LIVES_MAX = 4096 };

#define LIVES_NOBODY ((uid_t)-1) /* could not be told */

struct life {
	struct wire_process is; /* strings of its own */
	uid_t owner;
	bool runs;            /* was there at the last tick */
	int64_t seen_unix_ms; /* the last tick that had it */
};

struct lives;

/* Keeps those services for which `wants` is true. */
struct lives_options {
	const char *procfs;
	bool (*wants)(const void *context, const char *service);
	const void *context;
};

struct lives *lives_create(const struct lives_options *options);
void lives_destroy(struct lives *l);

void lives_tick(
	struct lives *l, const struct processes_tick *tick, int64_t now_unix_ms);

/* All of them, in no order; valid until the next tick. */
const struct life *const *lives_all(const struct lives *l, size_t *count);

/* The newest life with this pid, or NULL. */
const struct life *lives_find(const struct lives *l, uint32_t pid);

#endif
