/*
 * Snapshot card: what a capture would cost and what it has cost, for people and as
 * JSON.
 *
 * Pure; appends to the caller's buf.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_CARD_H
#define TIDEMARK_AGENT_SNAPSHOT_CARD_H

#include "agent/capture/capture.h"
#include "common/buf.h"
#include "common/json.h"
#include "schema/wire.h"

#include <stddef.h>

void snapshot_card_text(struct buf *out, const struct capture *c,
	const struct wire_process *process, size_t others);

/* The value of "card". */
void snapshot_card_json(struct json *j, const struct capture *c,
	const struct wire_process *process, size_t others);

/* `ready_ms`: from the last byte until the table was there. */
void snapshot_card_cost_text(
	struct buf *out, const struct capture *c, int64_t ready_ms);

/* The value of "capture". */
void snapshot_card_cost_json(struct json *j, const struct capture *c, int64_t ready_ms);

/* A class histogram, which is no heap: the members into the open object; the table. */
void snapshot_card_histogram_json(struct json *j, const struct snapshot *s, size_t top);
void snapshot_card_histogram_text(
	struct buf *out, const struct snapshot *s, size_t top);

#endif
