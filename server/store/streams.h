/*
 * Streams: which batches of an agent's spool are stored already.
 *
 * A stream is (agent, epoch); what is stored of it is a set of sequences.  The writer
 * claims the streams of a round inside its transaction: that locks them against other
 * servers and tells what is known.  It adds the sequences that it stores, and saves
 * the streams before it commits.  Everything lives in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_STORE_STREAMS_H
#define TIDEMARK_SERVER_STORE_STREAMS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sequences below this fit the column, and so does the end of a range. */
#define STREAMS_SEQUENCE_MAX ((uint64_t)INT64_MAX - 1)

struct streams_range {
	uint64_t from, to; /* to is not in it */
};

struct streams_stream {
	/* Asked for. */
	int32_t agent_id;
	uint64_t epoch;

	/* Answered by streams_claim. */
	bool known; /* there is such an agent */
	bool revoked;
	int32_t host_id;
	const char *machine_id;       /* of the host that the agent enrolled */
	struct streams_range *ranges; /* in order, apart from each other */
	size_t range_count, range_capacity;
	bool changed;
	struct arena *arena;
};

/* `streams` must be in order of (agent_id, epoch), each once.  Makes missing rows,
 * locks all, fills the answers.  Inside a transaction. */
bool streams_claim(struct db *db, struct streams_stream *streams, size_t count,
	struct arena *a, struct err *e);

bool streams_has(const struct streams_stream *s, uint64_t sequence);

/* Adds [from, to). */
void streams_add(struct streams_stream *s, uint64_t from, uint64_t to);

/* Writes back the changed ones.  Inside the same transaction. */
bool streams_save(struct db *db, const struct streams_stream *streams, size_t count,
	struct arena *a, struct err *e);

/* The same of a shard's ledger (shards.h), which knows no agents: what is answered is
 * `ranges` alone. */
bool streams_claim_ledger(struct db *db, struct streams_stream *streams, size_t count,
	struct arena *a, struct err *e);
bool streams_save_ledger(struct db *db, const struct streams_stream *streams,
	size_t count, struct arena *a, struct err *e);

#endif
