/*
 * Wire batch: what one batch says, as plain structs; part of wire.h.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_BATCH_H
#define TIDEMARK_SCHEMA_WIRE_BATCH_H

#include "schema/insight.h"
#include "schema/metric.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_values {
	uint64_t present;             /* bit i: metric i of the scope has a value */
	int64_t value[METRIC_VALUES]; /* at index i, 0 where absent */
};

struct wire_process {
	const char *service, *version, *runtime, *rule, *command; /* never NULL */
	const char *fingerprint; /* insight.h; "" or NULL: not known */
	uint32_t slot, pid;
	int64_t started_unix_ms;
	uint64_t start_ticks;
};

struct wire_sample {
	uint32_t process; /* index into the batch's processes */
	struct wire_values values;
};

struct wire_tick {
	int64_t at_unix_ms;
	struct wire_values host;
	struct wire_sample *samples;
	size_t sample_count;
};

struct wire_gap {
	int64_t from_unix_ms, to_unix_ms;
	uint64_t batches;
	const char *reason;
};

struct wire_snapshot {
	uint32_t process; /* index into the batch's processes */
	struct snapshot is;
};

struct wire_snapshot_event {
	bool has_process;
	uint32_t process;
	struct snapshot_event is;
};

struct wire_census {
	uint32_t process; /* index into the batch's processes */
	struct census is;
};

struct wire_warning {
	bool has_process;
	uint32_t process;
	struct warning is;
};

struct wire_queue {
	struct queue_place of;
	int64_t at_unix_ms;
	struct wire_values values; /* scope QUEUE */
};

struct wire_batch {
	const char *boot_id, *machine_id, *hostname, *kernel;
	uint32_t cpus, interval_ms;
	struct wire_process *processes;
	size_t process_count;
	struct wire_tick *ticks;
	size_t tick_count;
	struct wire_gap *gaps;
	size_t gap_count;
	struct wire_snapshot *snapshots;
	size_t snapshot_count;
	struct wire_snapshot_event *events;
	size_t event_count;
	struct fingerprint *fingerprints;
	size_t fingerprint_count;
	struct wire_census *censuses;
	size_t census_count;
	struct wire_warning *warnings;
	size_t warning_count;
	struct wire_queue *queues;
	size_t queue_count;
	struct source_state *sources;
	size_t source_count;
	uint64_t refused_values; /* set by decoding */
};

#endif
