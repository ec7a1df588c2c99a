/*
 * Likeness: which object of a newer snapshot is which of an older one of the process.
 *
 * V8 numbers its objects, and the number stays as long as the object lives; but it
 * gives all numbers anew whenever an inspector session ends (seen on Node.js 12 to 24).
 * Then an object is the same when it is reached in the same way: by the same names,
 * from class to class, on a shortest path from a root.  Slots of V8's own stores, which
 * move when a table grows, are no names: what hangs from the same store and has the
 * same class is told apart by size alone, the largest being the largest.  What is then
 * reached on another way than before: moved.h.
 *
 * Four bytes per node, and sixteen while it is made.  Pure.
 */
#ifndef TIDEMARK_AGENT_HEAP_LIKENESS_H
#define TIDEMARK_AGENT_HEAP_LIKENESS_H

#include "agent/heap/graph.h"

enum likeness_kind {
	LIKENESS_ID = 1, /* V8's number */
	LIKENESS_PATH,   /* a hash of how it is reached */
};

/* Nodes by their likeness: of[order[i]] ascends with i. */
struct likeness {
	uint32_t *of;    /* per node */
	uint32_t *order; /* of equal ones the largest retained size first */
};

void likeness_init(
	struct likeness *likeness, const struct graph *g, enum likeness_kind kind);
void likeness_finish(struct likeness *likeness);

#endif
