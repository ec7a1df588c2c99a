/*
 * Maker: small heaps made by hand, as the JSON that V8 would write for them.
 *
 *     struct maker m = {0};
 *     maker_start(&m);
 *     uint32_t cache = maker_node(&m, MAKER_OBJECT, "Map", 48);
 *     maker_edge(&m, m.global, MAKER_PROPERTY, "cache", cache);
 *     struct heap *h = maker_heap(&m);
 *
 * Node 0 is the root, `global` a user root below it.  Ids count 1, 3, 5 … in order of
 * nodes unless `next_id` says otherwise.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_HEAP_MAKER_H
#define TIDEMARK_TESTS_UNIT_AGENT_HEAP_MAKER_H

#include "agent/heap/heap.h"
#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAKER_NODES = 5000, MAKER_EDGES = 20000, MAKER_STRINGS = 8000 };

/* In the order of node_types below. */
enum maker_type {
	MAKER_HIDDEN,
	MAKER_ARRAY,
	MAKER_STRING,
	MAKER_OBJECT,
	MAKER_CODE,
	MAKER_CLOSURE,
	MAKER_REGEXP,
	MAKER_NUMBER,
	MAKER_NATIVE,
	MAKER_SYNTHETIC,
};

/* In the order of edge_types below. */
enum maker_link {
	MAKER_CONTEXT,
	MAKER_ELEMENT,
	MAKER_PROPERTY,
	MAKER_INTERNAL,
	MAKER_HIDDEN_LINK,
	MAKER_SHORTCUT,
	MAKER_WEAK,
};

struct maker_node {
	enum maker_type type;
	uint32_t name, id, bytes;
};

struct maker_edge {
	uint32_t from, name, to;
	enum maker_link link;
};

struct maker {
	struct maker_node nodes[MAKER_NODES];
	struct maker_edge edges[MAKER_EDGES];
	uint32_t locations[MAKER_NODES][4];
	char *strings[MAKER_STRINGS];
	uint32_t node_count, edge_count, location_count, string_count, next_id, global;
};

static inline uint32_t maker_string(struct maker *m, const char *text)
{
	for (uint32_t i = 0; i < m->string_count; i++)
		if (strcmp(m->strings[i], text) == 0)
			return i;
	BUG_ON(m->string_count == MAKER_STRINGS);
	m->strings[m->string_count] = strdup(text);
	return m->string_count++;
}

static inline uint32_t maker_node(
	struct maker *m, enum maker_type type, const char *name, uint32_t bytes)
{
	BUG_ON(m->node_count == MAKER_NODES);
	m->nodes[m->node_count] = (struct maker_node){
		type, maker_string(m, name), m->next_id, bytes};
	m->next_id += 2;
	return m->node_count++;
}

static inline void maker_put_edge(struct maker *m, const struct maker_edge *edge)
{
	BUG_ON(m->edge_count == MAKER_EDGES);
	m->edges[m->edge_count++] = *edge;
}

static inline void maker_edge(struct maker *m, uint32_t from, enum maker_link link,
	const char *name, uint32_t to)
{
	maker_put_edge(m, &(struct maker_edge){from, maker_string(m, name), to, link});
}

static inline void maker_element(
	struct maker *m, uint32_t from, uint32_t index, uint32_t to)
{
	maker_put_edge(m, &(struct maker_edge){from, index, to, MAKER_ELEMENT});
}

/* Line and column count from 1. */
static inline void maker_locate(
	struct maker *m, uint32_t node, uint32_t script, uint32_t line, uint32_t column)
{
	uint32_t *at = m->locations[m->location_count++];
	at[0] = node;
	at[1] = script;
	at[2] = line - 1;
	at[3] = column - 1;
}

