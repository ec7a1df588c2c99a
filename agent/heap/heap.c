#include "agent/heap/heap.h"

#include "agent/heap/children.h"
#include "agent/heap/classify.h"
#include "agent/heap/detached.h"
#include "agent/heap/distances.h"
#include "agent/heap/dominators.h"
#include "agent/heap/essential.h"
#include "agent/heap/load.h"
#include "agent/heap/owners.h"
#include "agent/heap/parse.h"
#include "agent/heap/retainers.h"
#include "agent/heap/scripts.h"
#include "agent/heap/statistics.h"
#include "agent/heap/totals.h"

#include <stdio.h>
#include <stdlib.h>

/* What exact analysis takes at its peak, measured, and what the rest may need. */
enum {
	HEAP_BYTES_PER_NODE = 60,
	HEAP_BYTES_PER_EDGE = 13,
	HEAP_BYTES_SPARE = 8 << 20,
};

struct heap {
	struct heap_options options;
	struct parse *parse;
	struct graph *graph; /* NULL when shallow */
	struct load load;
	struct totals totals;
	struct classes *classes;
	struct heap_head head;
	struct err failure; /* of the analysis; the parser keeps its own */
};

static uint64_t heap_need_bytes(const struct meta *meta)
{
	uint64_t nodes, edges, need;
	if (__builtin_mul_overflow(meta->node_count, HEAP_BYTES_PER_NODE, &nodes) ||
		__builtin_mul_overflow(meta->edge_count, HEAP_BYTES_PER_EDGE, &edges) ||
		__builtin_add_overflow(nodes, edges, &need) ||
		__builtin_add_overflow(need, HEAP_BYTES_SPARE, &need))
		return UINT64_MAX;
	return need;
}

/* "5.1 GiB", "20 MiB". */
static const char *heap_size(uint64_t bytes, char text[32])
{
	const double mib = 1 << 20, gib = 1 << 30;
	if (bytes < UINT64_C(1) << 30)
		snprintf(text, 32, "%.0f MiB", (double)bytes / mib);
	else
		snprintf(text, 32, "%.1f GiB", (double)bytes / gib);
	return text;
}

/* Decides how much is to be computed. */
static bool heap_choose(struct heap *h, const struct meta *meta, struct err *e)
{
	char need[32], allowed[32];
	uint64_t need_bytes = heap_need_bytes(meta);
	uint64_t max_bytes = h->options.memory_max_bytes;
	char *why = h->head.why_shallow;
	h->head.is_exact = false;
	if (h->options.mode == HEAP_SHALLOW) {
		snprintf(why, sizeof h->head.why_shallow, "it was asked for");
		return true;
	}
	if (max_bytes && need_bytes > max_bytes) {
		snprintf(why, sizeof h->head.why_shallow,
			"exact needs %s, %s are allowed", heap_size(need_bytes, need),
			heap_size(max_bytes, allowed));
		return h->options.mode != HEAP_EXACT || err_set(e, ERR_BUSY, "%s", why);
	}
	h->head.is_exact = true;
	return true;
}

static bool heap_on_head(void *context, const struct meta *meta, struct err *e)
{
	struct heap *h = context;
	if (!heap_choose(h, meta, e))
		return false;
	h->head.extra_native_bytes = meta->extra_native_bytes;
	h->head.edge_count = meta->edge_count;
	if (!h->head.is_exact) {
		totals_start(&h->totals, meta);
		parse_skip_edges(h->parse);
		return true;
	}
	h->graph = calloc(1, sizeof *h->graph);
	BUG_ON(!h->graph);
	return load_start(&h->load, h->graph, meta, e);
}

static bool heap_on_nodes(
	void *context, const uint64_t *values, size_t count, struct err *e)
{
	struct heap *h = context;
	return h->graph ? load_nodes(&h->load, values, count, e)
			: totals_nodes(&h->totals, values, count, e);
}

static bool heap_on_edges(
	void *context, const uint64_t *values, size_t count, struct err *e)
{
	struct heap *h = context;
	return load_edges(&h->load, values, count, e);
}

static bool heap_on_locations(
	void *context, const uint64_t *values, size_t count, struct err *e)
{
	struct heap *h = context;
	return !h->graph || load_locations(&h->load, values, count, e);
}

