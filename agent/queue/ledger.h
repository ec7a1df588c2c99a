/*
 * Ledger: how many items ever left a queue, where the queue itself does not say.
 *
 * What came in and is neither there nor kept as failed, has left:
 *
 *     completed = entered - depth - failed
 *
 * This holds whatever becomes of finished items, so that it counts where a queue
 * forgets them at once (removeOnComplete).  The three figures are read one after the
 * other while the queue works, so that the difference wavers by a few: the ledger only
 * ever goes up with it.  Jobs that fail again go back and forth without being counted.
 * Items removed by hand, and failed ones that are thrown away, count as completed.
 *
 * failures adds up how much `failed` grew: at least as many failed as it says.
 *
 * Where `entered` falls (the server was emptied) everything begins anew.  Pure.
 */
#ifndef TIDEMARK_AGENT_QUEUE_LEDGER_H
#define TIDEMARK_AGENT_QUEUE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

struct ledger {
	bool is_begun;
	int64_t entered, failed; /* at the last look */
	int64_t completed, failures;
};

void ledger_look(struct ledger *l, int64_t entered, int64_t depth, int64_t failed);

#endif
