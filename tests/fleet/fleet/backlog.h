/*
 * Backlog: the spool of one simulated agent, in memory.
 *
 * An ordered queue of encoded batches, bounded in bytes: when it is full the oldest
 * goes, and is counted.  A batch is waiting, under way (sent on this connection, no
 * receipt yet), or done; what is done at the front is forgotten.  Belongs to its
 * caller, one thread.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_BACKLOG_H
#define TIDEMARK_TESTS_FLEET_FLEET_BACKLOG_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backlog_batch {
	uint64_t sequence;
	void *bytes; /* NULL: done */
	uint32_t length, samples;
	bool tried;               /* sent on any connection */
	int64_t made_ms, sent_ms; /* 0: not sent on this connection */
};

struct backlog {
	struct backlog_batch *ring;
	uint32_t capacity, first, count; /* done ones in between are counted too */
	uint32_t unsent;                 /* how many from the front were sent */
	uint32_t under_way, waiting;     /* waiting: not done, sent or not */
	uint64_t bytes, next_sequence, given_up;
};

void backlog_init(struct backlog *b);
void backlog_finish(struct backlog *b);

/* Copies the batch and gives it the next sequence. */
void backlog_append(struct backlog *b, const struct buf *batch, uint32_t samples,
	int64_t now_ms, uint64_t bytes_max);

/* Number i from the front, i < count. */
struct backlog_batch *backlog_at(const struct backlog *b, uint32_t i);

/* The first that was not sent, or NULL; then it counts as sent. */
struct backlog_batch *backlog_next(struct backlog *b);
void backlog_sent(struct backlog *b, struct backlog_batch *batch, int64_t now_ms);

/* The sequence's batch is done: forgotten.  Returns its samples, or -1: not held. */
int64_t backlog_settle(struct backlog *b, uint64_t sequence);

/* Everything will be sent again. */
void backlog_rewind(struct backlog *b);

/* The oldest sequence that is held, or the next one. */
uint64_t backlog_oldest(const struct backlog *b);

#endif
