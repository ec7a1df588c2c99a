#include "agent/heap/holders.h"

#include "agent/heap/bits.h"
#include "common/err.h"

#include <stdlib.h>
#include <string.h>

enum { HOLDERS_DEPTH = 8 }; /* of stores within stores */

/* The largest so far, largest first. */
struct holders_top {
	struct holders_holder holders[HOLDERS_TOP];
	size_t count;
	uint64_t (*rank)(const struct holders_holder *h);
};

static uint64_t holders_bytes(const struct holders_holder *h)
{
	return h->bytes;
}

static uint64_t holders_count(const struct holders_holder *h)
{
	return h->count;
}

static uint64_t holders_references(const struct holders_holder *h)
{
	return h->references;
}

static void holders_offer(struct holders_top *top, const struct holders_holder *h)
{
	size_t at = top->count;
	while (at > 0 && top->rank(&top->holders[at - 1]) < top->rank(h))
		at--;
	if (at == HOLDERS_TOP)
		return;
	if (top->count < HOLDERS_TOP)
		top->count++;
	memmove(&top->holders[at + 1], &top->holders[at],
		(top->count - 1 - at) * sizeof *h);
	top->holders[at] = *h;
}

/* What a reader would call an object. */
static bool holders_is_object(const struct graph *g, uint32_t node)
{
	switch (graph_node_type(g, node)) {
	case GRAPH_OBJECT:
	case GRAPH_CLOSURE:
	case GRAPH_NATIVE:
	case GRAPH_REGEXP:
		return true;
	default:
		return false;
	}
}

/* What a node holds alone, the stores between left out: how many, up to HOLDERS_MANY.
 */
static uint32_t holders_count_children(const struct graph *g, uint32_t node, int depth)
{
	uint32_t count = 0;
	uint64_t end = graph_children(g, node + 1);
	for (uint64_t i = graph_children(g, node); i < end; i++) {
		uint32_t child = graph_child(g, i);
		if (!paths_is_internal(g, child))
			count++;
		else if (depth < HOLDERS_DEPTH)
			count += holders_count_children(g, child, depth + 1);
		if (count >= HOLDERS_MANY)
			return HOLDERS_MANY;
	}
	return count;
}

static void holders_add_children(
	const struct graph *g, struct groups *groups, uint32_t node, int depth)
{
	uint64_t end = graph_children(g, node + 1);
	for (uint64_t i = graph_children(g, node); i < end; i++) {
		uint32_t child = graph_child(g, i);
		if (!paths_is_internal(g, child))
			groups_add(groups, child);
		else if (depth < HOLDERS_DEPTH)
			holders_add_children(g, groups, child, depth + 1);
	}
}

static void holders_offer_tally(
	struct holders_top *top, uint32_t node, const struct groups_tally *t)
{
	if (!t || t->count < HOLDERS_MANY)
		return;
	holders_offer(top, &(struct holders_holder){
				   .node = node,
				   .sample = t->sample,
				   .count = t->count,
				   .bytes = t->bytes,
			   });
}

static int holders_by_bytes(const void *a, const void *b)
{
	const struct holders_holder *l = a, *r = b;
	if (l->bytes != r->bytes)
		return l->bytes < r->bytes ? 1 : -1;
	return l->node < r->node ? -1 : l->node > r->node;
}

static struct holders_list holders_join(const struct holders_top *a,
	const struct holders_top *b, struct groups *groups, struct arena *arena)
{
	struct holders_list list = {0};
	list.holders = arena_array(
		arena, a->count + b->count + 1, sizeof a->holders[0]);
	memcpy(list.holders, a->holders, a->count * sizeof a->holders[0]);
	list.count = a->count;
	for (size_t i = 0; i < b->count; i++) {
		const struct holders_holder *h = &b->holders[i];
		bool is_new = true;
		for (size_t k = 0; k < a->count && is_new; k++)
			is_new = h->node != a->holders[k].node ||
				 groups_of(groups, h->sample) !=
					 groups_of(groups, a->holders[k].sample);
		if (is_new)
			list.holders[list.count++] = *h;
	}
	qsort(list.holders, list.count, sizeof *list.holders, holders_by_bytes);
	return list;
}

struct holders_list holders_accumulators(
	const struct graph *g, struct groups *groups, struct arena *arena)
{
	struct holders_top by_bytes = {.rank = holders_bytes};
	struct holders_top by_count = {.rank = holders_count};
	for (uint32_t node = 1; node < graph_node_count(g); node++) {
		if (!holders_is_object(g, node) ||
			holders_count_children(g, node, 0) < HOLDERS_MANY)
			continue;
		groups_begin(groups);
		holders_add_children(g, groups, node, 0);
		holders_offer_tally(&by_bytes, node, groups_largest(groups));
		holders_offer_tally(&by_count, node, groups_most(groups));
	}
	return holders_join(&by_bytes, &by_count, groups, arena);
}

