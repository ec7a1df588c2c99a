#include "server/analyse/reasons.h"

#include <string.h>

void reasons_add(struct reasons *r, bool speaks_for, const char *text)
{
	if (r->count < REASONS_MAX && text && *text)
		r->items[r->count++] = (struct analyse_reason){speaks_for, text};
}

struct analyse_reasons reasons_finish(const struct reasons *r, struct arena *a)
{
	struct analyse_reason *copy = arena_array(a, r->count, sizeof *copy);
	if (r->count)
		memcpy(copy, r->items, r->count * sizeof *copy);
	return (struct analyse_reasons){copy, r->count};
}
