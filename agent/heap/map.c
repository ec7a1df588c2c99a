#include "agent/heap/map.h"

struct map_slot {
	uint64_t key; /* plus one; 0: free */
	uint64_t value;
};

enum { MAP_FIRST_SLOTS = 64 };

uint64_t map_mix(uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0xd6e8feb86659fd93);
	key ^= key >> 32;
	key *= UINT64_C(0xd6e8feb86659fd93);
	return key ^ key >> 32;
}

void map_finish(struct map *m)
{
	pages_finish(&m->slots);
	*m = (struct map){0};
}

static struct map_slot *map_slot_of(const struct map *m, uint64_t key)
{
	struct map_slot *slots = m->slots.data;
	uint64_t at = map_mix(key) & (m->capacity - 1);
	while (slots[at].key && slots[at].key != key + 1)
		at = (at + 1) & (m->capacity - 1);
	return &slots[at];
}

uint64_t *map_find(const struct map *m, uint64_t key)
{
	if (m->count == 0)
		return NULL;
	struct map_slot *slot = map_slot_of(m, key);
	return slot->key ? &slot->value : NULL;
}

static bool map_grow(struct map *m, struct err *e)
{
	struct map bigger = {
		.capacity = m->capacity ? m->capacity * 2 : MAP_FIRST_SLOTS,
		.count = m->count};
	if (!pages_resize(&bigger.slots, bigger.capacity, sizeof(struct map_slot), e))
		return false;
	const struct map_slot *slots = m->slots.data;
	for (uint64_t i = 0; i < m->capacity; i++) {
		if (slots[i].key)
			*map_slot_of(&bigger, slots[i].key - 1) = slots[i];
	}
	pages_finish(&m->slots);
	*m = bigger;
	return true;
}

uint64_t *map_put(struct map *m, uint64_t key, uint64_t fresh, struct err *e)
{
	if ((m->count + 1) * 4 > m->capacity * 3 && !map_grow(m, e))
		return NULL;
	struct map_slot *slot = map_slot_of(m, key);
	if (!slot->key) {
		*slot = (struct map_slot){key + 1, fresh};
		m->count++;
	}
	return &slot->value;
}
