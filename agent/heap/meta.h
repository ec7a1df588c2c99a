/*
 * Meta: the head of a snapshot, which names the fields of all that follows.
 *
 * Fields and types are found by their names alone: their number and order differ
 * between versions of V8.  Failures are ERR_INPUT.  Plain data, pure.
 */
#ifndef TIDEMARK_AGENT_HEAP_META_H
#define TIDEMARK_AGENT_HEAP_META_H

#include "agent/heap/graph.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	META_FIELDS_MAX = 32,
	META_TYPES_MAX = 64,
	META_OTHERS_MAX = 16, /* type names that this build does not know */
	META_NAME_BYTES = 32,
	META_ABSENT = -1,
};

enum meta_node_field {
	META_NODE_TYPE,
	META_NODE_NAME,
	META_NODE_ID,
	META_NODE_SELF_SIZE,
	META_NODE_EDGE_COUNT,
	META_NODE_DETACHEDNESS, /* may be absent */
	META_NODE_FIELDS,
};

enum meta_edge_field {
	META_EDGE_TYPE,
	META_EDGE_NAME,
	META_EDGE_TARGET,
	META_EDGE_FIELDS
};

enum meta_location_field {
	META_LOCATION_NODE,
	META_LOCATION_SCRIPT,
	META_LOCATION_LINE,
	META_LOCATION_COLUMN,
	META_LOCATION_FIELDS,
};

struct meta {
	unsigned node_fields, edge_fields, location_fields; /* in a row; locations: 0 */
	int node_at[META_NODE_FIELDS];
	int edge_at[META_EDGE_FIELDS];
	int location_at[META_LOCATION_FIELDS];

	/* By the file's number: a graph_type, or GRAPH_OTHER + k for others[k]. */
	unsigned node_types, edge_types;
	uint8_t node_type[META_TYPES_MAX];
	uint8_t edge_type[META_TYPES_MAX];
	char others[META_OTHERS_MAX][META_NAME_BYTES]; /* [0]: "undefined" */
	unsigned other_count;

	uint64_t node_count, edge_count, extra_native_bytes;
};

/* `text` is the value of "snapshot", whole; `*offset` is where in it a failure is. */
bool meta_parse(const char *text, size_t length, struct meta *out, size_t *offset,
	struct err *e);

#endif
