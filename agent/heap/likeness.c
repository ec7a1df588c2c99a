#include "agent/heap/likeness.h"

#include "agent/heap/map.h"
#include "agent/heap/names.h"
#include "common/err.h"

#include <stdlib.h>
#include <string.h>

enum { LIKENESS_BITS = 16, LIKENESS_BUCKETS = 1 << LIKENESS_BITS };

/* Room for something per node; aborts without memory. */
static void *likeness_room(const struct graph *g, size_t bytes)
{
	void *room = calloc((size_t)graph_node_count(g) + 1, bytes);
	BUG_ON(!room);
	return room;
}

/* ---- Sorting */

/* One pass of a radix sort: stable by 16 bits of the key. */
static void likeness_pass(const uint32_t *keys, uint32_t count, const uint32_t *from,
	uint32_t *to, unsigned shift)
{
	size_t *starts = calloc(LIKENESS_BUCKETS + 1, sizeof *starts);
	BUG_ON(!starts);
	for (uint32_t n = 0; n < count; n++)
		starts[(keys[n] >> shift & (LIKENESS_BUCKETS - 1)) + 1]++;
	for (size_t b = 1; b <= LIKENESS_BUCKETS; b++)
		starts[b] += starts[b - 1];
	for (uint32_t i = 0; i < count; i++) {
		uint32_t node = from ? from[i] : i;
		to[starts[keys[node] >> shift & (LIKENESS_BUCKETS - 1)]++] = node;
	}
	free(starts);
}

static uint32_t *likeness_sort(const struct graph *g, const uint32_t *keys)
{
	uint32_t count = graph_node_count(g);
	uint32_t *low = likeness_room(g, sizeof *low);
	uint32_t *sorted = likeness_room(g, sizeof *sorted);
	likeness_pass(keys, count, NULL, low, 0);
	likeness_pass(keys, count, low, sorted, LIKENESS_BITS);
	free(low);
	return sorted;
}

static int likeness_compare_sizes(const void *a, const void *b, void *graph)
{
	uint64_t l = graph_node_retained_bytes(graph, *(const uint32_t *)a);
	uint64_t r = graph_node_retained_bytes(graph, *(const uint32_t *)b);
	return l < r ? 1 : l > r ? -1 : 0;
}

/* Within each run of equal keys, the largest first. */
static void likeness_sort_equals(
	const struct graph *g, const uint32_t *keys, uint32_t *order)
{
	uint32_t count = graph_node_count(g);
	for (uint32_t i = 0, end; i < count; i = end) {
		end = i + 1;
		while (end < count && keys[order[end]] == keys[order[i]])
			end++;
		if (end - i > 1)
			qsort_r(order + i, end - i, sizeof *order,
				likeness_compare_sizes, (void *)g);
	}
}

/* ---- Paths */

static uint64_t likeness_hash_text(const char *text)
{
	return names_hash_text(text, strlen(text));
}

/* Which class of things a node is, whatever its number or its script's. */
static uint64_t likeness_hash_node(const struct graph *g, uint32_t node)
{
	enum graph_type type = graph_node_type(g, node);
	return map_mix(likeness_hash_text(graph_node_name(g, node)) ^ (uint64_t)type);
}

/* V8's own stores: their slots are numbered by where there was room. */
static bool likeness_is_store(const struct graph *g, uint32_t node)
{
	enum graph_type type = graph_node_type(g, node);
	return type == GRAPH_ARRAY || type == GRAPH_HIDDEN || type == GRAPH_SYNTHETIC;
}

/* What an edge is called; the slot of a store is called nothing.  Slots may be written
 * as numbers or as names: "12", "12 / part of key (Cart @4711) -> value ...". */
static uint64_t likeness_hash_edge(const struct graph *g, uint32_t from, uint64_t edge)
{
	enum graph_link kind = graph_edge_link(g, edge);
	uint64_t link = (uint64_t)kind << 32;
	if (graph_edge_has_number(g, edge))
		return likeness_is_store(g, from) ? link
						  : link ^ graph_edge_number(g, edge);
	const char *name = graph_edge_name(g, edge);
	bool is_slot = kind == GRAPH_LINK_INTERNAL && *name >= '0' && *name <= '9';
	return is_slot ? link : link ^ likeness_hash_text(name);
}

/* Levels of distance: those from user roots, then those that only the system
 * reaches. */
static uint32_t likeness_level(const struct graph *g, uint32_t node, uint32_t deepest)
{
	int32_t distance = graph_node_distance(g, node);
	if (distance < 0)
		return 0;
	if (distance < GRAPH_DISTANCE_SYSTEM)
		return (uint32_t)distance + 1;
	return (uint32_t)(distance - GRAPH_DISTANCE_SYSTEM) + deepest + 2;
}

static uint32_t likeness_deepest(const struct graph *g)
{
	uint32_t deepest = 0;
	for (uint32_t n = 0; n < graph_node_count(g); n++) {
		int32_t distance = graph_node_distance(g, n);
		if (distance < GRAPH_DISTANCE_SYSTEM && distance > (int32_t)deepest)
			deepest = (uint32_t)distance;
	}
	return deepest;
}

/* Hands a node's hash on to those that are one step further.  Of several ways of one
 * length the smallest hash counts, which depends on no order. */
static void likeness_spread(
	const struct graph *g, uint32_t node, const uint32_t *levels, uint64_t *hashes)
{
	uint64_t end = graph_edges(g, node + 1);
	for (uint64_t edge = graph_edges(g, node); edge < end; edge++) {
		uint32_t to = graph_edge_target(g, edge);
		if (levels[to] != levels[node] + 1 ||
			graph_edge_link(g, edge) == GRAPH_LINK_WEAK)
			continue;
		uint64_t way = map_mix(
			hashes[node] ^ likeness_hash_edge(g, node, edge));
		if (way < hashes[to])
			hashes[to] = way;
	}
}

static uint32_t *likeness_paths(const struct graph *g)
{
	uint32_t count = graph_node_count(g), deepest = likeness_deepest(g);
	uint32_t *levels = likeness_room(g, sizeof *levels);
	uint64_t *hashes = likeness_room(g, sizeof *hashes);
	for (uint32_t n = 0; n < count; n++) {
		levels[n] = likeness_level(g, n, deepest);
		hashes[n] = UINT64_MAX;
	}
	uint32_t *order = likeness_sort(g, levels);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t node = order[i];
		hashes[node] = map_mix(hashes[node] ^ likeness_hash_node(g, node));
		if (levels[node])
			likeness_spread(g, node, levels, hashes);
	}
	for (uint32_t n = 0; n < count; n++)
		levels[n] = (uint32_t)(hashes[n] >> 32);
	free(order);
	free(hashes);
	return levels;
}

/* ---- All of it */

static uint32_t *likeness_ids(const struct graph *g)
{
	uint32_t *ids = likeness_room(g, sizeof *ids);
	for (uint32_t n = 0; n < graph_node_count(g); n++)
		ids[n] = graph_node_id(g, n);
	return ids;
}

void likeness_init(
	struct likeness *likeness, const struct graph *g, enum likeness_kind kind)
{
	bool by_path = kind == LIKENESS_PATH;
	likeness->of = by_path ? likeness_paths(g) : likeness_ids(g);
	likeness->order = likeness_sort(g, likeness->of);
	if (by_path)
		likeness_sort_equals(g, likeness->of, likeness->order);
}

void likeness_finish(struct likeness *likeness)
{
	free(likeness->of);
	free(likeness->order);
	*likeness = (struct likeness){0};
}
