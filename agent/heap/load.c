#include "agent/heap/load.h"

#include <string.h>

enum { LOAD_SPARE_STRINGS = 1 << 20 };

/* Names of these types are no values of strings and may be kept. */
static const bool load_keeps_name[GRAPH_KIND_MASK + 1] = {
	[GRAPH_HIDDEN] = true,
	[GRAPH_ARRAY] = true,
	[GRAPH_OBJECT] = true,
	[GRAPH_CODE] = true,
	[GRAPH_CLOSURE] = true,
	[GRAPH_NATIVE] = true,
	[GRAPH_SYNTHETIC] = true,
	[GRAPH_SHAPE] = true,
};

/* V8 numbers strings as it meets them; so an index far beyond the nodes and edges so
 * far is a damaged file, for which no memory is spent. */
static bool load_want(struct load *l, uint64_t index, struct err *e)
{
	struct names *names = &l->graph->names;
	uint64_t most = 2 * (l->nodes + l->edges) + LOAD_SPARE_STRINGS;
	if (index >= names->limit && index > most)
		return err_set(e, ERR_INPUT,
			"string %llu is a name, but there can be no more than %llu",
			(unsigned long long)index, (unsigned long long)most);
	return names_want(names, (uint32_t)index, e);
}

/* Weak edges are on nobody's path. */
static bool load_keeps_label(unsigned link)
{
	return !graph_link_has_number(link) && link != GRAPH_LINK_WEAK;
}

bool load_start(struct load *l, struct graph *g, const struct meta *meta, struct err *e)
{
	*l = (struct load){.graph = g, .meta = *meta, .is_sorted = true};
	if (meta->node_count > GRAPH_NODES_MAX)
		return err_set(e, ERR_INPUT, "%llu nodes, more than the %u that fit",
			(unsigned long long)meta->node_count,
			(unsigned)GRAPH_NODES_MAX);
	if (meta->edge_count > GRAPH_EDGES_MAX)
		return err_set(e, ERR_INPUT, "%llu edges, more than the %u that fit",
			(unsigned long long)meta->edge_count,
			(unsigned)GRAPH_EDGES_MAX);
	l->per_node = UINT64_MAX / meta->node_fields + 1;
	g->has_detachedness = meta->node_at[META_NODE_DETACHEDNESS] != META_ABSENT;
	memcpy(g->others, meta->others, sizeof g->others);
	g->raw.width = g->self.width = 2;
	return true;
}

void load_finish(struct load *l)
{
	map_finish(&l->places);
}

static bool load_reserve_nodes(struct load *l, uint64_t count, struct err *e)
{
	struct graph *g = l->graph;
	uint64_t expected = l->meta.node_count;
	if (count > expected)
		return err_set(e, ERR_INPUT, "more nodes than the %llu of node_count",
			(unsigned long long)expected);
	return pages_reserve(&g->kind, count, expected, 1, e) &&
	       pages_reserve(&g->name, count, expected, 4, e) &&
	       pages_reserve(&g->id, count, expected, 4, e) &&
	       wide_reserve(&g->raw, count, expected, e) &&
	       pages_reserve(&g->first_edge, count + 1, expected + 1, 4, e);
}

static unsigned load_kind(const struct load *l, const uint64_t *row)
{
	uint64_t type = row[l->meta.node_at[META_NODE_TYPE]];
	unsigned kind = type < l->meta.node_types ? l->meta.node_type[type]
						  : GRAPH_OTHER;
	int detachedness = l->meta.node_at[META_NODE_DETACHEDNESS];
	if (detachedness != META_ABSENT)
		kind |= (unsigned)(row[detachedness] & 3) << GRAPH_KIND_BITS;
	return kind;
}

