/*
 * Regrowth: what grew between two summaries, where objects have no lasting numbers.
 *
 * V8 numbers all objects anew when an inspector session ends (seen on Node.js 20: even
 * one that only evaluates), so that two captures through the inspector have no ids in
 * common.  Then holders are the same when they, their path from the root and the class
 * of their children are called the same, and classes by name and place.  Counts are
 * differences: what was replaced by as much is not seen.
 *
 * Pure; results are in the caller's arena.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_REGROWTH_H
#define TIDEMARK_AGENT_CAPTURE_REGROWTH_H

#include "common/arena.h"
#include "schema/snapshot.h"

/* Fills after->growth.  Both must be exact ones, named under the same key. */
void regrowth_find(
	const struct snapshot *before, struct snapshot *after, struct arena *a);

#endif
