#include "agent/heap/wide.h"

#include <string.h>

void wide_finish(struct wide *w)
{
	pages_finish(&w->low);
	map_finish(&w->high);
}

bool wide_reserve(struct wide *w, uint64_t count, uint64_t expected, struct err *e)
{
	return pages_reserve(&w->low, count, expected, w->width, e);
}

bool wide_resize(struct wide *w, uint64_t count, struct err *e)
{
	return pages_resize(&w->low, count, w->width, e);
}

uint64_t wide_get_high(const struct wide *w, uint64_t at)
{
	const uint64_t *value = map_find(&w->high, at);
	BUG_ON(!value);
	return *value;
}

bool wide_set(struct wide *w, uint64_t at, uint64_t value, struct err *e)
{
	uint64_t most = w->width == 2 ? UINT16_MAX : UINT32_MAX;
	if (value >= most) {
		uint64_t *high = map_put(&w->high, at, 0, e);
		if (!high)
			return false;
		*high = value;
		value = most;
	}
	if (w->width == 2)
		((uint16_t *)w->low.data)[at] = (uint16_t)value;
	else
		((uint32_t *)w->low.data)[at] = (uint32_t)value;
	return true;
}

/* A sum beyond 64 bits stays at their end: sizes that a file makes up. */
bool wide_add(struct wide *w, uint64_t at, uint64_t value, struct err *e)
{
	uint64_t sum;
	if (__builtin_add_overflow(wide_get(w, at), value, &sum))
		sum = UINT64_MAX;
	return wide_set(w, at, sum, e);
}

bool wide_copy(struct wide *w, const struct wide *from, struct err *e)
{
	w->width = from->width;
	if (!pages_resize(&w->low, from->low.size_bytes, 1, e) ||
		!pages_resize(&w->high.slots, from->high.slots.size_bytes, 1, e))
		return false;
	if (from->low.size_bytes)
		memcpy(w->low.data, from->low.data, from->low.size_bytes);
	if (from->high.slots.size_bytes)
		memcpy(w->high.slots.data, from->high.slots.data,
			from->high.slots.size_bytes);
	w->high.capacity = from->high.capacity;
	w->high.count = from->high.count;
	return true;
}
