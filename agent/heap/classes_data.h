/*
 * Classes data: the rows while they are being formed, for classify.h and totals.h only.
 *
 * Names and rows are interned by their text, so that no two rows share a key.
 */
#ifndef TIDEMARK_AGENT_HEAP_CLASSES_DATA_H
#define TIDEMARK_AGENT_HEAP_CLASSES_DATA_H

#include "agent/heap/classes.h"
#include "agent/heap/graph_data.h"
#include "common/arena.h"

struct classes_name {
	const char *text;
	uint32_t row; /* of those without a place; CLASSES_NONE */
};

struct classes {
	struct arena arena;
	struct pages rows;  /* struct classes_row */
	struct pages names; /* struct classes_name */
	uint32_t row_count, name_count;
	struct map name_of_text; /* by hash */
	struct map row_of_place; /* by place and name */
	struct classes_interface *interfaces;
	size_t interface_count;
};

struct classes *classes_create(void);

/* The number of a class name; ERR_BUSY. */
bool classes_put_name(
	struct classes *c, const char *text, uint32_t *name, struct err *e);

/* As DevTools shortens it: "<div id=a>" to "<div>". */
bool classes_put_element_name(
	struct classes *c, const char *text, uint32_t *name, struct err *e);

/* The row of a class; `g` may be NULL without a place. */
bool classes_put_row(struct classes *c, uint32_t name, const struct graph *g,
	const uint32_t *place, uint32_t *row, struct err *e);

/* One more of it. */
void classes_count_in(
	struct classes *c, uint32_t row, uint64_t self_bytes, int32_t distance);

/* Into their order; `moved[old]` is the new index when not NULL. */
void classes_sort(struct classes *c, uint32_t *moved);

/* The class name of all nodes of a kind, NULL for those that have their own. */
const char *classes_kind_name(
	const char (*others)[META_NAME_BYTES], unsigned kind, char buffer[64]);

#endif
