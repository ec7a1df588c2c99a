#include "agent/queue/known.h"

#include "agent/queue/reading.h"
#include "common/err.h"

#include <stdlib.h>
#include <string.h>

static void known_drop(struct known *k, size_t i)
{
	free(k->at[i]->name);
	free(k->at[i]);
	k->at[i] = k->at[--k->count];
}

static void known_drop_oldest(struct known *k)
{
	size_t oldest = 0;
	for (size_t i = 1; i < k->count; i++) {
		if (k->at[i]->used < k->at[oldest]->used)
			oldest = i;
	}
	known_drop(k, oldest);
}

struct known_queue *known_get(struct known *k, const char *name)
{
	for (size_t i = 0; i < k->count; i++) {
		if (strcmp(k->at[i]->name, name) == 0) {
			k->at[i]->used = ++k->clock;
			return k->at[i];
		}
	}
	if (!k->at)
		k->at = calloc(READING_QUEUES_MAX, sizeof(struct known_queue *));
	if (k->count == READING_QUEUES_MAX)
		known_drop_oldest(k);
	struct known_queue *q = calloc(1, sizeof *q);
	BUG_ON(!k->at || !q);
	q->name = strdup(name);
	BUG_ON(!q->name);
	q->used = ++k->clock;
	k->at[k->count++] = q;
	return q;
}

void known_finish(struct known *k)
{
	while (k->count)
		known_drop(k, k->count - 1);
	free(k->at);
	k->at = NULL;
}
