/*
 * Heaps: what a round says of heap snapshots, and what agents are asked for in return.
 * Part of settle.
 *
 * Summaries, events and parts of raw files go into the round's transaction.  An agent
 * that brings more of them than people could ask for has the rest left out, and its row
 * says so.  One thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_HEAPS_H
#define TIDEMARK_SERVER_INGEST_HEAPS_H

#include "common/err.h"
#include "server/ingest/round.h"
#include "server/store/db.h"
#include "server/store/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* Of one agent. */
	HEAPS_SUMMARIES_PER_HOUR = 120,
	HEAPS_EVENTS_PER_HOUR = 7200,
	HEAPS_LOCAL_PER_HOUR =
		60, /* audit rows of captures that nobody here asked for */
};

struct heaps;

/* The key seals raw files; copied. */
struct heaps *heaps_create(const uint8_t *raw_key);
void heaps_destroy(struct heaps *h);

/* A stored batch or a raw part. */
struct heaps_word {
	const struct round_item *item;
	size_t arrival;                    /* its place in the round */
	int32_t host_id;                   /* of a batch; of a part it is answered */
	const struct registry_want *wants; /* resolved, of the batch's processes */

	/* Answered, in the attempt's arena. */
	enum wire_fate fate; /* of a part */
	const char *reason;  /* why something was left out or refused; NULL: nothing */
	struct snapshot_order *orders;
	size_t order_count;
	uint64_t summaries, foreign, events, local, ignored, left_out;
};

/* `words` are in order of their agents.  Stores what they say, reads the orders for
 * their hosts (they go to the word of an agent that arrived last), and notifies topic
 * "snapshots" when people see a change.  Inside the transaction. */
bool heaps_settle(struct heaps *h, struct db *db, struct heaps_word *words,
	size_t count, struct arena *a, struct err *e);

/* What the word's receipt carries, copied to live as long as `kept`. */
struct snapshot_order *heaps_keep_orders(
	const struct heaps_word *word, struct arena *kept);

/* After the commit: counts, and spends the agents' quotas. */
void heaps_committed(struct heaps *h, const struct heaps_word *words, size_t count);

#endif
