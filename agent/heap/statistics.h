/*
 * Statistics: the shares of the heap, as DevTools' calculateStatistics counts them.
 *
 * Of a graph whose sizes have moved and whose retainers are built; native bytes outside
 * of the heap count as native.  Pure.
 */
#ifndef TIDEMARK_AGENT_HEAP_STATISTICS_H
#define TIDEMARK_AGENT_HEAP_STATISTICS_H

#include "agent/heap/graph_data.h"
#include "agent/heap/heap.h"

void statistics_compute(const struct graph *g, uint64_t extra_native_bytes,
	uint64_t total_bytes, struct heap_statistics *out);

/* One node's share, by its kind; arrays are no business of this. */
void statistics_add(struct heap_statistics *s, unsigned kind, uint64_t self_bytes);

#endif
