/*
 * Compact: moves readings on, from hot rows to what is kept for months.
 *
 * One thread with its own connections, the part `storage` of the server.  Of several
 * servers on one database the one that holds the lease (an advisory lock of the
 * session) does the work.  Every few seconds, as far as due:
 *
 *   close    five minutes are over, and nine of ten agents that report have delivered
 *            past them (or the same five minutes have waited CLOSE_PATIENCE_MS): what
 *            comes now for them is late
 *   window   hot rows of closed five minutes become segments and version rollups
 *   seal     segments and late rows of a day that is over become chunks and slot
 *            rollups
 *   merge    late rows of sealed days join their chunks
 *   expire   partitions are made ahead; what is past its retention is dropped
 *
 * Each step is one transaction that writes what is new and takes away what it replaces,
 * or marks it replaced; a crash anywhere loses and doubles nothing.
 */
#ifndef TIDEMARK_SERVER_COMPACT_COMPACT_H
#define TIDEMARK_SERVER_COMPACT_COMPACT_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct compact;

struct compact_options {
	const char *database; /* connection string of a migrated database */
	const char *
		shard; /* that of the one whose readings are moved on; NULL: the same */
	int64_t raw_retention_ms;
	int64_t rollup_retention_ms;
};

struct compact *compact_start(const struct compact_options *options, struct err *e);

/* Ends after the step in hand.  NULL is accepted. */
void compact_stop(struct compact *c);

/* Totals since the start and the state of the storage, as Prometheus text 0.0.4.  Any
 * thread. */
void compact_metrics(void *context, struct buf *out);

#endif
