#include "agent/heap/dominators.h"

#include "agent/heap/stack.h"

#include <string.h>

/*
 * Nodes are numbered from 1 as a depth-first search meets them; 0 is nobody.  A node is
 * linked once it was processed, which runs from the highest number down; so "is linked"
 * is a comparison, and three fields do the work of two each.  What is looked at
 * together lies together.
 */
struct dominators_node {
	uint32_t
		parent; /* of the search; then the ancestor that compression shortens */
	uint32_t semi;  /* while searching: the next edge to follow */
	uint32_t label;
	/* Of one not yet linked: the head of its bucket; of one in a bucket: the next
	 * there; then the dominator. */
	uint32_t dom;
};

struct dominators {
	struct graph *graph;
	struct pages numbers, vertices, nodes;
	uint32_t *number;             /* by node */
	uint32_t *vertex;             /* the node, by number */
	struct dominators_node *node; /* by number */
	uint32_t count;               /* numbers given */
	struct stack path;
};

enum { DOMINATORS_ROOT = 1 };

/* Items more than needed, so that the memory can be taken apart in whole pieces. */
enum { DOMINATORS_SLACK = 1 << 14 };

/* How many nodes ahead of their turn memory is called for, one hop each: what a node
 * leads to lies anywhere. */
enum { DOMINATORS_NEAR = 8, DOMINATORS_FAR = 16, DOMINATORS_FARTHEST = 24 };

static void dominators_number(struct dominators *d, uint32_t node, uint32_t parent)
{
	uint32_t number = ++d->count;
	d->number[node] = number;
	d->vertex[number] = node;
	d->node[number].parent = parent;
	d->node[number].semi = graph_first(d->graph, node);
}

/* From a node that has just been numbered. */
static void dominators_search(struct dominators *d)
{
	const struct graph *g = d->graph;
	const uint32_t *first = g->first_edge.data, *labels = g->label.data;
	const uint32_t *targets = g->target.data, *number = d->number;
	uint32_t start = d->count, at = start;
	for (;;) {
		uint32_t end = first[d->vertex[at] + 1];
		uint32_t edge = d->node[at].semi;
		while (edge < end &&
			(!(labels[edge] & GRAPH_ESSENTIAL) || number[targets[edge]]))
			edge++;
		if (edge < end) {
			d->node[at].semi = edge + 1;
			dominators_number(d, targets[edge], at);
			at = d->count;
		} else if (at == start) {
			return;
		} else {
			at = d->node[at].parent;
		}
	}
}

static bool dominators_is_orphan(const struct graph *g, uint32_t node)
{
	const uint32_t *retainers = g->retainer.data;
	uint64_t end = graph_u32(&g->first_retainer)[node + 1];
	for (uint64_t k = graph_u32(&g->first_retainer)[node]; k < end; k++) {
		if (!(retainers[k] & GRAPH_UNESSENTIAL))
			return false;
	}
	return true;
}

static void dominators_search_all(struct dominators *d)
{
	const struct graph *g = d->graph;
	dominators_number(d, 0, 0);
	dominators_search(d);
	for (uint32_t node = 0; node < g->node_count && d->count < g->node_count;
		node++) {
		if (d->number[node] == 0 && dominators_is_orphan(g, node)) {
			dominators_number(d, node, DOMINATORS_ROOT);
			dominators_search(d);
		}
	}
	for (uint32_t node = 0; node < g->node_count && d->count < g->node_count;
		node++) {
		if (d->number[node] == 0)
			dominators_number(d, node, DOMINATORS_ROOT);
	}
}

/* Shortens the way of `v` to the last linked ancestor. */
static bool dominators_compress(
	struct dominators *d, uint32_t v, uint32_t linked, struct err *e)
{
	struct dominators_node *node = d->node;
	uint32_t top = v, below;
	while (node[top].parent >= linked) {
		if (!stack_push(&d->path, top, e))
			return false;
		top = node[top].parent;
	}
	uint32_t best = node[top].label, ancestor = node[top].parent;
	while (stack_pop(&d->path, &below)) {
		if (node[best].semi < node[node[below].label].semi)
			node[below].label = best;
		else
			best = node[below].label;
		node[below].parent = ancestor;
	}
	return true;
}

