#include "agent/heap/groups.h"

#include "agent/heap/map.h"
#include "common/err.h"

#include <stdlib.h>
#include <string.h>

/* Where function literals stand; those with one hash are chained by `next`. */
struct groups_literal {
	uint32_t script_id, line, column, next;
	const char *name;
};

struct groups_slot {
	uint32_t round, tally;
};

struct groups {
	const struct graph *graph;
	size_t class_count;
	struct groups_literal *literals;
	size_t literal_count, literal_capacity;
	struct map by_place;
	struct groups_slot *slots; /* per group: where its tally of this round is */
	size_t slot_capacity;
	struct groups_tally *tallies;
	size_t tally_count, tally_capacity;
	uint32_t round;
};

struct groups *groups_create(const struct graph *g, const struct classes *c)
{
	struct groups *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	s->graph = g;
	s->class_count = classes_count(c);
	return s;
}

void groups_destroy(struct groups *s)
{
	if (!s)
		return;
	free(s->literals);
	map_finish(&s->by_place);
	free(s->slots);
	free(s->tallies);
	free(s);
}

/* Room for item `count`, doubling; what is new is zero. */
static void *groups_grow(void *items, size_t *capacity, size_t count, size_t item_bytes)
{
	if (count < *capacity)
		return items;
	size_t wanted = *capacity ? *capacity : 64;
	while (wanted <= count)
		wanted *= 2;
	char *grown = reallocarray(items, wanted, item_bytes);
	BUG_ON(!grown);
	memset(grown + *capacity * item_bytes, 0, (wanted - *capacity) * item_bytes);
	*capacity = wanted;
	return grown;
}

static bool groups_is_literal(const struct groups_literal *l,
	const struct graph_location *at, const char *name)
{
	return l->script_id == at->script_id && l->line == at->line &&
	       l->column == at->column && strcmp(l->name, name) == 0;
}

static uint64_t groups_place(const struct graph_location *at, const char *name)
{
	uint64_t hash = map_mix(((uint64_t)at->script_id << 32 | at->line) + 1);
	hash = map_mix(hash ^ at->column);
	for (; *name; name++)
		hash = hash * 31 + (unsigned char)*name;
	return map_mix(hash) >> 1; /* below UINT64_MAX */
}

static uint32_t groups_function(struct groups *s, uint32_t node)
{
	struct graph_location at = {.script = ""};
	struct err e;
	if (!graph_node_location(s->graph, node, &at))
		at = (struct graph_location){.script = ""};
	const char *name = graph_node_name(s->graph, node);
	uint64_t *first = map_put(
		&s->by_place, groups_place(&at, name), UINT32_MAX, &e);
	BUG_ON(!first);
	uint32_t i = (uint32_t)*first;
	while (i != UINT32_MAX && !groups_is_literal(&s->literals[i], &at, name))
		i = s->literals[i].next;
	if (i == UINT32_MAX) {
		s->literals = groups_grow(s->literals, &s->literal_capacity,
			s->literal_count, sizeof *s->literals);
		i = (uint32_t)s->literal_count++;
		s->literals[i] = (struct groups_literal){
			at.script_id, at.line, at.column, (uint32_t)*first, name};
		*first = i;
	}
	return (uint32_t)s->class_count + i;
}

uint32_t groups_of(struct groups *s, uint32_t node)
{
	uint32_t row = graph_node_class(s->graph, node);
	if (row == CLASSES_NONE)
		return GROUPS_NONE;
	switch (graph_node_type(s->graph, node)) {
	case GRAPH_CLOSURE:
		return groups_function(s, node);
	case GRAPH_HIDDEN:
	case GRAPH_ARRAY:
	case GRAPH_CODE:
	case GRAPH_SHAPE:
	case GRAPH_SYNTHETIC:
		return GROUPS_NONE;
	default:
		return row;
	}
}

void groups_begin(struct groups *s)
{
	s->tally_count = 0;
	if (++s->round == 0) { /* it went round: old marks would count as new */
		memset(s->slots, 0, s->slot_capacity * sizeof *s->slots);
		s->round = 1;
	}
}

void groups_add(struct groups *s, uint32_t node)
{
	uint32_t group = groups_of(s, node);
	if (group == GROUPS_NONE)
		return;
	s->slots = groups_grow(s->slots, &s->slot_capacity, group, sizeof *s->slots);
	struct groups_slot *slot = &s->slots[group];
	if (slot->round != s->round) {
		s->tallies = groups_grow(s->tallies, &s->tally_capacity, s->tally_count,
			sizeof *s->tallies);
		*slot = (struct groups_slot){s->round, (uint32_t)s->tally_count};
		s->tallies[s->tally_count++] = (struct groups_tally){
			.group = group, .sample = node};
	}
	struct groups_tally *t = &s->tallies[slot->tally];
	t->count++;
	t->bytes += graph_node_retained_bytes(s->graph, node);
}

size_t groups_tallies(const struct groups *s, const struct groups_tally **out)
{
	*out = s->tallies;
	return s->tally_count;
}

const struct groups_tally *groups_largest(const struct groups *s)
{
	const struct groups_tally *best = NULL;
	for (size_t i = 0; i < s->tally_count; i++)
		if (!best || s->tallies[i].bytes > best->bytes)
			best = &s->tallies[i];
	return best;
}

const struct groups_tally *groups_most(const struct groups *s)
{
	const struct groups_tally *best = NULL;
	for (size_t i = 0; i < s->tally_count; i++)
		if (!best || s->tallies[i].count > best->count)
			best = &s->tallies[i];
	return best;
}
