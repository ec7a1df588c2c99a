/*
 * States: how reading each service's insides goes, as sources "insides SERVICE" and,
 * where a heap is not counted, "census SERVICE".
 *
 * Told when it changes and every ten minutes.  A service whose processes offer no way
 * in has none: that is no fault.
 *
 * Caller's storage; remembers by name.  One thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_STATES_H
#define TIDEMARK_AGENT_INSIDES_STATES_H

#include "agent/insides/subjects.h"
#include "common/arena.h"
#include "schema/insight.h"

struct states_told {
	char *name;
	uint64_t sum; /* of what was told */
	int64_t at_ms;
	bool is_there;
};

struct states {
	struct states_told *told;
	size_t count;
};

void states_finish(struct states *t);

/* What is to be told now, in the arena. */
struct source_state *states_take(struct states *t, const struct subjects *s,
	int64_t now_ms, struct arena *a, size_t *count);

#endif