/* Of the linked ancestors of `v` and itself the one with the smallest semidominator. */
static inline bool dominators_evaluate(
	struct dominators *d, uint32_t v, uint32_t linked, uint32_t *out, struct err *e)
{
	struct dominators_node *node = d->node;
	uint32_t above = node[v].parent;
	if (v >= linked && above >= linked) {
		if (node[above].parent >= linked) {
			if (!dominators_compress(d, v, linked, e))
				return false;
		} else {
			if (node[node[above].label].semi < node[node[v].label].semi)
				node[v].label = node[above].label;
			node[v].parent = node[above].parent;
		}
	}
	*out = node[v].label;
	return true;
}

/* Along the retainers of one node, of which some have very many.  Inline by order, as
 * the other one: gcc takes a function that only prefetches for one that does nothing,
 * and leaves out the calls. */
__attribute__((always_inline)) static inline void dominators_call_retainers(
	const struct dominators *d, uint32_t k, uint32_t end)
{
	const uint32_t *retainers = d->graph->retainer.data;
	if (end - k <= DOMINATORS_FAR)
		return;
	uint32_t near = retainers[k + DOMINATORS_NEAR] & ~GRAPH_UNESSENTIAL;
	uint32_t far = retainers[k + DOMINATORS_FAR] & ~GRAPH_UNESSENTIAL;
	__builtin_prefetch(&d->node[d->number[near]]);
	__builtin_prefetch(&d->number[far]);
}

static bool dominators_semi(struct dominators *d, uint32_t w, struct err *e)
{
	const struct graph *g = d->graph;
	const uint32_t *retainers = g->retainer.data, *first = g->first_retainer.data;
	uint32_t node = d->vertex[w], best = w, u;
	bool is_orphan = true;
	for (uint32_t k = first[node], end = first[node + 1]; k < end; k++) {
		dominators_call_retainers(d, k, end);
		if (retainers[k] & GRAPH_UNESSENTIAL)
			continue;
		is_orphan = false;
		uint32_t number = d->number[retainers[k]];
		/* Nobody below is linked yet: each stands for itself.  Most are the
		 * parent, of which nothing needs to be read. */
		if (number < w) {
			if (number < best)
				best = number;
			continue;
		}
		if (!dominators_evaluate(d, number, w + 1, &u, e))
			return false;
		if (d->node[u].semi < best)
			best = d->node[u].semi;
	}
	d->node[w].semi = is_orphan ? DOMINATORS_ROOT : best;
	return true;
}

/* Those that wait for `parent` learn their dominator, or who has the same. */
static bool dominators_empty_bucket(
	struct dominators *d, uint32_t parent, uint32_t linked, struct err *e)
{
	struct dominators_node *node = d->node;
	uint32_t v = node[parent].dom, u;
	node[parent].dom = 0;
	while (v) {
		uint32_t next = node[v].dom;
		if (!dominators_evaluate(d, v, linked, &u, e))
			return false;
		node[v].dom = node[u].semi < node[v].semi ? u : parent;
		v = next;
	}
	return true;
}

/* Nodes in a circle that nothing reaches: they stay in a bucket that is never emptied,
 * and so hang on the root. */
static void dominators_drop_bucket(struct dominators *d, uint32_t w)
{
	uint32_t v = d->node[w].dom;
	while (v) {
		uint32_t next = d->node[v].dom;
		d->node[v].dom = 0;
		v = next;
	}
	d->node[w].dom = 0;
}

/* Along the nodes: those that come later than `w`. */
__attribute__((always_inline)) static inline void dominators_call(
	const struct dominators *d, uint32_t w)
{
	const uint32_t *retainers = d->graph->retainer.data;
	const uint32_t *first = d->graph->first_retainer.data;
	if (w <= DOMINATORS_FARTHEST)
		return;
	__builtin_prefetch(&first[d->vertex[w - DOMINATORS_FARTHEST]]);
	__builtin_prefetch(&retainers[first[d->vertex[w - DOMINATORS_FAR]]]);
	uint32_t near = d->vertex[w - DOMINATORS_NEAR];
	uint32_t end = first[near + 1];
	for (uint32_t k = first[near]; k < end && k < first[near] + 4; k++)
		__builtin_prefetch(&d->number[retainers[k] & ~GRAPH_UNESSENTIAL]);
}