static bool holders_goes_out(const struct graph *g, uint64_t edge)
{
	enum graph_link link = graph_edge_link(g, edge);
	return link != GRAPH_LINK_WEAK && link != GRAPH_LINK_INVISIBLE;
}

static uint64_t holders_outgoing(const struct graph *g, uint32_t node)
{
	uint64_t count = 0, end = graph_edges(g, node + 1);
	for (uint64_t i = graph_edges(g, node); i < end; i++)
		count += holders_goes_out(g, i);
	return count;
}

/* The object that a store belongs to, or the store itself when it has several. */
static uint32_t holders_object(const struct graph *g, uint32_t node)
{
	uint32_t at = node;
	for (int i = 0; i < HOLDERS_DEPTH && paths_is_internal(g, at); i++)
		at = graph_node_dominator(g, at);
	return holders_is_object(g, at) ? at : node;
}

/* The children of the most frequent group; each counts its bytes once. */
static void holders_count_targets(
	const struct graph *g, struct groups *groups, struct holders_holder *h)
{
	uint64_t end = graph_edges(g, h->node + 1);
	struct bits counted = {0};
	struct err e;
	groups_begin(groups);
	for (uint64_t i = graph_edges(g, h->node); i < end; i++)
		if (holders_goes_out(g, i))
			groups_add(groups, graph_edge_target(g, i));
	const struct groups_tally *most = groups_most(groups);
	if (!most)
		return;
	h->sample = most->sample;
	h->count = most->count;
	BUG_ON(!bits_create(&counted, graph_node_count(g), &e));
	for (uint64_t i = graph_edges(g, h->node); i < end; i++) {
		uint32_t target = graph_edge_target(g, i);
		if (holders_goes_out(g, i) &&
			groups_of(groups, target) == most->group &&
			!bits_test_and_set(&counted, target))
			h->bytes += graph_node_retained_bytes(g, target);
	}
	bits_destroy(&counted);
}

/* An array and its elements are one to a reader: the one with more stays. */
static void holders_offer_once(
	const struct graph *g, struct holders_top *top, const struct holders_holder *h)
{
	uint32_t object = holders_object(g, h->node);
	for (size_t i = 0; i < top->count; i++) {
		struct holders_holder *other = &top->holders[i];
		if (holders_object(g, other->node) != object)
			continue;
		if (other->references >= h->references)
			return;
		top->count--;
		memmove(other, other + 1, (top->count - i) * sizeof *other);
		break;
	}
	holders_offer(top, h);
}

struct holders_list holders_fanout(
	const struct graph *g, struct groups *groups, struct arena *arena)
{
	struct holders_top top = {.rank = holders_references};
	for (uint32_t node = 1; node < graph_node_count(g); node++) {
		/* Most have too few of any kind, which is seen without looking at them.
		 */
		if (graph_edges(g, node + 1) - graph_edges(g, node) < HOLDERS_MANY)
			continue;
		if (!holders_is_object(g, node) && !paths_is_internal(g, node))
			continue;
		uint64_t count = holders_outgoing(g, node);
		bool is_full = top.count == HOLDERS_TOP;
		if (count < HOLDERS_MANY ||
			(is_full && count <= top.holders[HOLDERS_TOP - 1].references))
			continue;
		if (!holders_is_object(g, holders_object(g, node)))
			continue;
		holders_offer_once(g, &top,
			&(struct holders_holder){.node = node, .references = count});
	}
	struct holders_list list = {0};
	list.holders = arena_array(arena, top.count + 1, sizeof *list.holders);
	for (size_t i = 0; i < top.count; i++) {
		struct holders_holder *h = &list.holders[list.count];
		*h = top.holders[i];
		holders_count_targets(g, groups, h);
		h->node = holders_object(g, h->node);
		list.count += h->count >= HOLDERS_MANY;
	}
	return list;
}

struct snapshot_holder holders_describe(
	const struct describe *d, const struct holders_holder *h)
{
	struct paths_path path;
	paths_find(d->graph, h->node, &path);
	return (struct snapshot_holder){
		.is = describe_node(d, h->node),
		.path = describe_path(d, &path),
		.child = describe_kind(d, h->sample),
		.child_count = h->count,
		.child_bytes = h->bytes,
		.retained_bytes = graph_node_retained_bytes(d->graph, h->node),
	};
}
