/*
 * Settle: a round in one transaction.  Part of the writer.
 *
 * Claims the streams, skips repeats, finds or makes the ids, copies the samples, stores
 * what is said of heap snapshots and what scouts found out, notes what each agent's row
 * should say, and commits. Owns a connection and the memories that go with it.  One
 * thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_SETTLE_H
#define TIDEMARK_SERVER_INGEST_SETTLE_H

#include "common/err.h"
#include "server/ingest/round.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settle;

/* The key seals raw heap files; 32 bytes, copied. */
struct settle *settle_create(const char *database, const uint8_t *raw_key);
void settle_destroy(struct settle *s);

/* After a failure: whether the database still answers, so that it may be the items that
 * it cannot take. */
bool settle_is_connected(const struct settle *s);

/* For the end, from another thread: an attempt that waits for the database fails. */
void settle_shut(struct settle *s);

/* All of `items` or none: gives every item its fate when the commit succeeded, and
 * leaves all as they were when not.  Answers that are longer than a literal live in
 * `kept`.  ERR_INPUT: some item's data is refused. */
bool settle_items(struct settle *s, struct round_item **items, size_t count,
	struct arena *kept, struct err *e);

#endif
