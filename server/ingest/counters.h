/*
 * Counters: totals of ingest, each written by one thread and read by any.
 * Part of ingest.h, which names them for readers.
 */
#ifndef TIDEMARK_SERVER_INGEST_COUNTERS_H
#define TIDEMARK_SERVER_INGEST_COUNTERS_H

#include <stdint.h>

enum counters_name {
	COUNTERS_FRAMES,
	COUNTERS_FRAME_BYTES,
	COUNTERS_FRAMES_DROPPED,
	COUNTERS_BATCHES_STORED,
	COUNTERS_BATCHES_REPEATED,
	COUNTERS_BATCHES_REFUSED,
	COUNTERS_BATCHES_HELD,
	COUNTERS_PROCESS_SAMPLES,
	COUNTERS_HOST_SAMPLES,
	COUNTERS_VALUES_REFUSED,
	COUNTERS_COMMITS,
	COUNTERS_COMMIT_FAILURES,
	COUNTERS_COMMIT_US,
	COUNTERS_HANDSHAKES_ACCEPTED,
	COUNTERS_HANDSHAKES_REFUSED,
	COUNTERS_ENROLLED,
	COUNTERS_ENROL_REFUSED,
	COUNTERS_KNOWN_KEYS,     /* a level */
	COUNTERS_LAST_COMMIT_MS, /* a time */
	COUNTERS_COUNT
};

void counters_add(enum counters_name name, uint64_t more);
void counters_set(enum counters_name name, uint64_t value);
uint64_t counters_get(enum counters_name name);

#endif
