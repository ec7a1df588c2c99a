/*
 * Aggregate: the retained bytes of each class.
 *
 * Adds to the rows of `c` what their nodes retain, without those that a node of the
 * same class dominates.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_AGGREGATE_H
#define TIDEMARK_AGENT_HEAP_AGGREGATE_H

#include "agent/heap/classes_data.h"

bool aggregate_retained(const struct graph *g, struct classes *c, struct err *e);

#endif
