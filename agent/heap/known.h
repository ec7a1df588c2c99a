/*
 * Known: the names in a heap that stand in the code of its program.
 *
 * An object may be a record that somebody wrote, or a dictionary whose keys came with
 * the data; nothing in a snapshot says which.  But what is written in code is held by
 * it: V8 keeps the names that a function uses in its constants, those of its variables
 * and of its literals beside them.  A property whose name is in none of them was not
 * made by its name, and is taken for a key.  What V8 remembers of calls ("feedback",
 * optimized code) also holds names, but of data too, and does not count.
 *
 * Before Node.js 18 the constants were not in snapshots.  There, and wherever a heap
 * has none, a property's name is known when two objects have it.
 *
 * Owns its memory and borrows the graph's names.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_KNOWN_H
#define TIDEMARK_AGENT_HEAP_KNOWN_H

#include "agent/heap/graph.h"

struct known;

struct known *known_create(const struct graph *g);
void known_destroy(struct known *k);

bool known_has(const struct known *k, const char *name, size_t length);

#endif
