#include "agent/heap/interfaces.h"

#include "agent/heap/interfaces_shapes.h"
#include "common/buf.h"

#include <stdlib.h>
#include <string.h>

enum {
	INTERFACES_NAME_UNITS = 120, /* of UTF-16, roughly, that a name may have */
	INTERFACES_LEAST = 2,        /* objects that propose it */
	INTERFACES_PROPORTION = 1000,
};

/* The first `properties` of a node's, without __proto__. */
struct interfaces_candidate {
	uint32_t node, properties;
	uint32_t objects;
	uint32_t order;
};

struct interfaces_inference {
	const struct graph *graph;
	struct pages candidates;
	struct map by_hash;
	uint32_t count;
};

static bool interfaces_needs_quotes(const char *text)
{
	return strpbrk(text, ",'\"{}") != NULL;
}

static size_t interfaces_utf16_units(const char *text)
{
	size_t units = 0;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		units += (c & 0xc0) != 0x80;
		units += c >= 0xf0;
	}
	return units;
}

/* As JSON.stringify writes a string. */
static void interfaces_quote(struct buf *out, const char *text)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	buf_byte(out, '"');
	for (; *text; text++) {
		const char *known = strchr(from, *text);
		if (known)
			buf_printf(out, "\\%c", to[known - from]);
		else if ((unsigned char)*text < ' ')
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else
			buf_byte(out, *text);
	}
	buf_byte(out, '"');
}

static void interfaces_format(struct buf *out, const char *text)
{
	if (interfaces_needs_quotes(text))
		interfaces_quote(out, text);
	else
		buf_text(out, text);
}

static size_t interfaces_formatted_units(const char *text)
{
	if (!interfaces_needs_quotes(text))
		return interfaces_utf16_units(text);
	struct buf quoted = {0};
	interfaces_quote(&quoted, text);
	size_t units = interfaces_utf16_units(quoted.data);
	buf_finish(&quoted);
	return units;
}

/* The next property that counts. */
static bool interfaces_next_named(
	const struct graph *g, uint64_t *edge, uint64_t end, uint32_t *slot)
{
	while (interfaces_next(g, edge, end, slot)) {
		if (names_code(&g->names, *slot) != NAMES_PROTO)
			return true;
	}
	return false;
}

/* How many properties fit into a name, and the hash of theirs. */
static uint32_t interfaces_measure(const struct graph *g, uint32_t node, uint64_t *hash)
{
	uint64_t edge = graph_first(g, node), end = graph_first(g, node + 1);
	uint32_t slot, count = 0;
	size_t units = 1; /* the brace */
	*hash = 0;
	while (interfaces_next_named(g, &edge, end, &slot)) {
		size_t more = interfaces_formatted_units(names_text(&g->names, slot));
		if (units > 1 && units + more > INTERFACES_NAME_UNITS)
			break;
		units += (units > 1 ? strlen(", ") : 0) + more;
		*hash = interfaces_hash(*hash, names_hash(&g->names, slot));
		count++;
	}
	return count;
}

static bool interfaces_same_start(
	const struct graph *g, uint32_t node, uint32_t other, uint32_t count)
{
	uint64_t edge = graph_first(g, node), end = graph_first(g, node + 1);
	uint64_t at = graph_first(g, other), other_end = graph_first(g, other + 1);
	uint32_t slot, other_slot;
	for (uint32_t i = 0; i < count; i++) {
		if (!interfaces_next_named(g, &edge, end, &slot) ||
			!interfaces_next_named(g, &at, other_end, &other_slot) ||
			!interfaces_same_name(g, slot, other_slot))
			return false;
	}
	return true;
}

static bool interfaces_propose(struct interfaces_inference *in,
	const struct interfaces_shape *shape, struct err *e)
{
	const struct graph *g = in->graph;
	uint64_t key;
	uint32_t properties = interfaces_measure(g, shape->node, &key);
	if (properties == 0)
		return true;
	for (;; key++) {
		key &= UINT64_MAX >> 1;
		uint64_t *known = map_put(&in->by_hash, key, in->count, e);
		if (!known)
			return false;
		if (*known == in->count)
			break;
		struct interfaces_candidate *c =
			(struct interfaces_candidate *)in->candidates.data + *known;
		if (c->properties == properties &&
			interfaces_same_start(g, shape->node, c->node, properties)) {
			c->objects += shape->objects;
			return true;
		}
	}
	if (!pages_reserve(&in->candidates, (uint64_t)in->count + 1, UINT32_MAX,
		    sizeof(struct interfaces_candidate), e))
		return false;
	((struct interfaces_candidate *)in->candidates.data)[in->count] =
		(struct interfaces_candidate){
			shape->node, properties, shape->objects, in->count};
	in->count++;
	return true;
}

static int interfaces_compare(const void *left, const void *right)
{
	const struct interfaces_candidate *a = left, *b = right;
	if (a->objects != b->objects)
		return a->objects < b->objects ? 1 : -1;
	return a->order < b->order ? -1 : 1;
}

static void interfaces_define(const struct graph *g,
	const struct interfaces_candidate *candidate, struct arena *arena,
	struct classes_interface *out)
{
	uint64_t edge = graph_first(g, candidate->node);
	uint64_t end = graph_first(g, candidate->node + 1);
	const char **properties = arena_array(
		arena, candidate->properties, sizeof *properties);
	struct buf name = {0};
	uint32_t slot = 0;
	buf_byte(&name, '{');
	for (uint32_t i = 0; i < candidate->properties; i++) {
		interfaces_next_named(g, &edge, end, &slot);
		properties[i] = arena_strdup(arena, names_text(&g->names, slot));
		buf_text(&name, i ? ", " : "");
		interfaces_format(&name, properties[i]);
	}
	buf_byte(&name, '}');
	*out = (struct classes_interface){arena_strdup(arena, name.data), properties,
		candidate->properties, candidate->objects};
	buf_finish(&name);
}

bool interfaces_infer(struct interfaces *i, struct arena *arena,
	struct classes_interface **out, size_t *count, struct err *e)
{
	struct interfaces_inference in = {.graph = i->graph};
	const struct interfaces_shape *shapes = i->shapes.data;
	bool ok = true;
	for (uint32_t s = 0; ok && s < i->shape_count; s++)
		ok = interfaces_propose(&in, &shapes[s], e);
	if (ok) {
		struct interfaces_candidate *all = in.candidates.data;
		uint32_t kept = 0;
		if (in.count)
			qsort(all, in.count, sizeof *all, interfaces_compare);
		while (kept < in.count && all[kept].objects >= INTERFACES_LEAST &&
			(uint64_t)all[kept].objects * INTERFACES_PROPORTION >=
				i->object_count)
			kept++;
		*out = arena_array(arena, kept, sizeof **out);
		for (uint32_t k = 0; k < kept; k++)
			interfaces_define(i->graph, &all[k], arena, &(*out)[k]);
		*count = kept;
	}
	pages_finish(&in.candidates);
	map_finish(&in.by_hash);
	return ok;
}
