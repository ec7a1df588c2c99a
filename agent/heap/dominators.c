#include "agent/heap/dominators.h"

#include "agent/heap/stack.h"

/*
 * Nodes are numbered from 1 as a depth-first search meets them; 0 is nobody.  All but
 * `number` is indexed by that.  A node is linked once it was processed, which runs from
 * the highest number down; so "is linked" is a comparison, and three arrays do the work
 * of two each:
 *   parent  of the search, then the ancestor that path compression shortens
 *   semi    while searching: the next edge to follow
 *   dom     of nodes not yet linked: the head of their bucket; of those in a bucket:
 * the next one there; then the dominator
 */
struct dominators {
	struct graph *graph;
	struct pages number_pages, vertex_pages, parent_pages, semi_pages, label_pages,
		dom_pages;
	uint32_t *number, *vertex, *parent, *semi, *label, *dom;
	uint32_t count; /* numbers given */
	struct stack path;
};

enum { DOMINATORS_ROOT = 1 };

static void dominators_number(struct dominators *d, uint32_t node, uint32_t parent)
{
	uint32_t number = ++d->count;
	d->number[node] = number;
	d->vertex[number] = node;
	d->parent[number] = parent;
	d->semi[number] = graph_u32(&d->graph->first_edge)[node];
}

/* From a node that has just been numbered. */
static void dominators_search(struct dominators *d)
{
	const struct graph *g = d->graph;
	const uint32_t *first = g->first_edge.data, *labels = g->label.data;
	const uint32_t *targets = g->target.data;
	uint32_t start = d->count, at = start;
	for (;;) {
		uint32_t end = first[d->vertex[at] + 1];
		uint32_t edge = d->semi[at];
		while (edge < end &&
			(!(labels[edge] & GRAPH_ESSENTIAL) || d->number[targets[edge]]))
			edge++;
		if (edge < end) {
			d->semi[at] = edge + 1;
			dominators_number(d, targets[edge], at);
			at = d->count;
		} else if (at == start) {
			return;
		} else {
			at = d->parent[at];
		}
	}
}

static bool dominators_is_orphan(const struct graph *g, uint32_t node)
{
	const uint32_t *retainers = g->retainer.data;
	uint64_t end = graph_retainers(g, node + 1);
	for (uint64_t k = graph_retainers(g, node); k < end; k++) {
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

/* Of the linked ancestors of `v` and itself the one with the smallest semidominator. */
static bool dominators_evaluate(
	struct dominators *d, uint32_t v, uint32_t linked, uint32_t *out, struct err *e)
{
	uint32_t *parent = d->parent, *label = d->label, *semi = d->semi;
	uint32_t top = v, below;
	if (v < linked || parent[v] < linked) {
		*out = label[v];
		return true;
	}
	while (parent[top] >= linked) {
		if (!stack_push(&d->path, top, e))
			return false;
		top = parent[top];
	}
	uint32_t best = label[top], ancestor = parent[top];
	while (stack_pop(&d->path, &below)) {
		if (semi[best] < semi[label[below]])
			label[below] = best;
		else
			best = label[below];
		parent[below] = ancestor;
	}
	*out = best;
	return true;
}

static bool dominators_semi(struct dominators *d, uint32_t w, struct err *e)
{
	const struct graph *g = d->graph;
	const uint32_t *retainers = g->retainer.data;
	uint32_t node = d->vertex[w], best = w, u;
	uint64_t end = graph_retainers(g, node + 1);
	bool is_orphan = true;
	for (uint64_t k = graph_retainers(g, node); k < end; k++) {
		if (retainers[k] & GRAPH_UNESSENTIAL)
			continue;
		is_orphan = false;
		if (!dominators_evaluate(d, d->number[retainers[k]], w + 1, &u, e))
			return false;
		if (d->semi[u] < best)
			best = d->semi[u];
	}
	d->semi[w] = is_orphan ? DOMINATORS_ROOT : best;
	return true;
}

/* Those that wait for `parent` learn their dominator, or who has the same. */
static bool dominators_empty_bucket(
	struct dominators *d, uint32_t parent, uint32_t linked, struct err *e)
{
	uint32_t v = d->dom[parent], u;
	d->dom[parent] = 0;
	while (v) {
		uint32_t next = d->dom[v];
		if (!dominators_evaluate(d, v, linked, &u, e))
			return false;
		d->dom[v] = d->semi[u] < d->semi[v] ? u : parent;
		v = next;
	}
	return true;
}

/* Nodes in a circle that nothing reaches: they stay in a bucket that is never emptied,
 * and so hang on the root. */
static void dominators_drop_bucket(struct dominators *d, uint32_t w)
{
	uint32_t v = d->dom[w];
	while (v) {
		uint32_t next = d->dom[v];
		d->dom[v] = 0;
		v = next;
	}
	d->dom[w] = 0;
}

static bool dominators_run(struct dominators *d, struct err *e)
{
	for (uint32_t w = d->count; w > DOMINATORS_ROOT; w--) {
		uint32_t parent = d->parent[w];
		if (!dominators_semi(d, w, e))
			return false;
		dominators_drop_bucket(d, w);
		if (d->semi[w] != w) {
			d->dom[w] = d->dom[d->semi[w]];
			d->dom[d->semi[w]] = w;
		}
		if (!dominators_empty_bucket(d, parent, w, e))
			return false;
	}
	d->dom[0] = d->dom[DOMINATORS_ROOT] = DOMINATORS_ROOT;
	for (uint32_t w = DOMINATORS_ROOT + 1; w <= d->count; w++) {
		if (d->dom[w] != d->semi[w])
			d->dom[w] = d->dom[d->dom[w]];
	}
	return true;
}

static bool dominators_store(struct dominators *d, struct err *e)
{
	struct graph *g = d->graph;
	g->retained.width = 4;
	if (!pages_resize(&g->dominator, g->node_count, 4, e) ||
		!wide_resize(&g->retained, g->node_count, e))
		return false;
	uint32_t *dominator = g->dominator.data;
	for (uint32_t node = 0; node < g->node_count; node++) {
		dominator[node] = d->vertex[d->dom[d->number[node]]];
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
	struct pages *const pages[] = {&d->number_pages, &d->vertex_pages,
		&d->parent_pages, &d->semi_pages, &d->label_pages, &d->dom_pages};
	uint32_t **const arrays[] = {
		&d->number, &d->vertex, &d->parent, &d->semi, &d->label, &d->dom};
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		if (!pages_resize(pages[i], (uint64_t)d->graph->node_count + 1, 4, e))
			return false;
		*arrays[i] = pages[i]->data;
	}
	return true;
}

static void dominators_close(struct dominators *d)
{
	pages_finish(&d->number_pages);
	pages_finish(&d->vertex_pages);
	pages_finish(&d->parent_pages);
	pages_finish(&d->semi_pages);
	pages_finish(&d->label_pages);
	pages_finish(&d->dom_pages);
	stack_finish(&d->path);
}

bool dominators_compute(struct graph *g, struct err *e)
{
	struct dominators d = {.graph = g};
	bool ok = dominators_open(&d, e);
	if (ok) {
		dominators_search_all(&d);
		for (uint32_t w = 0; w <= d.count; w++)
			d.semi[w] = d.label[w] = w;
		ok = dominators_run(&d, e) && dominators_store(&d, e);
	}
	dominators_close(&d);
	return ok;
}
