#include "agent/heap/classify.h"

#include "agent/heap/aggregate.h"
#include "agent/heap/interfaces.h"

#include <string.h>

struct classify {
	struct graph *graph;
	struct classes *classes;
	struct interfaces interfaces;
	const struct classes_interface *definitions;
	struct map name_of_slot;                 /* of objects' and natives' names */
	uint32_t kind_name[GRAPH_KIND_MASK + 1]; /* CLASSES_NONE: each its own */
	uint32_t *interface_name;
	uint32_t objects; /* plain ones passed */
	uint32_t located; /* located nodes passed */
};

static bool classify_name_kinds(struct classify *c, struct err *e)
{
	char buffer[64];
	for (unsigned kind = 0; kind <= GRAPH_KIND_MASK; kind++) {
		const char *name = NULL;
		if (kind < GRAPH_OTHER + META_OTHERS_MAX)
			name = classes_kind_name(c->graph->others, kind, buffer);
		c->kind_name[kind] = CLASSES_NONE;
		if (name && !classes_put_name(c->classes, name, &c->kind_name[kind], e))
			return false;
	}
	return true;
}

static bool classify_find_interfaces(
	struct classify *c, const struct classes *like, struct err *e)
{
	struct classes *classes = c->classes;
	if (!interfaces_read(&c->interfaces, c->graph, e))
		return false;
	if (!like && !interfaces_infer(&c->interfaces, &classes->arena,
			     &classes->interfaces, &classes->interface_count, e))
		return false;
	const struct classes *from = like ? like : classes;
	c->interface_name = arena_array(
		&classes->arena, from->interface_count, sizeof *c->interface_name);
	for (size_t i = 0; i < from->interface_count; i++) {
		if (!classes_put_name(classes, from->interfaces[i].name,
			    &c->interface_name[i], e))
			return false;
	}
	return interfaces_apply(
		&c->interfaces, from->interfaces, from->interface_count, e);
}

static bool classify_own_name(
	struct classify *c, uint32_t node, uint32_t *name, struct err *e)
{
	const struct graph *g = c->graph;
	uint32_t slot = graph_u32(&g->name)[node];
	uint64_t *known = map_put(&c->name_of_slot, slot, CLASSES_NONE, e);
	if (!known)
		return false;
	if (*known == CLASSES_NONE) {
		if (!classes_put_element_name(
			    c->classes, names_text(&g->names, slot), name, e))
			return false;
		*known = *name;
	}
	*name = (uint32_t)*known;
	return true;
}

/* Called for every node in its order, also those that are not counted. */
static bool classify_name(
	struct classify *c, uint32_t node, uint32_t *name, struct err *e)
{
	const struct graph *g = c->graph;
	*name = c->kind_name[graph_kind(g, node)];
	if (*name != CLASSES_NONE)
		return true;
	if (interfaces_is_plain(g, node)) {
		uint32_t interface = interfaces_of(&c->interfaces, c->objects++);
		if (interface != INTERFACES_NONE) {
			*name = c->interface_name[interface];
			return true;
		}
	}
	return classify_own_name(c, node, name, e);
}

static const uint32_t *classify_place(struct classify *c, uint32_t node)
{
	const struct graph *g = c->graph;
	const struct graph_located *located = g->located.data;
	while (c->located < g->located_count && located[c->located].node < node)
		c->located++;
	if (c->located == g->located_count || located[c->located].node != node ||
		graph_kind(g, node) != GRAPH_OBJECT)
		return NULL;
	return &located[c->located].place;
}

static bool classify_nodes(struct classify *c, struct err *e)
{
	struct graph *g = c->graph;
	uint32_t *rows = g->row.data;
	for (uint32_t node = 0; node < g->node_count; node++) {
		uint64_t self_bytes = wide_get(&g->self, node);
		uint32_t name;
		if (!classify_name(c, node, &name, e))
			return false;
		rows[node] = CLASSES_NONE;
		if (self_bytes == 0)
			continue;
		if (!classes_put_row(c->classes, name, g, classify_place(c, node),
			    &rows[node], e))
			return false;
		classes_count_in(c->classes, rows[node], self_bytes,
			graph_node_distance(g, node));
	}
	return true;
}

static bool classify_sort(struct classify *c, struct err *e)
{
	struct graph *g = c->graph;
	struct pages moved_pages = {0};
	uint32_t *rows = g->row.data;
	if (!pages_resize(&moved_pages, c->classes->row_count, sizeof(uint32_t), e))
		return false;
	uint32_t *moved = moved_pages.data;
	classes_sort(c->classes, moved);
	for (uint32_t node = 0; node < g->node_count; node++) {
		if (rows[node] != CLASSES_NONE)
			rows[node] = moved[rows[node]];
	}
	pages_finish(&moved_pages);
	return true;
}

bool classify_run(struct graph *g, const struct classes *like, struct classes **out,
	struct err *e)
{
	struct classify c = {.graph = g, .classes = classes_create()};
	bool ok = (g->row.data || pages_borrow(&g->row, &g->spares, g->node_count,
					  sizeof(uint32_t), e)) &&
		  classify_name_kinds(&c, e) && classify_find_interfaces(&c, like, e) &&
		  classify_nodes(&c, e);
	interfaces_finish(&c.interfaces);
	map_finish(&c.name_of_slot);
	ok = ok && aggregate_retained(g, c.classes, e) && classify_sort(&c, e);
	if (ok)
		*out = c.classes;
	else
		classes_destroy(c.classes);
	return ok;
}
