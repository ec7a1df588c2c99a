/*
 * Verdict: growth in words.
 *
 * "95 % of 3.1 MiB growth is in `error` of {error}, held by `_events` of MonitorQueue:
 * 2,040 new Function onQueueError (lib/app.js:11:42)."  Made from names that were
 * described before, so with a privacy nothing else gets into the sentence.
 *
 * Pure; results are in the caller's arena.
 */
#ifndef TIDEMARK_AGENT_HEAP_VERDICT_H
#define TIDEMARK_AGENT_HEAP_VERDICT_H

#include "agent/heap/describe.h"
#include "agent/heap/growth.h"

/* All of it, words too; `changes`: at most this many rows of the diff. */
struct snapshot_growth verdict_describe(const struct growth *w, const struct diff *diff,
	const struct digest *before, const struct describe *d, size_t changes);

const char *verdict_words(const struct snapshot_growth *g, struct arena *arena);

/* What is explained of the growth, 0 to 1: when others shrank, it is more than all. */
double verdict_share(const struct snapshot_growth *g);

/* "accumulation", "class growth", "no leak", "not compared". */
const char *verdict_name(enum snapshot_verdict verdict);

#endif
