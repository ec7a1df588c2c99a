#include "agent/heap/classes.h"

#include "agent/heap/classes_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const classes_kind_names[GRAPH_OTHER] = {
	[GRAPH_HIDDEN] = "(system)",
	[GRAPH_ARRAY] = "(array)",
	[GRAPH_STRING] = "(string)",
	[GRAPH_CODE] = "(compiled code)",
	[GRAPH_CLOSURE] = "Function",
	[GRAPH_REGEXP] = "RegExp",
	[GRAPH_NUMBER] = "(number)",
	[GRAPH_SYNTHETIC] = "(synthetic)",
	[GRAPH_CONCATENATED] = "(concatenated string)",
	[GRAPH_SLICED] = "(sliced string)",
	[GRAPH_SYMBOL] = "(symbol)",
	[GRAPH_BIGINT] = "(bigint)",
	[GRAPH_SHAPE] = "(object shape)",
};

struct classes *classes_create(void)
{
	struct classes *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	arena_init(&c->arena);
	return c;
}

void classes_destroy(struct classes *c)
{
	if (!c)
		return;
	arena_finish(&c->arena);
	pages_finish(&c->rows);
	pages_finish(&c->names);
	map_finish(&c->name_of_text);
	map_finish(&c->row_of_place);
	free(c);
}

size_t classes_count(const struct classes *c)
{
	return c->row_count;
}

const struct classes_row *classes_row(const struct classes *c, uint32_t index)
{
	return (const struct classes_row *)c->rows.data + index;
}

size_t classes_interface_count(const struct classes *c)
{
	return c->interface_count;
}

const struct classes_interface *classes_interface(const struct classes *c, size_t index)
{
	return &c->interfaces[index];
}

const char *classes_kind_name(
	const char (*others)[META_NAME_BYTES], unsigned kind, char buffer[64])
{
	if (kind < GRAPH_OTHER)
		return classes_kind_names[kind];
	snprintf(buffer, 64, "(%s)", others[kind - GRAPH_OTHER]);
	return buffer;
}

static bool classes_find_name(struct classes *c, const char *text, size_t length,
	uint32_t *name, struct err *e)
{
	uint64_t key = names_hash_text(text, length);
	for (;; key++) {
		uint64_t *known = map_put(&c->name_of_text, key, c->name_count, e);
		if (!known)
			return false;
		*name = (uint32_t)*known;
		if (*known == c->name_count)
			break;
		const struct classes_name *names = c->names.data;
		const char *other = names[*known].text;
		if (strncmp(other, text, length) == 0 && !other[length])
			return true;
	}
	if (!pages_reserve(&c->names, (uint64_t)c->name_count + 1, UINT32_MAX,
		    sizeof(struct classes_name), e))
		return false;
	((struct classes_name *)c->names.data)[c->name_count++] = (struct classes_name){
		arena_strndup(&c->arena, text, length), CLASSES_NONE};
	return true;
}

bool classes_put_name(
	struct classes *c, const char *text, uint32_t *name, struct err *e)
{
	return classes_find_name(c, text, strlen(text), name, e);
}

bool classes_put_element_name(
	struct classes *c, const char *text, uint32_t *name, struct err *e)
{
	static const char detached[] = "Detached <";
	const char *space = NULL;
	if (*text == '<')
		space = strchr(text, ' ');
	else if (strncmp(text, detached, strlen(detached)) == 0)
		space = strchr(text + strlen(detached), ' ');
	if (!space)
		return classes_put_name(c, text, name, e);
	const char *tag = arena_printf(&c->arena, "%.*s>", (int)(space - text), text);
	return classes_put_name(c, tag, name, e);
}

static void classes_fill_row(struct classes *c, const char *name, const struct graph *g,
	const uint32_t *place, struct classes_row *row)
{
	row->name = name;
	row->location = "";
	if (!place) {
		row->key = arena_printf(&c->arena, ",%s", name);
		return;
	}
	const struct graph_place *at = (const struct graph_place *)g->places.data +
				       *place;
	row->key = arena_printf(
		&c->arena, "%u,%u,%u,%s", at->script_id, at->line, at->column, name);
	const char *path = graph_script_path(g, at->script_id);
	if (*path)
		row->location = arena_printf(&c->arena, "%s:%llu:%llu", path,
			at->line + 1ULL, at->column + 1ULL);
}

bool classes_put_row(struct classes *c, uint32_t name, const struct graph *g,
	const uint32_t *place, uint32_t *row, struct err *e)
{
	struct classes_name *names = c->names.data;
	if (!place && names[name].row != CLASSES_NONE) {
		*row = names[name].row;
		return true;
	}
	if (place) {
		uint64_t *known = map_put(&c->row_of_place,
			(uint64_t)*place << 32 | name, c->row_count, e);
		if (!known)
			return false;
		*row = (uint32_t)*known;
		if (*known != c->row_count)
			return true;
	}
	if (!pages_reserve(&c->rows, (uint64_t)c->row_count + 1, UINT32_MAX,
		    sizeof(struct classes_row), e))
		return false;
	*row = c->row_count++;
	if (!place)
		names[name].row = *row;
	struct classes_row *fresh = (struct classes_row *)c->rows.data + *row;
	classes_fill_row(c, names[name].text, g, place, fresh);
	return true;
}

void classes_count_in(
	struct classes *c, uint32_t row, uint64_t self_bytes, int32_t distance)
{
	struct classes_row *r = (struct classes_row *)c->rows.data + row;
	if (r->count == 0 || distance < r->distance)
		r->distance = distance;
	r->count++;
	r->shallow_bytes += self_bytes;
}

static int classes_compare(const void *left, const void *right)
{
	const struct classes_row *a = left, *b = right;
	if (a->retained_bytes != b->retained_bytes)
		return a->retained_bytes < b->retained_bytes ? 1 : -1;
	if (a->shallow_bytes != b->shallow_bytes)
		return a->shallow_bytes < b->shallow_bytes ? 1 : -1;
	return strcmp(a->key, b->key);
}

/* Rows are told apart by their keys' addresses while they move. */
void classes_sort(struct classes *c, uint32_t *moved)
{
	struct classes_row *rows = c->rows.data;
	struct map row_of_key = {0};
	struct err e;
	if (c->row_count == 0)
		return;
	for (uint32_t i = 0; moved && i < c->row_count; i++)
		BUG_ON(!map_put(&row_of_key, (uintptr_t)rows[i].key, i, &e));
	qsort(rows, c->row_count, sizeof *rows, classes_compare);
	for (uint32_t i = 0; moved && i < c->row_count; i++)
		moved[*map_find(&row_of_key, (uintptr_t)rows[i].key)] = i;
	map_finish(&row_of_key);
}
