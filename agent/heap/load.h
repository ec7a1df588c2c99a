/*
 * Load: fills the arrays of a graph from the rows that the parser hands over.
 *
 * What rows say is checked here: ordinals lie in the file's nodes, edges add up to
 * what the head promised, names exist.  Failures are ERR_INPUT, without the place,
 * which the parser adds; ERR_BUSY without memory.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_LOAD_H
#define TIDEMARK_AGENT_HEAP_LOAD_H

#include "agent/heap/graph_data.h"

struct load {
	struct graph *graph; /* the caller's */
	struct meta meta;
	uint64_t nodes, edges, locations; /* rows so far */
	uint64_t promised_edges;          /* by the nodes so far */
	uint64_t per_node; /* ⌈2⁶⁴ / fields⌉, to divide by multiplying */
	uint32_t max_js_id;
	uint64_t most_name; /* the highest string index anybody named */
	struct map places;
	bool is_sorted;
};

bool load_start(
	struct load *l, struct graph *g, const struct meta *meta, struct err *e);
void load_finish(struct load *l);

bool load_nodes(struct load *l, const uint64_t *values, size_t count, struct err *e);
bool load_nodes_end(struct load *l, struct err *e);
bool load_edges(struct load *l, const uint64_t *values, size_t count, struct err *e);
bool load_edges_end(struct load *l, struct err *e);
bool load_locations(
	struct load *l, const uint64_t *values, size_t count, struct err *e);
bool load_locations_end(struct load *l, struct err *e);

/* Before the strings: those that the graph needs are known. */
bool load_settle_names(struct load *l, struct err *e);

/* After them: there were `count`. */
bool load_strings_end(struct load *l, uint64_t count, struct err *e);

#endif
