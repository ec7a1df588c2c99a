#include "server/compact/members.h"

#include "server/history/segment.h"

#include <stdlib.h>

static int members_compare(const void *left, const void *right)
{
	const struct members_member *a = left, *b = right;
	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

bool members_of_processes(struct db *dictionaries, const struct hot_count *counts,
	size_t count, struct arena *a, struct members *out, struct err *e)
{
	struct lives_life *lives;
	int32_t *ids = arena_array(a, count + 1, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = counts[i].subject;
	if (!lives_find(dictionaries, ids, count, a, &lives, e))
		return false;
	*out = (struct members){arena_array(a, count + 1, sizeof *out->list), count};
	for (size_t i = 0; i < count; i++)
		out->list[i] = (struct members_member){
			.subject = counts[i].subject,
			.service = lives[i].service,
			.block = lives[i].host / SEGMENT_HOSTS,
			.slot = lives[i].slot,
			.fingerprint = lives[i].fingerprint,
			.rows = counts[i].rows,
		};
	qsort(out->list, count, sizeof *out->list, members_compare);
	return true;
}

void members_of_hosts(const struct hot_count *counts, size_t count, struct arena *a,
	struct members *out)
{
	*out = (struct members){arena_array(a, count + 1, sizeof *out->list), count};
	for (size_t i = 0; i < count; i++)
		out->list[i] = (struct members_member){
			.subject = counts[i].subject,
			.block = counts[i].subject / SEGMENT_HOSTS,
			.rows = counts[i].rows,
		};
	qsort(out->list, count, sizeof *out->list, members_compare);
}

size_t members_group_end(const struct members *m, size_t first)
{
	size_t end = first;
	while (end < m->count && m->list[end].service == m->list[first].service &&
		m->list[end].block == m->list[first].block)
		end++;
	return end;
}
