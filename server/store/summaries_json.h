/*
 * Summaries JSON: the parts of a snapshot that are stored as the API gives them
 * (web/src/api/heap.ts: HeapHolder, HeapGrowth).  Pure; texts are in the arena.  For
 * summaries.c.
 */
#ifndef TIDEMARK_SERVER_STORE_SUMMARIES_JSON_H
#define TIDEMARK_SERVER_STORE_SUMMARIES_JSON_H

#include "common/arena.h"
#include "schema/snapshot.h"

const char *summaries_json_holders(
	const struct snapshot_holder *holders, size_t count, struct arena *a);

/* NULL: it was not compared. */
const char *summaries_json_growth(
	const struct snapshot_growth *growth, struct arena *a);

#endif
