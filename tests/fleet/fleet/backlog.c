#include "tests/fleet/fleet/backlog.h"

#include "common/err.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG_ROOM = 16 };

void backlog_init(struct backlog *b)
{
	*b = (struct backlog){.next_sequence = 1};
}

void backlog_finish(struct backlog *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		free(backlog_at(b, i)->bytes);
	free(b->ring);
	*b = (struct backlog){0};
}

struct backlog_batch *backlog_at(const struct backlog *b, uint32_t i)
{
	return &b->ring[(b->first + i) % b->capacity];
}

static void backlog_grow(struct backlog *b)
{
	uint32_t capacity = b->capacity ? 2 * b->capacity : BACKLOG_ROOM;
	struct backlog_batch *ring = calloc(capacity, sizeof *ring);
	BUG_ON(!ring);
	for (uint32_t i = 0; i < b->count; i++)
		ring[i] = *backlog_at(b, i);
	free(b->ring);
	b->ring = ring;
	b->capacity = capacity;
	b->first = 0;
}

static void backlog_release(struct backlog *b, struct backlog_batch *batch)
{
	b->bytes -= batch->length;
	b->waiting--;
	b->under_way -= batch->sent_ms != 0;
	free(batch->bytes);
	batch->bytes = NULL;
}

/* What is done at the front goes. */
static void backlog_trim(struct backlog *b)
{
	while (b->count > 0 && !backlog_at(b, 0)->bytes) {
		b->first = (b->first + 1) % b->capacity;
		b->count--;
		if (b->unsent > 0)
			b->unsent--;
	}
}

void backlog_append(struct backlog *b, const struct buf *batch, uint32_t samples,
	int64_t now_ms, uint64_t bytes_max)
{
	while (b->count > 0 && b->bytes + batch->length > bytes_max) {
		b->given_up++;
		backlog_release(b, backlog_at(b, 0));
		backlog_trim(b);
	}
	if (b->count == b->capacity)
		backlog_grow(b);
	struct backlog_batch *added = backlog_at(b, b->count++);
	*added = (struct backlog_batch){.sequence = b->next_sequence++,
		.bytes = malloc(batch->length),
		.length = (uint32_t)batch->length,
		.samples = samples,
		.made_ms = now_ms};
	BUG_ON(!added->bytes);
	memcpy(added->bytes, batch->data, batch->length);
	b->bytes += batch->length;
	b->waiting++;
}

struct backlog_batch *backlog_next(struct backlog *b)
{
	while (b->unsent < b->count && !backlog_at(b, b->unsent)->bytes)
		b->unsent++;
	return b->unsent < b->count ? backlog_at(b, b->unsent) : NULL;
}

void backlog_sent(struct backlog *b, struct backlog_batch *batch, int64_t now_ms)
{
	b->under_way += batch->sent_ms == 0;
	batch->sent_ms = now_ms;
	if (b->unsent < b->count && backlog_at(b, b->unsent) == batch)
		b->unsent++;
}

int64_t backlog_settle(struct backlog *b, uint64_t sequence)
{
	uint64_t oldest = b->count > 0 ? backlog_at(b, 0)->sequence : 0;
	if (b->count == 0 || sequence < oldest || sequence - oldest >= b->count)
		return -1;
	struct backlog_batch *batch = backlog_at(b, (uint32_t)(sequence - oldest));
	if (!batch->bytes)
		return -1;
	uint32_t samples = batch->samples;
	backlog_release(b, batch);
	backlog_trim(b);
	return samples;
}

void backlog_rewind(struct backlog *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		backlog_at(b, i)->sent_ms = 0;
	b->unsent = 0;
	b->under_way = 0;
}

uint64_t backlog_oldest(const struct backlog *b)
{
	return b->count > 0 ? backlog_at(b, 0)->sequence : b->next_sequence;
}