static bool load_node(struct load *l, const uint64_t *row, struct err *e)
{
	struct graph *g = l->graph;
	const int *field = l->meta.node_at;
	uint64_t at = l->nodes, name = row[field[META_NODE_NAME]];
	uint64_t id = row[field[META_NODE_ID]],
		 edges = row[field[META_NODE_EDGE_COUNT]];
	if (name >= UINT32_MAX || id > UINT32_MAX)
		return err_set(e, ERR_INPUT,
			"node %llu has %s %llu, which is too large",
			(unsigned long long)at, id > UINT32_MAX ? "id" : "name",
			(unsigned long long)(id > UINT32_MAX ? id : name));
	if (edges > l->meta.edge_count - l->promised_edges)
		return err_set(e, ERR_INPUT,
			"node %llu has more edges than are left of edge_count %llu",
			(unsigned long long)at, (unsigned long long)l->meta.edge_count);
	((uint8_t *)g->kind.data)[at] = (uint8_t)load_kind(l, row);
	((uint32_t *)g->name.data)[at] = (uint32_t)name;
	((uint32_t *)g->id.data)[at] = (uint32_t)id;
	((uint32_t *)g->first_edge.data)[at] = (uint32_t)l->promised_edges;
	if (name > l->most_name)
		l->most_name = name;
	if (load_keeps_name[graph_kind(g, (uint32_t)at)] && !load_want(l, name, e))
		return false;
	if (id % 2 == 1 && id > l->max_js_id)
		l->max_js_id = (uint32_t)id;
	l->promised_edges += edges;
	l->nodes++;
	return wide_set(&g->raw, at, row[field[META_NODE_SELF_SIZE]], e);
}

bool load_nodes(struct load *l, const uint64_t *values, size_t count, struct err *e)
{
	unsigned fields = l->meta.node_fields;
	if (!load_reserve_nodes(l, l->nodes + count / fields, e))
		return false;
	for (size_t i = 0; i < count; i += fields) {
		if (!load_node(l, values + i, e))
			return false;
	}
	return true;
}

bool load_nodes_end(struct load *l, struct err *e)
{
	struct graph *g = l->graph;
	if (l->nodes != l->meta.node_count)
		return err_set(e, ERR_INPUT, "%llu nodes, but node_count is %llu",
			(unsigned long long)l->nodes,
			(unsigned long long)l->meta.node_count);
	if (l->promised_edges != l->meta.edge_count)
		return err_set(e, ERR_INPUT,
			"the nodes have %llu edges, but edge_count is %llu",
			(unsigned long long)l->promised_edges,
			(unsigned long long)l->meta.edge_count);
	g->node_count = (uint32_t)l->nodes;
	((uint32_t *)g->first_edge.data)[l->nodes] = (uint32_t)l->promised_edges;
	return true;
}

/* The ordinal of a node that is named by the place of its first field; nodes when it
 * is none. */
static uint64_t load_ordinal(const struct load *l, uint64_t index)
{
	unsigned fields = l->meta.node_fields;
	if (index >= l->nodes * fields)
		return l->nodes;
	uint64_t ordinal = fields == 1 ? index
				       : (uint64_t)((unsigned __int128)index *
							    l->per_node >>
						    64);
	return ordinal * fields == index ? ordinal : l->nodes;
}

/* Sets an edge's label; the value is a number, a string index or a slot. */
static bool load_set_label(
	struct graph *g, uint64_t edge, unsigned link, uint64_t value, struct err *e)
{
	if (value == NAMES_NONE) {
		value = GRAPH_LABEL_NONE;
	} else if (value >= GRAPH_LABEL_NONE) {
		uint64_t *number = map_put(&g->numbers, edge, 0, e);
		if (!number)
			return false;
		*number = value;
		value = GRAPH_LABEL_FAR;
	}
	((uint32_t *)g->label.data)[edge] = link | (uint32_t)value << GRAPH_LABEL_SHIFT;
	return true;
}

static bool load_label(struct load *l, unsigned link, uint64_t value, struct err *e)
{
	bool is_number = graph_link_has_number(link);
	if (value >= UINT32_MAX)
		return err_set(e, ERR_INPUT,
			"edge %llu has %s %llu, which is too large",
			(unsigned long long)l->edges, is_number ? "number" : "name",
			(unsigned long long)value);
	if (!is_number && value > l->most_name)
		l->most_name = value;
	if (load_keeps_label(link) && !load_want(l, value, e))
		return false;
	return load_set_label(l->graph, l->edges, link, value, e);
}

