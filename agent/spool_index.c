#include "agent/spool_index.h"

#include "common/err.h"

#include <stdlib.h>
#include <string.h>

enum { SPOOL_BLOCK_BYTES = 4096 };

static void *spool_grow(void *items, size_t *room, size_t item_bytes)
{
	size_t bytes;
	*room = *room ? *room * 2 : 16;
	BUG_ON(__builtin_mul_overflow(*room, item_bytes, &bytes));
	items = realloc(items, bytes);
	BUG_ON(!items);
	return items;
}

uint64_t spool_index_blocks(size_t size)
{
	return (size + SPOOL_BLOCK_BYTES - 1) / SPOOL_BLOCK_BYTES * SPOOL_BLOCK_BYTES;
}

void spool_index_finish(struct spool_index *x)
{
	while (x->head)
		spool_index_pop(x);
	*x = (struct spool_index){0};
}

struct spool_segment *spool_index_push(
	struct spool_index *x, uint64_t first, size_t size)
{
	struct spool_segment *segment = calloc(1, sizeof *segment);
	BUG_ON(!segment);
	segment->first = first;
	segment->size = size;
	segment->end = SPOOL_FORMAT_HEADER_BYTES;
	if (x->tail)
		x->tail->next = segment;
	else
		x->head = segment;
	x->tail = segment;
	x->disk_bytes += spool_index_blocks(size);
	return segment;
}

void spool_index_pop(struct spool_index *x)
{
	struct spool_segment *head = x->head;
	for (size_t i = 0; i < head->count; i++)
		if (head->entries[i].length)
			spool_index_forget(x, head, &head->entries[i]);
	x->disk_bytes -= spool_index_blocks(head->size);
	x->head = head->next;
	if (!x->head)
		x->tail = NULL;
	free(head->entries);
	free(head);
}

void spool_index_resize(
	struct spool_index *x, struct spool_segment *segment, size_t size)
{
	x->disk_bytes -= spool_index_blocks(segment->size);
	x->disk_bytes += spool_index_blocks(size);
	segment->size = size;
}

static uint32_t spool_seconds(int64_t ms)
{
	int64_t seconds = ms / 1000;
	if (seconds < 0)
		return 0;
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

void spool_index_add(struct spool_index *x, struct spool_segment *segment,
	const struct spool_record *record)
{
	if (segment->count == segment->room)
		segment->entries = spool_grow(
			segment->entries, &segment->room, sizeof *segment->entries);
	segment->entries[segment->count++] = (struct spool_entry){
		.delta = (uint32_t)(record->sequence - segment->first),
		.time_s = spool_seconds(record->time_ms),
		.offset = (uint32_t)record->offset | record->has_losses,
		.length = (uint32_t)record->payload_length,
	};
	segment->end = record->offset + record->size;
	segment->live++;
	x->batches++;
	x->bytes += record->payload_length;
}

size_t spool_index_offset(const struct spool_entry *entry)
{
	return entry->offset & ~1u;
}

bool spool_index_has_losses(const struct spool_entry *entry)
{
	return entry->offset & 1;
}

int64_t spool_index_time_ms(const struct spool_entry *entry)
{
	return (int64_t)entry->time_s * 1000;
}

/* The index of the first entry whose sequence is at least `sequence`. */
static size_t spool_lower_bound(const struct spool_segment *segment, uint64_t sequence)
{
	size_t low = 0, high = segment->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (segment->first + segment->entries[middle].delta < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct spool_entry *spool_index_find(
	struct spool_index *x, uint64_t sequence, struct spool_segment **segment)
{
	for (struct spool_segment *s = x->head; s; s = s->next) {
		if (s->next && s->next->first <= sequence)
			continue;
		size_t i = spool_lower_bound(s, sequence);
		if (i == s->count || s->first + s->entries[i].delta != sequence ||
			s->entries[i].length == 0)
			return NULL;
		*segment = s;
		return &s->entries[i];
	}
	return NULL;
}

uint64_t spool_index_after(const struct spool_index *x, uint64_t after)
{
	for (const struct spool_segment *s = x->head; s; s = s->next) {
		if (s->live == 0 || (s->next && s->next->first <= after))
			continue;
		for (size_t i = spool_lower_bound(s, after + 1); i < s->count; i++)
			if (s->entries[i].length)
				return s->first + s->entries[i].delta;
	}
	return 0;
}

void spool_index_forget(
	struct spool_index *x, struct spool_segment *segment, struct spool_entry *entry)
{
	x->batches--;
	x->bytes -= entry->length;
	segment->live--;
	entry->length = 0;
}

struct spool_loss spool_index_head_loss(const struct spool_index *x)
{
	struct spool_loss loss = {0};
	for (size_t i = 0; i < x->head->count; i++) {
		const struct spool_entry *entry = &x->head->entries[i];
		int64_t time_ms = spool_index_time_ms(entry);
		if (entry->length == 0)
			continue;
		if (loss.batches == 0 || time_ms < loss.from_ms)
			loss.from_ms = time_ms;
		if (loss.batches == 0 || time_ms > loss.to_ms)
			loss.to_ms = time_ms;
		loss.batches++;
	}
	return loss;
}

void spool_index_remove(
	struct spool_index *x, struct spool_segment *segment, struct spool_entry *entry)
{
	size_t behind = segment->count - (size_t)(entry - segment->entries) - 1;
	spool_index_forget(x, segment, entry);
	memmove(entry, entry + 1, behind * sizeof *entry);
	segment->count--;
}

uint64_t spool_index_records(const struct spool_index *x, uint64_t oldest)
{
	uint64_t sum = 0;
	for (const struct spool_segment *s = x->head; s; s = s->next)
		sum += s->count - spool_lower_bound(s, oldest);
	return sum;
}
