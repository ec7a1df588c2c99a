/*
 * Admit: whether a batch may be stored, as far as it says so itself.
 *
 * Pure.  What only the database knows (revoked, repeated) is the writer's business.
 * A refusal is ERR_INPUT with a reason for the agent's owner; ERR_BUSY is for a batch
 * that another version of this server could store: it is held.
 */
#ifndef TIDEMARK_SERVER_INGEST_ADMIT_H
#define TIDEMARK_SERVER_INGEST_ADMIT_H

#include "common/err.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stdint.h>

/* Protocol and sequence, before the batch is decoded. */
bool admit_upload(const struct wire_upload *upload, struct err *e);

/* A batch that is too old as a whole is refused.  Single ticks and readings of queues
 * before the oldest day that is kept are taken out, and their values counted as
 * refused. */
bool admit_times(
	struct wire_batch *batch, int64_t now_ms, int64_t retention_ms, struct err *e);

/* The time of the newest tick, 0 when there is none. */
int64_t admit_newest_ms(const struct wire_batch *batch);

#endif
