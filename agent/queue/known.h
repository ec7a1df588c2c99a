/*
 * Known: what is remembered of a source's queues from one look to the next.
 *
 * Owns everything; one thread.  At most READING_QUEUES_MAX at a time: who was not asked
 * for longest makes room.
 */
#ifndef TIDEMARK_AGENT_QUEUE_KNOWN_H
#define TIDEMARK_AGENT_QUEUE_KNOWN_H

#include "agent/queue/ledger.h"
#include "agent/queue/overdue.h"

#include <stddef.h>

struct known_queue {
	char *name;
	uint64_t used; /* larger: later */
	struct ledger ledger;
	struct overdue overdue;
	int64_t entered;        /* where it is counted by us */
	int64_t learnt_unix_ms; /* when durations were last asked for */
	int64_t weight;         /* how many came in at the last look that could tell */
	bool has_finished;      /* they came from finished items */
};

struct known {
	struct known_queue **at;
	size_t count;
	uint64_t clock;
};

/* Never NULL; made when it is not there. */
struct known_queue *known_get(struct known *k, const char *name);
void known_finish(struct known *k);

#endif
