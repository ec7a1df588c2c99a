/*
 * Batches about snapshots, as a job makes them.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_SNAPSHOT_BATCH_H
#define TIDEMARK_TESTS_UNIT_AGENT_SNAPSHOT_BATCH_H

#include "common/clock.h"
#include "schema/wire.h"
#include "tests/unit/cmocka_all.h"

/* One event of a capture. */
static inline void snapshot_batch(
	uint64_t capture, enum snapshot_state state, const char *text, struct buf *out)
{
	struct wire_snapshot_event event = {.is = {.capture = capture,
						    .at_unix_ms = clock_unix_ms(),
						    .state = state,
						    .text = text,
						    .actor = capture ? "" : "a test"}};
	struct wire_batch batch = {.boot_id = "11111111-2222-3333-4444-555555555555",
		.machine_id = "00112233445566778899aabbccddeeff",
		.hostname = "test",
		.kernel = "6.1.0",
		.cpus = 2,
		.interval_ms = 10000,
		.events = &event,
		.event_count = 1};
	struct err e;
	if (!wire_batch_encode(&batch, out, &e))
		fail_msg("%s", e.text);
}

#endif
