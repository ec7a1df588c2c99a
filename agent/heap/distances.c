#include "agent/heap/distances.h"

#include <math.h>
#include <string.h>

enum { DISTANCES_ROOT = 0 };

/* WeakMap pairs of which one edge was met: by the hash of the text that both share, the
 * name of the first edge plus one, 0 when both were met. */
struct distances {
	struct graph *graph;
	struct map pairs;
	uint32_t *queue;
	uint64_t from, to; /* waiting: queue[from, to) */
	int32_t *distance;
};

/* As parseInt(text, 10): false when that is not a number. */
static bool distances_parse_int(const char *text, double *value)
{
	text += strspn(text, " \t\r\n\v\f");
	bool is_negative = *text == '-';
	text += *text == '-' || *text == '+';
	if (*text < '0' || *text > '9')
		return false;
	double sum = 0;
	for (; *text >= '0' && *text <= '9'; text++)
		sum = sum * 10 + (*text - '0');
	*value = is_negative ? -sum : sum;
	return true;
}

/* In a table of descriptors each third entry, behind the first two, is a value of a
 * descriptor, which is no property of the map. */
static bool distances_passes_descriptor(const struct graph *g, uint64_t edge)
{
	double index;
	if (graph_edge_has_number(g, edge))
		index = graph_edge_number(g, edge);
	else if (graph_link(g, edge) == GRAPH_LINK_SHORTCUT ||
		 !distances_parse_int(graph_edge_name(g, edge), &index))
		return true;
	return index < 2 || fmod(index, 3) != 1;
}

/* A value in a WeakMap is reached through the table and through its key; only the later
 * of the two counts. */
static bool distances_passes_pair(
	struct distances *d, uint64_t edge, bool *passes, struct err *e)
{
	const struct names *names = &d->graph->names;
	uint32_t name = graph_label_value(d->graph, edge);
	uint64_t table_id;
	const char *pair, *other;
	if (!names_ephemeron(names_text(names, name), &table_id, &pair)) {
		*passes = true;
		return true;
	}
	uint64_t key = names_hash_text(pair, strlen(pair));
	for (;; key++) {
		uint64_t *entry = map_put(&d->pairs, key, (uint64_t)name << 1, e);
		if (!entry)
			return false;
		const char *text = names_text(names, (uint32_t)(*entry >> 1));
		if (!names_ephemeron(text, &table_id, &other) ||
			strcmp(other, pair) != 0)
			continue; /* another pair with this hash */
		*passes = *entry & 1;
		*entry ^= 1;
		return true;
	}
}

static bool distances_passes(struct distances *d, uint32_t source, uint64_t edge,
	bool *passes, struct err *e)
{
	const struct graph *g = d->graph;
	unsigned kind = graph_kind(g, source);
	enum names_code code = graph_edge_code(g, edge);
	*passes = true;
	if (kind == GRAPH_HIDDEN && code == NAMES_SLOPPY_MAP &&
		graph_node_code(g, source) == NAMES_NATIVE_CONTEXT) {
		*passes = false;
		return true;
	}
	if (kind == GRAPH_ARRAY &&
		graph_node_code(g, source) == NAMES_MAP_DESCRIPTORS) {
		*passes = distances_passes_descriptor(g, edge);
		return true;
	}
	if (code == NAMES_EPHEMERON && graph_link(g, edge) == GRAPH_LINK_INTERNAL)
		return distances_passes_pair(d, edge, passes, e);
	return true;
}

static bool distances_spread(struct distances *d, struct err *e)
{
	const struct graph *g = d->graph;
	bool passes;
	while (d->from < d->to) {
		uint32_t node = d->queue[d->from++];
		int32_t distance = d->distance[node] + 1;
		uint64_t end = graph_first(g, node + 1);
		for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
			uint32_t target = graph_target(g, edge);
			if (d->distance[target] != GRAPH_DISTANCE_NONE ||
				graph_link(g, edge) == GRAPH_LINK_WEAK)
				continue;
			if (!distances_passes(d, node, edge, &passes, e))
				return false;
			if (!passes)
				continue;
			d->distance[target] = distance;
			d->queue[d->to++] = target;
		}
	}
	return true;
}

/* A root that stands there twice is visited twice, as in DevTools: the second visit
 * finds the other half of WeakMap pairs. */
static void distances_start(struct distances *d)
{
	const struct graph *g = d->graph;
	uint64_t end = graph_first(g, DISTANCES_ROOT + 1);
	for (uint64_t edge = graph_first(g, DISTANCES_ROOT); edge < end; edge++) {
		uint32_t target = graph_target(g, edge);
		if (!graph_is_user_root(g, target))
			continue;
		d->distance[target] = 1;
		d->queue[d->to++] = target;
	}
}

static bool distances_run(struct distances *d, struct err *e)
{
	for (uint32_t node = 0; node < d->graph->node_count; node++)
		d->distance[node] = GRAPH_DISTANCE_NONE;
	distances_start(d);
	bool has_user_root = d->to > 0;
	if (!distances_spread(d, e))
		return false;
	/* From the root alone: what the user's roots do not reach. */
	d->distance[DISTANCES_ROOT] = has_user_root ? GRAPH_DISTANCE_SYSTEM : 0;
	d->queue[0] = DISTANCES_ROOT;
	d->from = 0;
	d->to = 1;
	return distances_spread(d, e);
}

bool distances_compute(struct graph *g, struct err *e)
{
	struct distances d = {.graph = g};
	struct pages queue = {0};
	uint64_t roots = graph_first(g, DISTANCES_ROOT + 1);
	bool ok = pages_borrow(&g->distance, &g->spares, g->node_count, 4, e) &&
		  pages_borrow(&queue, &g->spares, g->node_count + roots + 1, 4, e);
	if (ok) {
		d.queue = queue.data;
		d.distance = g->distance.data;
		ok = distances_run(&d, e);
	}
	pages_give(&queue, &g->spares);
	map_finish(&d.pairs);
	return ok;
}
