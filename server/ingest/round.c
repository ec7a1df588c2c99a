#include "server/ingest/round.h"

#include "common/err.h"

#include <stdlib.h>

struct round *round_create(void)
{
	struct round *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	arena_init(&r->arena);
	return r;
}

void round_destroy(struct round *r)
{
	if (!r)
		return;
	arena_finish(&r->arena);
	free(r);
}

void round_reset(struct round *r)
{
	arena_reset(&r->arena);
	r->count = r->rows = 0;
	r->hurry = r->settled = false;
}

struct round_item *round_add(struct round *r)
{
	BUG_ON(r->count == ROUND_ITEMS_MAX);
	struct round_item *item = arena_alloc(&r->arena, sizeof *item);
	r->items[r->count++] = item;
	return item;
}

bool round_is_full(const struct round *r)
{
	return r->count == ROUND_ITEMS_MAX || r->rows >= ROUND_ROWS_FULL ||
	       r->arena.total_bytes >= ROUND_BYTES_FULL;
}

void round_give(struct round *r)
{
	atomic_fetch_add_explicit(&r->handed, 1, memory_order_release);
}

void round_take(struct round *r)
{
	atomic_load_explicit(&r->handed, memory_order_acquire);
}
