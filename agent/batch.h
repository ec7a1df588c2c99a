/*
 * Batch: one tick's readings as bytes in the spool.
 *
 * A batch stands on its own.  Readings that are too many for one batch are cut into
 * several: the first carries the host's values and the gaps, all of them the time of
 * the tick.
 *
 * Keeps nothing.  One thread (the spool's).
 */
#ifndef TIDEMARK_AGENT_BATCH_H
#define TIDEMARK_AGENT_BATCH_H

#include "agent/processes.h"
#include "agent/spool.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* What every batch says about its host; borrowed. */
struct batch_host {
	const char *boot_id, *machine_id, *hostname, *kernel;
	uint32_t cpus, interval_ms;
};

/* Numbers the tick's samples anew.  ERR_IO from the spool: the readings are lost, and
 * the spool has counted them as a gap.  Batches that were appended before the failure
 * stay. */
bool batch_append(const struct batch_host *host, const struct processes_tick *tick,
	int64_t at_unix_ms, struct spool *spool, struct err *e);

/* A batch about one process (or none) without readings: for snapshots.  `process` may
 * be NULL, and is borrowed. */
struct wire_batch batch_about(
	const struct batch_host *host, struct wire_process *process);

#endif
