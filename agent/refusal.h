/*
 * Refusal: why an order for a snapshot is not begun.
 *
 * It came too late, its service is not opted in by `snapshots`, its process does not
 * run, or is another one by now.  What else speaks against a capture is for the gate
 * of the job to see.  Pure.
 */
#ifndef TIDEMARK_AGENT_REFUSAL_H
#define TIDEMARK_AGENT_REFUSAL_H

#include "agent/lives.h"
#include "schema/snapshot.h"

#include <stdint.h>

enum { REFUSAL_WHY_BYTES = 320 };

struct refusal_question {
	const struct snapshot_order *order;
	const struct lives *lives;
	const char *opted_in; /* the setting `snapshots` */
	int64_t now_unix_ms;
};

/* SNAPSHOT_FAILED or SNAPSHOT_DENIED, and why; 0: it may be begun. */
enum snapshot_state refusal_of(
	const struct refusal_question *q, char why[REFUSAL_WHY_BYTES]);

#endif
