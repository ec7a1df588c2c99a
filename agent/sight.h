/*
 * Sight: which privileges this agent has, what each of them buys, and what it therefore
 * cannot see of the processes that it follows now.
 *
 * The kernel says of each process what may be looked at; the agent asks it once a
 * minute, with two calls for each process.  docs/install.md has the table of sight.c in
 * full.
 */
#ifndef TIDEMARK_AGENT_SIGHT_H
#define TIDEMARK_AGENT_SIGHT_H

#include "common/buf.h"
#include "schema/wire.h"

#include <stddef.h>
#include <stdint.h>

struct sight {
	int64_t looked_mono_ms; /* 0: never */
	uint64_t capabilities;  /* effective ones, a bit each, as in capability.h */
	unsigned user;
	size_t followed;
	size_t closed;       /* of these: no PSS, no program, no version */
	size_t files_closed; /* their open files cannot be counted */
};

/* Looks again when the last time was a minute ago. */
void sight_look(struct sight *s, const char *procfs,
	const struct wire_process *processes, size_t count, int64_t now_mono_ms);

/* The lines of `tidemark-agent status`. */
void sight_format(const struct sight *s, struct buf *out);

#endif
