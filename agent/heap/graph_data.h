/*
 * Graph data: the arrays of a graph, for the parser and the steps only.
 *
 * Which step fills what, in their order:
 * - load.h: kind, name, id, raw, first_edge, target, label, locations, both names
 * - detached.h: the detachedness in kind; names of detached nodes
 * - essential.h: GRAPH_ESSENTIAL in label
 * - owners.h: self; retainers.h: first_retainer, retainer, in which GRAPH_UNESSENTIAL
 * - dominators.h: dominator, retained; children.h: first_child, child
 * - distances.h: distance; classify.h: row
 *
 * The graph owns them all.  Arrays per node have node_count items, the first_ ones one
 * more; those per edge edge_count.
 */
#ifndef TIDEMARK_AGENT_HEAP_GRAPH_DATA_H
#define TIDEMARK_AGENT_HEAP_GRAPH_DATA_H

#include "agent/heap/graph.h"
#include "agent/heap/map.h"
#include "agent/heap/meta.h"
#include "agent/heap/names.h"
#include "agent/heap/pages.h"
#include "agent/heap/wide.h"

/* Ordinals leave the highest bit of 32 free. */
#define GRAPH_NODES_MAX UINT32_C(0x7ffffff0)
#define GRAPH_EDGES_MAX UINT32_C(0xfffffff0)

/* kind: the type, or GRAPH_OTHER + k for others[k], and the detachedness above it. */
enum { GRAPH_KIND_BITS = 5, GRAPH_KIND_MASK = (1 << GRAPH_KIND_BITS) - 1 };
enum graph_detachedness { GRAPH_UNKNOWN, GRAPH_ATTACHED, GRAPH_DETACHED };

/* label: enum graph_link, the flag, and a number or the slot of a name above it (while
 * loading: the index of a string); what does not fit stands in `numbers`. */
enum {
	GRAPH_LINK_MASK = 15,
	GRAPH_ESSENTIAL = 16,
	GRAPH_LABEL_SHIFT = 5,
	GRAPH_LABEL_FAR = (1 << 27) - 1,  /* look in `numbers` */
	GRAPH_LABEL_NONE = (1 << 27) - 2, /* a name that was not kept */
};

/* In `retainer`, beside the ordinal: the edge is not essential. */
#define GRAPH_UNESSENTIAL UINT32_C(0x80000000)

/* One place in a script; nodes refer to it. */
struct graph_place {
	uint32_t script_id, line, column; /* from 0 */
};

/* A node with a place: sorted by node, one each. */
struct graph_located {
	uint32_t node, place;
};

/* The path of a script: sorted by id. */
struct graph_script {
	uint32_t script_id, name;
};

struct graph {
	uint32_t node_count;
	uint64_t edge_count;
	bool has_detachedness;
	char others[META_OTHERS_MAX][META_NAME_BYTES];

	struct pages kind; /* uint8_t */
	struct pages name; /* uint32_t slot; while loading: index of a string */
	struct pages id;   /* uint32_t */
	struct wide raw, self;
	struct pages first_edge; /* uint32_t */
	struct pages target;     /* uint32_t */
	struct pages label;      /* uint32_t */
	struct map numbers;      /* by edge */
	struct names names;
	struct pages code_names; /* uint64_t: a node of code, the slot of its string */

	struct pages places;  /* struct graph_place */
	struct pages located; /* struct graph_located */
	struct pages scripts; /* struct graph_script */
	uint32_t place_count, located_count, script_count;

	struct pages first_retainer, retainer; /* uint32_t */

	struct pages dominator; /* uint32_t */
	struct wide retained;
	struct pages first_child, child; /* uint32_t, of the dominator tree */
	struct pages distance;           /* int32_t */
	struct pages row;                /* uint32_t, as graph_node_class */

	struct pages_spares spares; /* until the last step */
};

static inline const uint32_t *graph_u32(const struct pages *p)
{
	return p->data;
}

static inline unsigned graph_kind(const struct graph *g, uint32_t node)
{
	return ((const uint8_t *)g->kind.data)[node] & GRAPH_KIND_MASK;
}

/* As graph_edges, graph_edge_target, graph_edge_link. */
static inline uint32_t graph_first(const struct graph *g, uint32_t node)
{
	return graph_u32(&g->first_edge)[node];
}

static inline uint32_t graph_target(const struct graph *g, uint64_t edge)
{
	return graph_u32(&g->target)[edge];
}

static inline unsigned graph_link(const struct graph *g, uint64_t edge)
{
	return graph_u32(&g->label)[edge] & GRAPH_LINK_MASK;
}

static inline bool graph_link_has_number(unsigned link)
{
	return link == GRAPH_LINK_ELEMENT || link == GRAPH_LINK_HIDDEN;
}

/* A label's value that does not fit into it. */
uint32_t graph_label_far(const struct graph *g, uint64_t edge);

/* The number or the slot of an edge. */
static inline uint32_t graph_label_value(const struct graph *g, uint64_t edge)
{
	uint32_t value = graph_u32(&g->label)[edge] >> GRAPH_LABEL_SHIFT;
	return value < GRAPH_LABEL_NONE ? value : graph_label_far(g, edge);
}

/* What the rules know of a name. */
static inline enum names_code graph_node_code(const struct graph *g, uint32_t node)
{
	return names_code(&g->names, graph_u32(&g->name)[node]);
}

static inline enum names_code graph_edge_code(const struct graph *g, uint64_t edge)
{
	if (graph_link_has_number(graph_link(g, edge)))
		return NAMES_ORDINARY;
	return names_code(&g->names, graph_label_value(g, edge));
}

/* A child of the root from which distances count. */
bool graph_is_user_root(const struct graph *g, uint32_t node);

/* Of a located node; NULL without. */
const struct graph_place *graph_place(const struct graph *g, uint32_t node);

/* The path of a script, "" when none is known. */
const char *graph_script_path(const struct graph *g, uint32_t script_id);

#endif
