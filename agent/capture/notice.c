#include "agent/capture/notice.h"

bool notice_encode(const struct wire_batch *about, const struct snapshot_event *event,
	const struct snapshot *summary, struct buf *out, struct err *e)
{
	struct wire_snapshot snapshot = {.process = 0};
	struct wire_snapshot_event said = {
		.has_process = about->process_count > 0,
		.is = *event,
	};
	struct wire_batch batch = *about;
	batch.ticks = NULL;
	batch.tick_count = 0;
	batch.gaps = NULL;
	batch.gap_count = 0;
	batch.events = &said;
	batch.event_count = 1;
	batch.snapshots = NULL;
	batch.snapshot_count = 0;
	if (summary) {
		snapshot.is = *summary;
		batch.snapshots = &snapshot;
		batch.snapshot_count = 1;
	}
	return wire_batch_encode(&batch, out, e);
}
