/*
 * Shipment: a round's readings on their way to shards.  Part of settle.
 *
 * Before the round's own transaction, in which the main database learns of the batches,
 * each shard gets the rows that belong there, in a transaction that also notes in its
 * ledger which batches they are of.  Whatever fails between leaves batches that come
 * again: their rows are skipped where the ledger has them.  A shard that is away holds
 * up the batches that need it, and no others.
 */
#ifndef TIDEMARK_SERVER_INGEST_SHIPMENT_H
#define TIDEMARK_SERVER_INGEST_SHIPMENT_H

#include "common/arena.h"
#include "schema/wire.h"
#include "server/store/registry.h"
#include "server/store/shards.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shipment;

struct shipment *shipment_create(void);
void shipment_destroy(struct shipment *s);

/* A batch that is to be stored. */
struct shipment_word {
	int32_t agent_id, host_id;
	uint64_t epoch, sequence, oldest;
	const struct wire_batch *batch;
	const struct registry_want *wants; /* resolved, and committed */

	bool away; /* answered: a shard that it needs did not take it */
};

struct shipment_rows {
	uint64_t process, host;
};

/* `words` are in order of (agent_id, epoch, sequence).  Tells what was written. */
struct shipment_rows shipment_write(struct shipment *s, struct shards *shards,
	struct shipment_word *words, size_t count, struct arena *a);

#endif
