/*
 * Bits: one bit per node.  The caller owns the struct; ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_BITS_H
#define TIDEMARK_AGENT_HEAP_BITS_H

#include "agent/heap/pages.h"

struct bits {
	struct pages words;
};

static inline bool bits_create(struct bits *b, uint64_t count, struct err *e)
{
	return pages_resize(&b->words, count / 64 + 1, sizeof(uint64_t), e);
}

static inline void bits_destroy(struct bits *b)
{
	pages_finish(&b->words);
}

static inline bool bits_test(const struct bits *b, uint32_t at)
{
	return ((const uint64_t *)b->words.data)[at / 64] >> at % 64 & 1;
}

/* Whether it was set before. */
static inline bool bits_test_and_set(struct bits *b, uint32_t at)
{
	uint64_t *word = (uint64_t *)b->words.data + at / 64;
	uint64_t bit = UINT64_C(1) << at % 64;
	bool was = *word & bit;
	*word |= bit;
	return was;
}

#endif
