#include "agent/heap/digest.h"

#include "agent/heap/digest_parts.h"
#include "agent/heap/map.h"
#include "agent/heap/varint.h"
#include "common/err.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is only needed while one is made. */
struct digest_maker {
	struct digest *digest;
	const struct graph *graph;
	struct map by_hash; /* of properties and place: first shape */
	uint64_t *found;    /* properties of one object */
	size_t found_capacity;
};

uint64_t digest_hash(const char *property)
{
	/* Not secret: it only spares the file the names. */
	static const uint8_t key[crypto_shorthash_KEYBYTES] = "tidemark digest";
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t hash = 0;
	crypto_shorthash(out, (const uint8_t *)property, strlen(property), key);
	for (size_t i = 0; i < sizeof out; i++)
		hash = hash << 8 | out[i];
	return hash;
}

static void *digest_room(void *items, size_t *capacity, size_t count, size_t item_bytes)
{
	if (count <= *capacity)
		return items;
	size_t wanted = *capacity ? *capacity : 64;
	while (wanted < count)
		wanted *= 2;
	void *grown = reallocarray(items, wanted, item_bytes);
	BUG_ON(!grown);
	*capacity = wanted;
	return grown;
}

static int digest_compare(const void *a, const void *b)
{
	uint64_t l = *(const uint64_t *)a, r = *(const uint64_t *)b;
	return l < r ? -1 : l > r;
}

static size_t digest_find_properties(struct digest_maker *m, uint32_t node)
{
	const struct graph *g = m->graph;
	size_t count = 0;
	uint64_t end = graph_edges(g, node + 1);
	for (uint64_t i = graph_edges(g, node); i < end; i++) {
		m->found = digest_room(
			m->found, &m->found_capacity, count + 1, sizeof *m->found);
		if (graph_edge_link(g, i) == GRAPH_LINK_PROPERTY)
			m->found[count++] = digest_hash(graph_edge_name(g, i));
	}
	if (count > 1)
		qsort(m->found, count, sizeof *m->found, digest_compare);
	return count;
}

/* "257,521,15," or ",": what the key of a plain object begins with. */
static void digest_place(const struct graph *g, uint32_t node, char text[48])
{
	struct graph_location at;
	if (!graph_node_location(g, node, &at))
		snprintf(text, 48, ",");
	else
		snprintf(text, 48, "%u,%u,%u,", (unsigned)at.script_id,
			(unsigned)at.line - 1, (unsigned)at.column - 1);
}

static bool digest_is_shape(const struct digest_maker *m, const struct digest_shape *s,
	const char *place, size_t count)
{
	if (s->count != count || strcmp(s->place, place) != 0)
		return false;
	const uint64_t *properties = m->digest->properties;
	return count == 0 ||
	       memcmp(properties + s->first, m->found, count * sizeof *properties) == 0;
}

/* The shape of a plain object, by number. */
static uint32_t digest_shape_of(struct digest_maker *m, uint32_t node)
{
	struct digest *d = m->digest;
	size_t count = digest_find_properties(m, node);
	char place[48];
	digest_place(m->graph, node, place);
	uint64_t hash = digest_hash(place);
	for (size_t i = 0; i < count; i++)
		hash = map_mix(hash ^ m->found[i]);
	struct err e;
	uint64_t *first = map_put(&m->by_hash, hash >> 1, UINT32_MAX, &e);
	BUG_ON(!first);
	uint32_t i = (uint32_t)*first;
	while (i != UINT32_MAX && !digest_is_shape(m, &d->shapes[i], place, count))
		i = d->shapes[i].next;
	if (i != UINT32_MAX)
		return i;
	d->shapes = digest_room(
		d->shapes, &d->shape_capacity, d->shape_count + 1, sizeof *d->shapes);
	d->properties = digest_room(d->properties, &d->property_capacity,
		d->property_count + count, sizeof *d->properties);
	if (count > 0)
		memcpy(d->properties + d->property_count, m->found,
			count * sizeof *m->found);
	i = (uint32_t)d->shape_count++;
	d->shapes[i] = (struct digest_shape){graph_node_class(m->graph, node),
		(uint32_t)*first, arena_strdup(&d->arena, place), d->property_count,
		count};
	d->property_count += count;
	*first = i;
	return i;
}

static uint32_t digest_class_of(struct digest_maker *m, uint32_t node)
{
	const struct graph *g = m->graph;
	uint32_t row = graph_node_class(g, node);
	if (row == CLASSES_NONE || graph_node_type(g, node) != GRAPH_OBJECT ||
		strcmp(graph_node_name(g, node), "Object") != 0)
		return row;
	return (uint32_t)m->digest->row_count + digest_shape_of(m, node);
}

