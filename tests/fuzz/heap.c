/* fuzzes: agent_heap */
/*
 * Heap snapshots: a file that a stranger or a full disk has cut or changed, in pieces
 * of odd sizes, packed or not, through the parser and the whole analysis.
 */
#include "agent/heap/heap.h"
#include "agent/heap/source.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct heap *heap;
	bool failed;
};

static bool fuzz_feed(void *context, const void *bytes, size_t length, struct err *e)
{
	struct fuzz *f = context;
	f->failed = !heap_feed(f->heap, bytes, length, e);
	return !f->failed;
}

static void fuzz_check_graph(const struct graph *g)
{
	struct graph_location location;
	uint32_t count = graph_node_count(g);
	for (uint32_t node = 0; node < count; node++) {
		BUG_ON(graph_node_dominator(g, node) >= count);
		BUG_ON(node && graph_node_dominator(g, node) == node);
		BUG_ON(graph_node_retained_bytes(g, node) <
			graph_node_self_bytes(g, node));
		BUG_ON(graph_edges(g, node) > graph_edges(g, node + 1));
		BUG_ON(strlen(graph_node_name(g, node)) > 1 << 20);
		graph_node_location(g, node, &location);
	}
	for (uint64_t edge = 0; edge < graph_edge_count(g); edge++)
		BUG_ON(strlen(graph_edge_name(g, edge)) > 1 << 20);
	BUG_ON(graph_retainers(g, count) != graph_edge_count(g));
}

static void fuzz_check(const struct heap *h)
{
	const struct classes *c = heap_classes(h);
	uint64_t nodes = 0;
	for (uint32_t i = 0; i < classes_count(c); i++) {
		BUG_ON(!*classes_row(c, i)->key || classes_row(c, i)->count == 0);
		nodes += classes_row(c, i)->count;
	}
	BUG_ON(nodes > heap_head(h)->node_count);
	if (heap_graph(h))
		fuzz_check_graph(heap_graph(h));
}

/* A failure says so again, whatever comes then. */
static void fuzz_run(const uint8_t *data, size_t size, enum heap_mode mode, size_t step)
{
	const struct heap_options options = {mode, (uint64_t)256 << 20};
	struct heap *h = heap_create(&options);
	struct fuzz fuzz = {h, false};
	const struct source_sink sink = {fuzz_feed, &fuzz};
	struct source *s = source_create(&sink);
	struct err e = {0};
	bool ok = true;
	for (size_t at = 0; ok && at < size; at += step) {
		size_t length = size - at < step ? size - at : step;
		ok = source_feed(s, data + at, length, &e);
	}
	ok = ok && source_end(s, &e) && heap_end(h, &e);
	BUG_ON(!ok && e.kind != ERR_INPUT && e.kind != ERR_BUSY);
	BUG_ON(!ok && !e.text[0]);
	if (ok)
		fuzz_check(h);
	BUG_ON(fuzz.failed && heap_end(h, &e));
	source_destroy(s);
	heap_destroy(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_run(data, size, HEAP_EXACT, size ? size : 1);
	fuzz_run(data, size, HEAP_SHALLOW, 1 + size % 61);
	if (size < 4096)
		fuzz_run(data, size, HEAP_AUTO, 1);
	return 0;
}