static bool dominators_run(struct dominators *d, struct err *e)
{
	struct dominators_node *node = d->node;
	for (uint32_t w = d->count; w > DOMINATORS_ROOT; w--) {
		uint32_t parent = node[w].parent;
		dominators_call(d, w);
		if (!dominators_semi(d, w, e))
			return false;
		dominators_drop_bucket(d, w);
		if (node[w].semi != w) {
			node[w].dom = node[node[w].semi].dom;
			node[node[w].semi].dom = w;
		}
		if (!dominators_empty_bucket(d, parent, w, e))
			return false;
	}
	node[0].dom = node[DOMINATORS_ROOT].dom = DOMINATORS_ROOT;
	for (uint32_t w = DOMINATORS_ROOT + 1; w <= d->count; w++) {
		if (node[w].dom != node[w].semi)
			node[w].dom = node[node[w].dom].dom;
	}
	return true;
}

/* Only the dominators stay, at the start of the memory: dom[number]. */
static bool dominators_pack(struct dominators *d, struct err *e)
{
	uint32_t *dom = d->nodes.data;
	for (uint32_t w = 0; w <= d->count; w++) {
		uint32_t one = d->node[w].dom;
		dom[w] = one;
	}
	return pages_give_rest(
		&d->nodes, &d->graph->spares, (uint64_t)d->count + 1, sizeof *dom, e);
}

static bool dominators_store(struct dominators *d, struct err *e)
{
	struct graph *g = d->graph;
	if (!dominators_pack(d, e) ||
		!pages_borrow(&g->dominator, &g->spares, g->node_count, 4, e))
		return false;
	uint32_t *dominator = g->dominator.data;
	const uint32_t *dom = d->nodes.data;
	for (uint32_t node = 0; node < g->node_count; node++)
		dominator[node] = d->vertex[dom[d->number[node]]];
	pages_give(&d->nodes, &g->spares);
	g->retained.width = 4;
	if (!pages_borrow(&g->retained.low, &g->spares, g->node_count, 4, e))
		return false;
	for (uint32_t node = 0; node < g->node_count; node++) {
		if (!wide_set(&g->retained, node, wide_get(&g->self, node), e))
			return false;
	}
	/* A dominator has a lower number than what it dominates. */
	for (uint32_t w = d->count; w > DOMINATORS_ROOT; w--) {
		uint32_t node = d->vertex[w];
		if (!wide_add(&g->retained, dominator[node],
			    wide_get(&g->retained, node), e))
			return false;
	}
	return true;
}

static bool dominators_open(struct dominators *d, struct err *e)
{
	struct graph *g = d->graph;
	uint64_t count = (uint64_t)g->node_count + 1;
	if (!pages_borrow(&d->numbers, &g->spares, count, sizeof *d->number, e) ||
		!pages_borrow(&d->vertices, &g->spares, count, sizeof *d->vertex, e) ||
		!pages_resize(&d->nodes, count + DOMINATORS_SLACK, sizeof *d->node, e))
		return false;
	d->number = d->numbers.data;
	d->vertex = d->vertices.data;
	d->node = d->nodes.data;
	memset(d->number, 0, count * sizeof *d->number);
	return true;
}

static void dominators_close(struct dominators *d)
{
	pages_give(&d->numbers, &d->graph->spares);
	pages_give(&d->vertices, &d->graph->spares);
	pages_finish(&d->nodes);
	stack_finish(&d->path);
}

bool dominators_compute(struct graph *g, struct err *e)
{
	struct dominators d = {.graph = g};
	bool ok = dominators_open(&d, e);
	if (ok) {
		dominators_search_all(&d);
		for (uint32_t w = 0; w <= d.count; w++)
			d.node[w].semi = d.node[w].label = w;
		ok = dominators_run(&d, e) && dominators_store(&d, e);
	}
	dominators_close(&d);
	return ok;
}
