/*
 * Finder: the names of a source's queues in Redis, by the keys that stand for them.
 *
 * Names without a glob are taken as they are.  Globs are looked for with SCAN, some
 * round trips at each look, so that a server with millions of keys is walked through
 * slowly and KEYS is never needed; what was found stays until finder_drop.
 *
 * One thread.  Owns the names.
 */
#ifndef TIDEMARK_AGENT_QUEUE_FINDER_H
#define TIDEMARK_AGENT_QUEUE_FINDER_H

#include "agent/queue/reading.h"
#include "agent/queue/redis.h"

struct finder {
	char *names[READING_QUEUES_MAX];
	size_t count;
	bool is_cut;                           /* there are more */
	uint64_t cursors[QUEUE_SPEC_LIST_MAX]; /* of each glob */
	bool has_begun;
};

/* Keys are `before` NAME `after`. */
bool finder_look(struct finder *f, struct redis *redis, const struct reading *r,
	const char *before, const char *after, struct err *e);

/* The queue is gone; the last one takes its place. */
void finder_drop(struct finder *f, size_t i);

/* Whether that name is of the configuration, and not found: it stays. */
bool finder_is_given(const struct reading *r, const char *name);

void finder_finish(struct finder *f);

#endif