static bool load_edge(struct load *l, const uint64_t *row, struct err *e)
{
	const int *field = l->meta.edge_at;
	uint64_t type = row[field[META_EDGE_TYPE]];
	uint64_t target = load_ordinal(l, row[field[META_EDGE_TARGET]]);
	unsigned link = type < l->meta.edge_types ? l->meta.edge_type[type]
						  : GRAPH_LINK_OTHER;
	if (target == l->nodes)
		return err_set(e, ERR_INPUT,
			"edge %llu leads to %llu, where no node is",
			(unsigned long long)l->edges,
			(unsigned long long)row[field[META_EDGE_TARGET]]);
	((uint32_t *)l->graph->target.data)[l->edges] = (uint32_t)target;
	if (!load_label(l, link, row[field[META_EDGE_NAME]], e))
		return false;
	l->edges++;
	return true;
}

bool load_edges(struct load *l, const uint64_t *values, size_t count, struct err *e)
{
	struct graph *g = l->graph;
	unsigned fields = l->meta.edge_fields;
	uint64_t after = l->edges + count / fields, expected = l->meta.edge_count;
	if (after > expected)
		return err_set(e, ERR_INPUT, "more edges than the %llu of edge_count",
			(unsigned long long)expected);
	if (!pages_reserve(&g->target, after, expected, 4, e) ||
		!pages_reserve(&g->label, after, expected, 4, e))
		return false;
	for (size_t i = 0; i < count; i += fields) {
		if (!load_edge(l, values + i, e))
			return false;
	}
	return true;
}

bool load_edges_end(struct load *l, struct err *e)
{
	if (l->edges != l->meta.edge_count)
		return err_set(e, ERR_INPUT, "%llu edges, but edge_count is %llu",
			(unsigned long long)l->edges,
			(unsigned long long)l->meta.edge_count);
	l->graph->edge_count = l->edges;
	return true;
}

/* Equal places are stored once: objects of one class share theirs. */
static bool load_place(
	struct load *l, const struct graph_place *place, uint32_t *out, struct err *e)
{
	struct graph *g = l->graph;
	uint64_t key = map_mix((uint64_t)place->script_id << 32 | place->line) ^
		       place->column;
	for (;; key = map_mix(key + 1)) {
		key &= UINT64_MAX >> 1;
		uint64_t *index = map_put(&l->places, key, g->place_count, e);
		if (!index)
			return false;
		*out = (uint32_t)*index;
		if (*index == g->place_count)
			break;
		const struct graph_place *known =
			(const struct graph_place *)g->places.data + *index;
		if (memcmp(known, place, sizeof *place) == 0)
			return true;
	}
	if (!pages_reserve(&g->places, (uint64_t)g->place_count + 1, UINT32_MAX,
		    sizeof *place, e))
		return false;
	((struct graph_place *)g->places.data)[g->place_count++] = *place;
	return true;
}

static bool load_location(struct load *l, const uint64_t *row, struct err *e)
{
	struct graph *g = l->graph;
	const int *field = l->meta.location_at;
	uint64_t node = load_ordinal(l, row[field[META_LOCATION_NODE]]);
	if (node == l->nodes)
		return err_set(e, ERR_INPUT,
			"location %llu is of %llu, where no node is",
			(unsigned long long)l->locations,
			(unsigned long long)row[field[META_LOCATION_NODE]]);
	const struct graph_place place = {
		.script_id = (uint32_t)row[field[META_LOCATION_SCRIPT]],
		.line = (uint32_t)row[field[META_LOCATION_LINE]],
		.column = (uint32_t)row[field[META_LOCATION_COLUMN]],
	};
	struct graph_located located = {.node = (uint32_t)node};
	if (!load_place(l, &place, &located.place, e))
		return false;
	struct graph_located *all = g->located.data;
	if (g->located_count && all[g->located_count - 1].node >= located.node)
		l->is_sorted = false;
	all[g->located_count++] = located;
	l->locations++;
	return true;
}

