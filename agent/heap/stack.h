/*
 * Stack: of node ordinals.  A zeroed struct is an empty one, owned by the caller;
 * ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_STACK_H
#define TIDEMARK_AGENT_HEAP_STACK_H

#include "agent/heap/pages.h"

struct stack {
	struct pages items;
	uint32_t count;
};

static inline void stack_finish(struct stack *s)
{
	pages_finish(&s->items);
	s->count = 0;
}

static inline bool stack_push(struct stack *s, uint32_t item, struct err *e)
{
	if (s->count >= s->items.size_bytes / sizeof(uint32_t) &&
		!pages_reserve(&s->items, (uint64_t)s->count + 1, UINT32_MAX,
			sizeof(uint32_t), e))
		return false;
	((uint32_t *)s->items.data)[s->count++] = item;
	return true;
}

static inline bool stack_pop(struct stack *s, uint32_t *item)
{
	if (s->count == 0)
		return false;
	*item = ((const uint32_t *)s->items.data)[--s->count];
	return true;
}

#endif
