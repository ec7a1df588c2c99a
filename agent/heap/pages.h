/*
 * Pages: big arrays, straight from the system.
 *
 * Zeroed, grown by moving page tables instead of copying, given back at once.  Memory
 * counts when it is touched, so an array may be made longer than it gets.  A zeroed
 * struct is an empty array.  ERR_BUSY: the system has no more.
 *
 * The caller owns the struct; pages_finish frees the memory.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_PAGES_H
#define TIDEMARK_AGENT_HEAP_PAGES_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pages {
	void *data;
	size_t size_bytes;
};

void pages_finish(struct pages *p);

/* Grows or shrinks to `count` items of `item_bytes`, or a few more; memory that is new
 * is zero. */
bool pages_resize(struct pages *p, uint64_t count, size_t item_bytes, struct err *e);

/* Makes room for item `count - 1`: doubles, but never beyond `expected` items while
 * that is enough. */
bool pages_reserve(struct pages *p, uint64_t count, uint64_t expected,
	size_t item_bytes, struct err *e);

/* Memory that a step is done with and the next one may use: asking the system for it
 * anew costs the clearing. */
enum { PAGES_SPARES = 6 };

struct pages_spares {
	struct pages pieces[PAGES_SPARES];
};

/* Fills an empty `p` with at least `count` items that hold anything. */
bool pages_borrow(struct pages *p, struct pages_spares *s, uint64_t count,
	size_t item_bytes, struct err *e);

/* Empties `p`. */
void pages_give(struct pages *p, struct pages_spares *s);

/* Shrinks `p` to `count` items; the rest is given in pieces of that size. */
bool pages_give_rest(struct pages *p, struct pages_spares *s, uint64_t count,
	size_t item_bytes, struct err *e);

void pages_finish_spares(struct pages_spares *s);

#endif
