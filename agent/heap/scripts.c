#include "agent/heap/scripts.h"

#include <stdlib.h>
#include <string.h>

/* The code node to which `node` leads by an internal edge of either name. */
static bool scripts_follow(const struct graph *g, uint32_t node, enum names_code name,
	enum names_code other_name, uint32_t *out)
{
	uint64_t end = graph_first(g, node + 1);
	for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
		if (graph_link(g, edge) != GRAPH_LINK_INTERNAL)
			continue;
		enum names_code code = graph_edge_code(g, edge);
		uint32_t target = graph_target(g, edge);
		if ((code == name || code == other_name) &&
			graph_kind(g, target) == GRAPH_CODE) {
			*out = target;
			return true;
		}
	}
	return false;
}

/* Functions that are being debugged lead to something of the engine instead. */
static bool scripts_of_closure(const struct graph *g, uint32_t closure, uint32_t *name)
{
	uint32_t shared, script;
	if (!scripts_follow(g, closure, NAMES_SHARED, NAMES_SHARED, &shared) ||
		!scripts_follow(
			g, shared, NAMES_SCRIPT_OR_DEBUG_INFO, NAMES_SCRIPT, &script))
		return false;
	const char *path = graph_node_name(g, script);
	if (!*path || strncmp(path, "system / ", strlen("system / ")) == 0)
		return false;
	*name = graph_u32(&g->name)[script];
	return true;
}

static int scripts_compare(const void *left, const void *right)
{
	const struct graph_script *a = left, *b = right;
	return (a->script_id > b->script_id) - (a->script_id < b->script_id);
}

static bool scripts_add(
	struct graph *g, uint32_t script_id, uint32_t name, struct err *e)
{
	if (!pages_reserve(&g->scripts, (uint64_t)g->script_count + 1, UINT32_MAX,
		    sizeof(struct graph_script), e))
		return false;
	struct graph_script *scripts = g->scripts.data;
	scripts[g->script_count++] = (struct graph_script){script_id, name};
	return true;
}

bool scripts_find(struct graph *g, struct err *e)
{
	const struct graph_located *located = g->located.data;
	const struct graph_place *places = g->places.data;
	struct map known = {0};
	bool ok = true;
	for (uint32_t i = 0; ok && i < g->located_count; i++) {
		uint32_t script_id = places[located[i].place].script_id, name;
		if (graph_kind(g, located[i].node) != GRAPH_CLOSURE ||
			map_find(&known, script_id) ||
			!scripts_of_closure(g, located[i].node, &name))
			continue;
		ok = map_put(&known, script_id, name, e) &&
		     scripts_add(g, script_id, name, e);
	}
	map_finish(&known);
	if (g->script_count)
		qsort(g->scripts.data, g->script_count, sizeof(struct graph_script),
			scripts_compare);
	return ok;
}
