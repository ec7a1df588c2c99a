#include "schema/wire_pool.h"

enum {
	/* What the arena may add to an allocation, so that a million empty ones count.
	 */
	WIRE_POOL_ALIGN_BYTES = 16,
};

static void *wire_pool_alloc(void *context, size_t size)
{
	struct wire_pool *p = context;
	size_t cost;
	if (__builtin_add_overflow(size, WIRE_POOL_ALIGN_BYTES, &cost))
		return NULL;
	cost &= ~(size_t)(WIRE_POOL_ALIGN_BYTES - 1);
	if (cost > p->left_bytes)
		return NULL;
	p->left_bytes -= cost;
	return arena_alloc(&p->arena, size);
}

static void wire_pool_free(void *context, void *pointer)
{
	(void)context;
	(void)pointer;
}

void wire_pool_init(struct wire_pool *p, size_t budget_bytes)
{
	*p = (struct wire_pool){
		.allocator = {wire_pool_alloc, wire_pool_free, p},
		.left_bytes = budget_bytes,
	};
	arena_init(&p->arena);
}

void wire_pool_finish(struct wire_pool *p)
{
	arena_finish(&p->arena);
}