/* A function with its code, and the path of the script that it is written in. */
static inline uint32_t maker_function(struct maker *m, const char *name,
	const char *script, uint32_t line, uint32_t column)
{
	uint32_t f = maker_node(m, MAKER_CLOSURE, name, 64);
	uint32_t shared = maker_node(m, MAKER_CODE, name, 0);
	uint32_t text = maker_node(m, MAKER_CODE, script, 0);
	maker_edge(m, f, MAKER_INTERNAL, "shared", shared);
	maker_edge(m, shared, MAKER_INTERNAL, "script_or_debug_info", text);
	maker_locate(m, f, (uint32_t)strlen(script), line, column);
	return f;
}

static inline void maker_start(struct maker *m)
{
	memset(m, 0, sizeof *m);
	m->next_id = 1;
	maker_string(m, "<dummy>");
	maker_node(m, MAKER_SYNTHETIC, "", 0);
	m->global = maker_node(m, MAKER_OBJECT, "global", 100);
	maker_edge(m, 0, MAKER_SHORTCUT, "global", m->global);
}

static inline void maker_finish(struct maker *m)
{
	for (uint32_t i = 0; i < m->string_count; i++)
		free(m->strings[i]);
	m->string_count = 0;
}

static inline uint32_t maker_degree(const struct maker *m, uint32_t node)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < m->edge_count; i++)
		count += m->edges[i].from == node;
	return count;
}

static inline void maker_write_edges(const struct maker *m, struct buf *b)
{
	const char *comma = "";
	for (uint32_t n = 0; n < m->node_count; n++) {
		for (uint32_t i = 0; i < m->edge_count; i++) {
			const struct maker_edge *e = &m->edges[i];
			if (e->from != n)
				continue;
			buf_printf(b, "%s%d,%u,%u", comma, (int)e->link, e->name,
				e->to * 5);
			comma = ",\n";
		}
	}
}

static inline void maker_write(const struct maker *m, struct buf *b)
{
	buf_printf(b,
		"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\","
		"\"self_size\",\"edge_count\"],\"node_types\":[[\"hidden\",\"array\","
		"\"string\",\"object\",\"code\",\"closure\",\"regexp\",\"number\","
		"\"native\",\"synthetic\"],\"string\",\"number\",\"number\",\"number\"]"
		",\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],"
		"\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\","
		"\"hidden\",\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],"
		"\"trace_function_info_fields\":[],\"trace_node_fields\":[],"
		"\"sample_fields\":[],\"location_fields\":[\"object_index\","
		"\"script_id\",\"line\",\"column\"]},\"node_count\":%u,\"edge_count\""
		":%u,\"trace_function_count\":0},\n\"nodes\":[",
		m->node_count, m->edge_count);
	for (uint32_t n = 0; n < m->node_count; n++)
		buf_printf(b, "%s%d,%u,%u,%u,%u", n ? ",\n" : "", (int)m->nodes[n].type,
			m->nodes[n].name, m->nodes[n].id, m->nodes[n].bytes,
			maker_degree(m, n));
	buf_text(b, "],\n\"edges\":[");
	maker_write_edges(m, b);
	buf_text(b, "],\n\"trace_function_infos\":[],\"trace_tree\":[],\"samples\":[],"
		    "\"locations\":[");
	for (uint32_t i = 0; i < m->location_count; i++)
		buf_printf(b, "%s%u,%u,%u,%u", i ? ",\n" : "", m->locations[i][0] * 5,
			m->locations[i][1], m->locations[i][2], m->locations[i][3]);
	buf_text(b, "],\n\"strings\":");
	struct json j;
	json_init(&j, b);
	json_array(&j);
	for (uint32_t i = 0; i < m->string_count; i++)
		json_string(&j, m->strings[i]);
	json_end(&j);
	buf_text(b, "}");
}

static inline struct heap *maker_heap(const struct maker *m)
{
	struct buf b = {0};
	struct err e;
	maker_write(m, &b);
	struct heap *h = heap_create(&(struct heap_options){.mode = HEAP_EXACT});
	if (!heap_feed(h, b.data, b.length, &e) || !heap_end(h, &e)) {
		fprintf(stderr, "maker: %s\n", e.text);
		abort();
	}
	buf_finish(&b);
	return h;
}

#endif
