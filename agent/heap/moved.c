#include "agent/heap/moved.h"

#include "common/err.h"

#include <stdlib.h>

void moved_add(struct moved_side *side, const struct moved_item *item)
{
	if (side->count == side->capacity) {
		side->capacity = side->capacity ? 2 * side->capacity : 1024;
		side->items = reallocarray(
			side->items, side->capacity, sizeof *side->items);
		BUG_ON(!side->items);
	}
	side->items[side->count++] = *item;
}

static int moved_compare(const void *a, const void *b)
{
	const struct moved_item *l = a, *r = b;
	if (l->row != r->row)
		return l->row < r->row ? -1 : 1;
	if (l->retained_bytes != r->retained_bytes)
		return l->retained_bytes < r->retained_bytes ? 1 : -1;
	return l->node < r->node ? -1 : l->node > r->node;
}

static void moved_sort(struct moved_side *side)
{
	if (side->count > 1)
		qsort(side->items, side->count, sizeof *side->items, moved_compare);
}

void moved_pair(struct moved *m, void *context,
	void (*pair)(void *context, const struct moved_item *older,
		const struct moved_item *newer))
{
	moved_sort(&m->older);
	moved_sort(&m->newer);
	size_t i = 0, k = 0;
	while (i < m->older.count && k < m->newer.count) {
		const struct moved_item *older = &m->older.items[i];
		const struct moved_item *newer = &m->newer.items[k];
		if (older->row == newer->row) {
			pair(context, older, newer);
			i++;
			k++;
		} else if (older->row < newer->row) {
			i++;
		} else {
			k++;
		}
	}
}

void moved_finish(struct moved *m)
{
	free(m->older.items);
	free(m->newer.items);
	*m = (struct moved){0};
}
