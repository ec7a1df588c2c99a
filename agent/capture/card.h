/*
 * Card: what a capture will cost, estimated from the size of the live heap.
 *
 * The figures were measured on Node.js 8 to 26: a process answers nothing for 55 to 110
 * ms per MB of live heap, takes 5.6 to 11 times the live heap of native memory more,
 * and the snapshot is about 1.9 times as large as the heap; the analysis needs 1.5
 * times the snapshot.  A class histogram of a Java machine costs about one full
 * collection.
 *
 * Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_CARD_H
#define TIDEMARK_AGENT_CAPTURE_CARD_H

#include "agent/capture/room.h"

#include <stdbool.h>
#include <stdint.h>

/* Of what is free, a capture may need so many percent. */
enum { CARD_SAFE_PCT = 70 };

struct card {
	bool heap_is_measured; /* false: heap_bytes is the most that it can be */
	uint64_t heap_bytes;
	int64_t pause_ms;
	uint64_t need_bytes;   /* in the target */
	uint64_t file_bytes;   /* of the snapshot */
	uint64_t helper_bytes; /* of the analysis, exact */
	bool will_be_exact;
	uint64_t helper_max_bytes; /* that the analysis may use */
};

void card_estimate(struct card *out, uint64_t heap_bytes, bool is_measured);
void card_estimate_jvm(struct card *out, uint64_t heap_bytes);

/* How the analysis will go beside the target: `helper` is the room of the process that
 * analyses, which shares the machine with the target; `limit_bytes` (0: none) what it
 * was allowed. */
void card_fit(struct card *c, const struct room *helper, uint64_t limit_bytes);

#endif
