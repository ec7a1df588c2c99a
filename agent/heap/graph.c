#include "agent/heap/graph.h"

#include "agent/heap/graph_data.h"

#include <stdlib.h>

void graph_destroy(struct graph *g)
{
	if (!g)
		return;
	struct pages *const all[] = {&g->kind, &g->name, &g->id, &g->first_edge,
		&g->target, &g->label, &g->places, &g->located, &g->scripts,
		&g->code_names, &g->first_retainer, &g->retainer, &g->dominator,
		&g->first_child, &g->child, &g->distance, &g->row};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		pages_finish(all[i]);
	pages_finish_spares(&g->spares);
	wide_finish(&g->raw);
	wide_finish(&g->self);
	wide_finish(&g->retained);
	map_finish(&g->numbers);
	names_finish(&g->names);
	free(g);
}

uint32_t graph_node_count(const struct graph *g)
{
	return g->node_count;
}

uint64_t graph_edge_count(const struct graph *g)
{
	return g->edge_count;
}

enum graph_type graph_node_type(const struct graph *g, uint32_t node)
{
	unsigned kind = graph_kind(g, node);
	return kind < GRAPH_OTHER ? (enum graph_type)kind : GRAPH_OTHER;
}

const char *graph_node_name(const struct graph *g, uint32_t node)
{
	return names_text(&g->names, graph_u32(&g->name)[node]);
}

uint32_t graph_node_id(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->id)[node];
}

uint64_t graph_node_raw_bytes(const struct graph *g, uint32_t node)
{
	return wide_get(&g->raw, node);
}

uint64_t graph_node_self_bytes(const struct graph *g, uint32_t node)
{
	return wide_get(&g->self, node);
}

uint64_t graph_node_retained_bytes(const struct graph *g, uint32_t node)
{
	return wide_get(&g->retained, node);
}

uint32_t graph_node_dominator(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->dominator)[node];
}

uint64_t graph_children(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->first_child)[node];
}

uint32_t graph_child(const struct graph *g, uint64_t i)
{
	return graph_u32(&g->child)[i];
}

int32_t graph_node_distance(const struct graph *g, uint32_t node)
{
	return ((const int32_t *)g->distance.data)[node];
}

uint32_t graph_node_class(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->row)[node];
}

uint64_t graph_edges(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->first_edge)[node];
}

enum graph_link graph_edge_link(const struct graph *g, uint64_t edge)
{
	return (enum graph_link)(graph_u32(&g->label)[edge] & GRAPH_LINK_MASK);
}

uint32_t graph_edge_target(const struct graph *g, uint64_t edge)
{
	return graph_u32(&g->target)[edge];
}

bool graph_edge_has_number(const struct graph *g, uint64_t edge)
{
	return graph_link_has_number(graph_link(g, edge));
}

uint32_t graph_edge_number(const struct graph *g, uint64_t edge)
{
	return graph_label_value(g, edge);
}

const char *graph_edge_name(const struct graph *g, uint64_t edge)
{
	if (graph_edge_has_number(g, edge))
		return "";
	return names_text(&g->names, graph_label_value(g, edge));
}

uint64_t graph_retainers(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->first_retainer)[node];
}

uint32_t graph_retainer(const struct graph *g, uint64_t k)
{
	return graph_u32(&g->retainer)[k] & ~GRAPH_UNESSENTIAL;
}

uint32_t graph_label_far(const struct graph *g, uint64_t edge)
{
	if (graph_u32(&g->label)[edge] >> GRAPH_LABEL_SHIFT == GRAPH_LABEL_NONE)
		return NAMES_NONE;
	const uint64_t *number = map_find(&g->numbers, edge);
	BUG_ON(!number);
	return (uint32_t)*number;
}

bool graph_is_user_root(const struct graph *g, uint32_t node)
{
	return graph_kind(g, node) != GRAPH_SYNTHETIC ||
	       graph_node_code(g, node) == NAMES_DOM_TREES;
}

const struct graph_place *graph_place(const struct graph *g, uint32_t node)
{
	const struct graph_located *located = g->located.data;
	uint32_t low = 0, high = g->located_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (located[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == g->located_count || located[low].node != node)
		return NULL;
	return (const struct graph_place *)g->places.data + located[low].place;
}

const char *graph_script_path(const struct graph *g, uint32_t script_id)
{
	const struct graph_script *scripts = g->scripts.data;
	uint32_t low = 0, high = g->script_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (scripts[middle].script_id < script_id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == g->script_count || scripts[low].script_id != script_id)
		return "";
	return names_text(&g->names, scripts[low].name);
}

bool graph_node_location(
	const struct graph *g, uint32_t node, struct graph_location *out)
{
	const struct graph_place *place = graph_place(g, node);
	if (!place)
		return false;
	*out = (struct graph_location){
		.script = graph_script_path(g, place->script_id),
		.script_id = place->script_id,
		.line = place->line + 1,
		.column = place->column + 1,
	};
	return true;
}
