/*
 * Wide: an array of 64-bit sizes that are nearly all small.
 *
 * Each takes `width` bytes, 2 or 4; those that do not fit stand in a map beside it.
 * A zeroed struct is an empty array.  The caller owns the struct.  One thread.
 * ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_WIDE_H
#define TIDEMARK_AGENT_HEAP_WIDE_H

#include "agent/heap/map.h"

struct wide {
	unsigned width;
	struct pages low;
	struct map high;
};

void wide_finish(struct wide *w);

/* Room for item `count - 1`; see pages_reserve. */
bool wide_reserve(struct wide *w, uint64_t count, uint64_t expected, struct err *e);

/* Exactly `count` items. */
bool wide_resize(struct wide *w, uint64_t count, struct err *e);

bool wide_set(struct wide *w, uint64_t at, uint64_t value, struct err *e);
bool wide_add(struct wide *w, uint64_t at, uint64_t value, struct err *e);

/* As `from`, with its own memory. */
bool wide_copy(struct wide *w, const struct wide *from, struct err *e);

uint64_t wide_get_high(const struct wide *w, uint64_t at);

static inline uint64_t wide_get(const struct wide *w, uint64_t at)
{
	if (w->width == 2) {
		uint16_t low = ((const uint16_t *)w->low.data)[at];
		return low == UINT16_MAX ? wide_get_high(w, at) : low;
	}
	uint32_t low = ((const uint32_t *)w->low.data)[at];
	return low == UINT32_MAX ? wide_get_high(w, at) : low;
}

#endif
