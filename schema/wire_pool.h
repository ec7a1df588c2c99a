/*
 * Wire pool: scratch memory for one message, with a budget.
 *
 * protobuf-c allocates from `allocator`; beyond the budget it gets NULL and gives
 * up cleanly, so that a small frame cannot unfold into gigabytes.  Nothing is freed
 * one by one: wire_pool_finish frees all, the unpacked message included.  For
 * schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_POOL_H
#define TIDEMARK_SCHEMA_WIRE_POOL_H

#include "common/arena.h"

#include <protobuf-c/protobuf-c.h>

struct wire_pool {
	ProtobufCAllocator allocator;
	struct arena arena;
	size_t left_bytes;
};

/* The pool must not move afterwards. */
void wire_pool_init(struct wire_pool *p, size_t budget_bytes);
void wire_pool_finish(struct wire_pool *p);

#define scoped_pool __attribute__((cleanup(wire_pool_finish)))

#endif
