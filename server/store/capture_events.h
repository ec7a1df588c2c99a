/*
 * Capture events: what agents report of captures, and of what people took on the host
 * itself.
 *
 * An event counts only for a capture that was asked of this host for this process;
 * others are ignored.  A capture goes forward alone: what comes late, twice or out of
 * order changes nothing, except that facts beat our own guess ("expired") and that what
 * an agent had begun goes on ("cancelled").  The end of a capture leaves a row in the
 * audit, and so does everything with capture 0.  For ingest, inside its transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_CAPTURE_EVENTS_H
#define TIDEMARK_SERVER_STORE_CAPTURE_EVENTS_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/snapshot.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct capture_events_word {
	int32_t host_id;
	int32_t generation_id; /* of the process that the event names; 0: none */
	const struct snapshot_event *event;
	int64_t now_ms;
};

enum capture_events_outcome {
	CAPTURE_EVENTS_CHANGED, /* something that people see */
	CAPTURE_EVENTS_SAME,
	CAPTURE_EVENTS_FOREIGN, /* ignored */
};

bool capture_events_put(struct db *db, const struct capture_events_word *word,
	struct arena *a, enum capture_events_outcome *outcome, struct err *e);

#endif