static bool heap_on_table_end(void *context, enum parse_table table, struct err *e)
{
	struct heap *h = context;
	switch (table) {
	case PARSE_NODES:
		return h->graph ? load_nodes_end(&h->load, e)
				: totals_nodes_end(&h->totals, e);
	case PARSE_EDGES:
		return !h->graph || load_edges_end(&h->load, e);
	default:
		return !h->graph || load_locations_end(&h->load, e);
	}
}

static struct names *heap_names(struct heap *h)
{
	return h->graph ? &h->graph->names : &h->totals.names;
}

static bool heap_on_strings(void *context, struct err *e)
{
	struct heap *h = context;
	return h->graph ? load_settle_names(&h->load, e)
			: totals_want_names(&h->totals, e);
}

static bool heap_on_string(void *context, uint64_t index)
{
	return names_wants(heap_names(context), index);
}

static bool heap_on_string_bytes(
	void *context, const char *utf8, size_t length, struct err *e)
{
	return names_append(heap_names(context), utf8, length, e);
}

static bool heap_on_string_end(void *context, struct err *e)
{
	return names_end(heap_names(context), e);
}

static bool heap_on_strings_end(void *context, uint64_t count, struct err *e)
{
	struct heap *h = context;
	return h->graph ? load_strings_end(&h->load, count, e)
			: totals_strings_end(&h->totals, count, e);
}

static const struct parse_sink heap_sink = {
	.head = heap_on_head,
	.rows = {heap_on_nodes, heap_on_edges, heap_on_locations},
	.table_end = heap_on_table_end,
	.strings_start = heap_on_strings,
	.string_wanted = heap_on_string,
	.string_bytes = heap_on_string_bytes,
	.string_end = heap_on_string_end,
	.strings_end = heap_on_strings_end,
};

struct heap *heap_create(const struct heap_options *options)
{
	struct heap *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	h->options = *options;
	h->parse = parse_create(&heap_sink, h);
	return h;
}

void heap_destroy(struct heap *h)
{
	if (!h)
		return;
	parse_destroy(h->parse);
	load_finish(&h->load);
	totals_finish(&h->totals);
	classes_destroy(h->classes);
	graph_destroy(h->graph);
	free(h);
}

bool heap_feed(struct heap *h, const void *bytes, size_t length, struct err *e)
{
	return parse_feed(h->parse, bytes, length, e);
}

static bool heap_analyse(struct heap *h, struct err *e)
{
	struct graph *g = h->graph;
	if (!detached_spread(g, e) || !essential_mark(g, e) ||
		!owners_move_sizes(g, e) || !retainers_build(g, e) ||
		!dominators_compute(g, e) || !children_build(g, e) ||
		!distances_compute(g, e) || !scripts_find(g, e) ||
		!classify_run(g, NULL, &h->classes, e))
		return false;
	pages_finish_spares(&g->spares);
	h->head.node_count = g->node_count;
	h->head.total_bytes = graph_node_retained_bytes(g, 0) +
			      h->head.extra_native_bytes;
	h->head.max_js_id = h->load.max_js_id;
	statistics_compute(g, h->head.extra_native_bytes, h->head.total_bytes,
		&h->head.statistics);
	return true;
}

static bool heap_sum_up(struct heap *h, struct err *e)
{
	if (!totals_classes(&h->totals, &h->classes, e))
		return false;
	h->head.node_count = (uint32_t)h->totals.nodes;
	h->head.total_bytes = h->totals.total_bytes;
	h->head.max_js_id = h->totals.max_js_id;
	h->head.statistics = h->totals.statistics;
	totals_finish(&h->totals);
	totals_start(&h->totals, &h->totals.meta);
	return true;
}

bool heap_end(struct heap *h, struct err *e)
{
	if (h->failure.kind) {
		*e = h->failure;
		return false;
	}
	if (!parse_end(h->parse, e))
		return false;
	h->head.stream_bytes = parse_bytes(h->parse);
	if (h->graph ? heap_analyse(h, e) : heap_sum_up(h, e))
		return true;
	h->failure = *e;
	return false;
}

const struct heap_head *heap_head(const struct heap *h)
{
	return &h->head;
}

const struct classes *heap_classes(const struct heap *h)
{
	return h->classes;
}

const struct graph *heap_graph(const struct heap *h)
{
	return h->graph;
}
