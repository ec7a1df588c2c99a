/*
 * Graph: a heap snapshot in memory, node by node, and what was computed of it.
 *
 * Struct of arrays, filled by parse.h and then by the steps that heap.h names, in their
 * order.  Nodes are ordinals in file order, 0 is the root.  Edges lie in file order,
 * those of one node together.  The arrays are the parser's and the steps' business;
 * everybody else reads through the functions below.
 *
 * String values never get in here: only the names of nodes and edges that DevTools'
 * rules or a reader's path need are kept.
 *
 * Owns all its memory.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_GRAPH_H
#define TIDEMARK_AGENT_HEAP_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The node types of V8, whatever numbers a file gives them. */
enum graph_type {
	GRAPH_HIDDEN,
	GRAPH_ARRAY,
	GRAPH_STRING,
	GRAPH_OBJECT,
	GRAPH_CODE,
	GRAPH_CLOSURE,
	GRAPH_REGEXP,
	GRAPH_NUMBER,
	GRAPH_NATIVE,
	GRAPH_SYNTHETIC,
	GRAPH_CONCATENATED,
	GRAPH_SLICED,
	GRAPH_SYMBOL,
	GRAPH_BIGINT,
	GRAPH_SHAPE,
	GRAPH_OTHER, /* a type that the file names and this build does not know */
};

enum graph_link {
	GRAPH_LINK_CONTEXT,
	GRAPH_LINK_ELEMENT,
	GRAPH_LINK_PROPERTY,
	GRAPH_LINK_INTERNAL,
	GRAPH_LINK_HIDDEN,
	GRAPH_LINK_SHORTCUT,
	GRAPH_LINK_WEAK,
	GRAPH_LINK_INVISIBLE,
	GRAPH_LINK_OTHER,
};

enum { GRAPH_DISTANCE_NONE = -5, GRAPH_DISTANCE_SYSTEM = 100000000 };

struct graph;

void graph_destroy(struct graph *g);

uint32_t graph_node_count(const struct graph *g);
uint64_t graph_edge_count(const struct graph *g);

/* Of a node.  The name is UTF-8 as in the file, "" where none was kept. */
enum graph_type graph_node_type(const struct graph *g, uint32_t node);
const char *graph_node_name(const struct graph *g, uint32_t node);
uint32_t graph_node_id(const struct graph *g, uint32_t node);
uint64_t graph_node_raw_bytes(const struct graph *g, uint32_t node); /* the file's */
uint64_t graph_node_self_bytes(
	const struct graph *g, uint32_t node); /* moved to owners */
uint64_t graph_node_retained_bytes(const struct graph *g, uint32_t node);
uint32_t graph_node_dominator(const struct graph *g, uint32_t node); /* 0 of the root */
int32_t graph_node_distance(const struct graph *g, uint32_t node);

/* Index of its row in classes.h, CLASSES_NONE for nodes that are not counted. */
uint32_t graph_node_class(const struct graph *g, uint32_t node);

/* The edges of `node` are [graph_edges(g, node), graph_edges(g, node + 1)). */
uint64_t graph_edges(const struct graph *g, uint32_t node);
enum graph_link graph_edge_link(const struct graph *g, uint64_t edge);
uint32_t graph_edge_target(const struct graph *g, uint64_t edge);
bool graph_edge_has_number(const struct graph *g, uint64_t edge);
uint32_t graph_edge_number(const struct graph *g, uint64_t edge);  /* an index */
const char *graph_edge_name(const struct graph *g, uint64_t edge); /* "" for numbers */

/* Who refers to `node`, by any edge: graph_retainer(g, k) for k in
 * [graph_retainers(g, node), graph_retainers(g, node + 1)), in file order. */
uint64_t graph_retainers(const struct graph *g, uint32_t node);
uint32_t graph_retainer(const struct graph *g, uint64_t k);

/* What `node` alone keeps alive, level by level: the nodes that it dominates itself are
 * graph_child(g, i) for i in [graph_children(g, node), graph_children(g, node + 1)). */
uint64_t graph_children(const struct graph *g, uint32_t node);
uint32_t graph_child(const struct graph *g, uint64_t i);

/* Where the function or class of a node is written.  `script` is the path that the
 * snapshot gives for it, "" when it gives none; line and column count from 1 here.
 * False for nodes without a location. */
struct graph_location {
	const char *script;
	uint32_t script_id, line, column;
};
bool graph_node_location(
	const struct graph *g, uint32_t node, struct graph_location *out);

#endif
