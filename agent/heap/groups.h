/*
 * Groups: what counts as "the same" among the children of an object.
 *
 * Objects by class row, functions by where they are written, so that 3,000 listeners
 * made at one place are one group and not lost among all functions.  What V8 keeps for
 * itself (code, shapes, hidden objects, stores) has no group.
 *
 * Function literals are numbered as they are met: memory grows with the program's
 * text, not with the heap.  Owns its memory, refers to the graph.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_GROUPS_H
#define TIDEMARK_AGENT_HEAP_GROUPS_H

#include "agent/heap/classes.h"
#include "agent/heap/graph.h"

#define GROUPS_NONE UINT32_MAX

struct groups;

struct groups *groups_create(const struct graph *g, const struct classes *c);
void groups_destroy(struct groups *s);

uint32_t groups_of(struct groups *s, uint32_t node);

/* What was counted of one group in the current round. */
struct groups_tally {
	uint32_t group, sample; /* sample: the first node */
	uint64_t count, bytes;  /* retained by its nodes */
};

/* A round: groups_begin, then groups_add for each node.  The tallies of the round, in
 * order of first sight, are valid until the next groups_begin. */
void groups_begin(struct groups *s);
void groups_add(struct groups *s, uint32_t node);
size_t groups_tallies(const struct groups *s, const struct groups_tally **out);

/* The tally with the most, NULL when there is none. */
const struct groups_tally *groups_largest(const struct groups *s);
const struct groups_tally *groups_most(const struct groups *s);

#endif
