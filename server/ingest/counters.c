#include "server/ingest/counters.h"

#include "server/ingest/ingest.h"

#include <stdatomic.h>

static atomic_uint_fast64_t counters_value[COUNTERS_COUNT];

void counters_add(enum counters_name name, uint64_t more)
{
	atomic_fetch_add_explicit(&counters_value[name], more, memory_order_relaxed);
}

void counters_set(enum counters_name name, uint64_t value)
{
	atomic_store_explicit(&counters_value[name], value, memory_order_relaxed);
}

uint64_t counters_get(enum counters_name name)
{
	return atomic_load_explicit(&counters_value[name], memory_order_relaxed);
}

void ingest_counters(struct ingest_counters *out)
{
	*out = (struct ingest_counters){
		.frames = counters_get(COUNTERS_FRAMES),
		.frame_bytes = counters_get(COUNTERS_FRAME_BYTES),
		.batches_stored = counters_get(COUNTERS_BATCHES_STORED),
		.batches_repeated = counters_get(COUNTERS_BATCHES_REPEATED),
		.batches_refused = counters_get(COUNTERS_BATCHES_REFUSED),
		.process_samples = counters_get(COUNTERS_PROCESS_SAMPLES),
		.host_samples = counters_get(COUNTERS_HOST_SAMPLES),
		.values_refused = counters_get(COUNTERS_VALUES_REFUSED),
		.commits = counters_get(COUNTERS_COMMITS),
		.commit_failures = counters_get(COUNTERS_COMMIT_FAILURES),
		.commit_us_total = (int64_t)counters_get(COUNTERS_COMMIT_US),
		.handshakes_accepted = counters_get(COUNTERS_HANDSHAKES_ACCEPTED),
		.handshakes_refused = counters_get(COUNTERS_HANDSHAKES_REFUSED),
		.enrolled = counters_get(COUNTERS_ENROLLED),
		.enrol_refused = counters_get(COUNTERS_ENROL_REFUSED),
		.known_keys = counters_get(COUNTERS_KNOWN_KEYS),
		.last_commit_ms = (int64_t)counters_get(COUNTERS_LAST_COMMIT_MS),
	};
}
