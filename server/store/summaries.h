/*
 * Summaries: snapshots on their way into the database.
 *
 * A summary belongs to the capture that it names only if that was ordered of this host
 * for this process and has none yet; then the capture is done.  Else it is stored as
 * one that nobody here asked for, and the audit says what it claimed.  For ingest,
 * inside its transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_SUMMARIES_H
#define TIDEMARK_SERVER_STORE_SUMMARIES_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/snapshot.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct summaries_word {
	int32_t host_id, generation_id;
	const struct snapshot *snapshot;
	int64_t now_ms;
};

enum summaries_outcome {
	SUMMARIES_STORED,
	SUMMARIES_FOREIGN,  /* stored; the capture that it names is not its own */
	SUMMARIES_REPEATED, /* one of this process and moment is there */
};

bool summaries_put(struct db *db, const struct summaries_word *word, struct arena *a,
	enum summaries_outcome *outcome, struct err *e);

#endif