static void digest_add_rows(struct digest *d, const struct classes *c)
{
	d->row_count = classes_count(c);
	d->rows = arena_array(&d->arena, d->row_count + 1, sizeof *d->rows);
	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct classes_row *row = classes_row(c, i);
		d->rows[i] = (struct digest_row){
			.key = arena_strdup(&d->arena, row->key),
			.name = arena_strdup(&d->arena, row->name),
			.location = arena_strdup(&d->arena, row->location),
		};
	}
}

static void digest_add_nodes(struct digest_maker *m)
{
	const struct graph *g = m->graph;
	struct buf *columns = m->digest->columns;
	struct likeness likeness;
	likeness_init(&likeness, g, m->digest->facts.likeness);
	uint32_t previous = 0;
	for (uint32_t i = 0; i < graph_node_count(g); i++) {
		uint32_t node = likeness.order[i], id = likeness.of[node];
		uint64_t self = graph_node_self_bytes(g, node);
		uint64_t retained = graph_node_retained_bytes(g, node);
		uint32_t class = digest_class_of(m, node);
		varint_put(&columns[DIGEST_IDS], id - previous);
		varint_put(&columns[DIGEST_CLASSES],
			class == CLASSES_NONE ? 0 : (uint64_t) class + 1);
		varint_put(&columns[DIGEST_SELF], self);
		varint_put(&columns[DIGEST_RETAINED],
			retained > self ? retained - self : 0);
		previous = id;
	}
	likeness_finish(&likeness);
}

struct digest *digest_create(const struct heap *h, enum likeness_kind likeness,
	const char *label, int64_t taken_unix_ms)
{
	const struct heap_head *head = heap_head(h);
	const struct graph *g = heap_graph(h);
	struct digest *d = calloc(1, sizeof *d);
	BUG_ON(!d || !g);
	arena_init(&d->arena);
	d->facts = (struct digest_facts){
		.label = arena_strndup(
			&d->arena, label, strnlen(label, DIGEST_LABEL_BYTES_MAX)),
		.taken_unix_ms = taken_unix_ms,
		.likeness = likeness,
		.node_count = graph_node_count(g),
		.edge_count = graph_edge_count(g),
		.total_bytes = head->total_bytes,
		.reachable_bytes = graph_node_retained_bytes(g, 0),
	};
	digest_add_rows(d, heap_classes(h));
	struct digest_maker m = {.digest = d, .graph = g};
	digest_add_nodes(&m);
	map_finish(&m.by_hash);
	free(m.found);
	return d;
}

void digest_destroy(struct digest *d)
{
	if (!d)
		return;
	for (int i = 0; i < DIGEST_COLUMNS; i++)
		buf_finish(&d->columns[i]);
	free(d->shapes);
	free(d->properties);
	arena_finish(&d->arena);
	free(d);
}

const struct digest_facts *digest_facts(const struct digest *d)
{
	return &d->facts;
}

size_t digest_class_count(const struct digest *d)
{
	return d->row_count + d->shape_count;
}

void digest_class(const struct digest *d, size_t index, struct digest_class *out)
{
	const struct digest_shape *shape = index < d->row_count
						   ? NULL
						   : &d->shapes[index - d->row_count];
	const struct digest_row *row = &d->rows[shape ? shape->row : index];
	*out = (struct digest_class){
		.key = row->key,
		.name = row->name,
		.location = row->location,
		.place = shape ? shape->place : NULL,
		.properties = shape && shape->count > 0 ? d->properties + shape->first
							: NULL,
		.property_count = shape ? shape->count : 0,
	};
}

static uint64_t digest_get(
	const struct digest *d, struct digest_cursor *cursor, int column)
{
	struct varint_reader r = {
		.bytes = (const uint8_t *)d->columns[column].data,
		.length = d->columns[column].length,
		.at = cursor->at[column],
	};
	uint64_t value = varint_get(&r);
	cursor->at[column] = r.at;
	return value;
}

bool digest_next(
	const struct digest *d, struct digest_cursor *cursor, struct digest_node *out)
{
	if (cursor->index >= d->facts.node_count)
		return false;
	cursor->index++;
	cursor->id += (uint32_t)digest_get(d, cursor, DIGEST_IDS);
	uint64_t class = digest_get(d, cursor, DIGEST_CLASSES);
	out->id = cursor->id;
	out->class = class == 0 ? DIGEST_NONE : (uint32_t)(class - 1);
	out->self_bytes = digest_get(d, cursor, DIGEST_SELF);
	out->retained_bytes = out->self_bytes + digest_get(d, cursor, DIGEST_RETAINED);
	return true;
}
