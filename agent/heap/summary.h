/*
 * Summary: a heap as it leaves the host.
 *
 * Classes, holders and, with an earlier digest, growth; named as privacy.h allows; so
 * many rows that it fits into SNAPSHOT_BYTES_MAX on the wire: first the smallest
 * classes by retained size are left out (those with the highest counts stay), then
 * changes, fan-out and accumulators.
 *
 * All texts are in the caller's arena; the heap may be destroyed after.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_SUMMARY_H
#define TIDEMARK_AGENT_HEAP_SUMMARY_H

#include "agent/heap/diff.h"
#include "agent/heap/heap.h"
#include "agent/heap/privacy.h"
#include "common/arena.h"
#include "schema/snapshot.h"

struct summary_options {
	struct privacy privacy;      /* the site's key; `known` is not looked at */
	const struct digest *before; /* NULL: not compared */
	enum diff_process process;   /* what is known of `before` */
	int64_t taken_unix_ms;
};

/* Fills everything but capture, route, process and raw, which stay zero (their texts
 * ""). */
void summary_make(const struct heap *h, const struct summary_options *options,
	struct arena *arena, struct snapshot *out);

#endif
