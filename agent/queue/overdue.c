#include "agent/queue/overdue.h"

#include <stdlib.h>
#include <string.h>

static void overdue_add(struct overdue *o, int64_t duration_ms)
{
	if (duration_ms < 0)
		return;
	o->duration_ms[o->next] = duration_ms;
	o->next = (o->next + 1) % OVERDUE_DURATIONS;
	if (o->count < OVERDUE_DURATIONS)
		o->count++;
}

void overdue_learn(struct overdue *o, const int64_t *duration_ms, size_t count)
{
	o->count = o->next = 0;
	for (size_t i = 0; i < count && i < OVERDUE_DURATIONS; i++)
		overdue_add(o, duration_ms[i]);
}

static bool overdue_is_active(
	const struct overdue_item *items, size_t count, const struct overdue_item *one)
{
	for (size_t i = 0; i < count; i++) {
		if (items[i].id == one->id &&
			items[i].since_unix_ms == one->since_unix_ms)
			return true;
	}
	return false;
}

void overdue_look(struct overdue *o, const struct overdue_item *items, size_t count,
	int64_t now_unix_ms, bool learns)
{
	if (count > OVERDUE_ACTIVE)
		count = OVERDUE_ACTIVE;
	for (size_t i = 0; learns && i < o->active_count; i++) {
		const struct overdue_item *before = &o->active[i];
		if (!overdue_is_active(items, count, before))
			overdue_add(o, now_unix_ms - before->since_unix_ms);
	}
	memcpy(o->active, items, count * sizeof *items);
	o->active_count = count;
}

static int overdue_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int64_t overdue_count(const struct overdue *o, int64_t now_unix_ms)
{
	int64_t sorted[OVERDUE_DURATIONS], late = 0;
	if (o->count < OVERDUE_LEAST)
		return -1;
	memcpy(sorted, o->duration_ms, o->count * sizeof *sorted);
	qsort(sorted, o->count, sizeof *sorted, overdue_compare);
	int64_t limit_ms = 3 * sorted[(o->count * 99 - 1) / 100];
	if (limit_ms < OVERDUE_FLOOR_MS)
		limit_ms = OVERDUE_FLOOR_MS;
	for (size_t i = 0; i < o->active_count; i++)
		late += now_unix_ms - o->active[i].since_unix_ms > limit_ms;
	return late;
}

/* FNV-1a. */
uint64_t overdue_id(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}