bool load_locations(struct load *l, const uint64_t *values, size_t count, struct err *e)
{
	unsigned fields = l->meta.location_fields;
	uint64_t after = l->locations + count / fields;
	if (after > UINT32_MAX)
		return err_set(e, ERR_INPUT, "more than %u locations", UINT32_MAX);
	if (!pages_reserve(&l->graph->located, after, UINT32_MAX,
		    sizeof(struct graph_located), e))
		return false;
	for (size_t i = 0; i < count; i += fields) {
		if (!load_location(l, values + i, e))
			return false;
	}
	return true;
}

/* Sorted by node; of one that stands there twice the later place counts, as in
 * DevTools. */
static bool load_sort_located(struct graph *g, struct err *e)
{
	struct pages place_of = {0};
	if (!pages_resize(&place_of, g->node_count, sizeof(uint32_t), e))
		return false;
	uint32_t *place = place_of.data; /* plus one; 0: none */
	struct graph_located *all = g->located.data;
	for (uint32_t i = 0; i < g->located_count; i++)
		place[all[i].node] = all[i].place + 1;
	g->located_count = 0;
	for (uint32_t node = 0; node < g->node_count; node++) {
		if (place[node])
			all[g->located_count++] = (struct graph_located){
				node, place[node] - 1};
	}
	pages_finish(&place_of);
	return true;
}

bool load_locations_end(struct load *l, struct err *e)
{
	struct graph *g = l->graph;
	map_finish(&l->places);
	if (!l->is_sorted && !load_sort_located(g, e))
		return false;
	return pages_resize(&g->located, g->located_count, sizeof(struct graph_located),
		       e) &&
	       pages_resize(&g->places, g->place_count, sizeof(struct graph_place), e);
}

/* While names are indexes: which strings that are names, too, does code hold? */
static bool load_code_names(struct graph *g, const uint32_t *slots, struct err *e)
{
	const uint32_t *names = g->name.data;
	uint64_t count = 0;
	for (uint32_t node = 0; node < g->node_count; node++) {
		if (graph_kind(g, node) != GRAPH_CODE)
			continue;
		uint64_t end = graph_first(g, node + 1);
		for (uint64_t i = graph_first(g, node); i < end; i++) {
			uint32_t target = graph_target(g, i);
			if (graph_kind(g, target) != GRAPH_STRING ||
				!names_wants(&g->names, names[target]))
				continue;
			if (!pages_reserve(&g->code_names, count + 1, g->edge_count,
				    sizeof(uint64_t), e))
				return false;
			((uint64_t *)g->code_names.data)[count++] =
				(uint64_t)node << 32 | slots[names[target]];
		}
	}
	return true;
}

/* From the indexes of strings to slots. */
static bool load_name_slots(struct graph *g, const uint32_t *slots, struct err *e)
{
	uint32_t *names = g->name.data;
	for (uint32_t node = 0; node < g->node_count; node++)
		names[node] = load_keeps_name[graph_kind(g, node)] ? slots[names[node]]
								   : NAMES_NONE;
	for (uint64_t edge = 0; edge < g->edge_count; edge++) {
		unsigned link = graph_link(g, edge);
		uint32_t slot = NAMES_NONE;
		if (graph_link_has_number(link))
			continue;
		if (load_keeps_label(link))
			slot = slots[graph_label_value(g, edge)];
		if (!load_set_label(g, edge, link, slot, e))
			return false;
	}
	return true;
}

bool load_settle_names(struct load *l, struct err *e)
{
	struct graph *g = l->graph;
	struct pages slots = {0};
	bool ok = names_settle(&g->names, &slots, e) &&
		  load_code_names(g, slots.data, e) &&
		  load_name_slots(g, slots.data, e);
	pages_finish(&slots);
	return ok;
}

bool load_strings_end(struct load *l, uint64_t count, struct err *e)
{
	if (l->most_name >= count)
		return err_set(e, ERR_INPUT,
			"%llu strings, but string %llu is somebody's name",
			(unsigned long long)count, (unsigned long long)l->most_name);
	return true;
}
