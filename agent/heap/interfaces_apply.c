#include "agent/heap/interfaces.h"

#include "agent/heap/interfaces_shapes.h"

#include <stdlib.h>
#include <string.h>

/* A property that some definition has. */
struct interfaces_property {
	const char *name;
	uint32_t definitions; /* that have it */
	uint32_t first; /* of those that are looked at for it: an index, or NONE */
	uint32_t wanted, have; /* scratch: times, in a definition and in a shape */
	uint32_t round;        /* in which `have` was set */
};

struct interfaces_definition {
	const struct classes_interface *interface;
	uint32_t *properties;
	uint32_t next; /* looked at for the same property */
};

struct interfaces_application {
	const struct graph *graph;
	struct arena arena;
	struct interfaces_property *properties;
	struct interfaces_definition *definitions;
	uint32_t property_count, definition_count, round;
	struct map by_hash;
};

/* The property called `name`; the count when there is none, under `*key`. */
static bool interfaces_find_property(struct interfaces_application *a, const char *name,
	uint32_t hash, bool may_add, uint32_t *out, struct err *e)
{
	for (uint64_t key = (uint64_t)hash << 8;; key++) {
		const uint64_t *known = may_add ? map_put(&a->by_hash, key,
							  a->property_count, e)
						: map_find(&a->by_hash, key);
		*out = known ? (uint32_t)*known : INTERFACES_NONE;
		if (!known)
			return !may_add;
		if (*known == a->property_count ||
			strcmp(a->properties[*known].name, name) == 0)
			return true;
	}
}

static bool interfaces_learn(struct interfaces_application *a,
	const struct classes_interface *definitions, size_t count, struct err *e)
{
	size_t most = 0;
	for (size_t d = 0; d < count; d++)
		most += definitions[d].property_count;
	a->properties = arena_array(&a->arena, most, sizeof *a->properties);
	a->definitions = arena_array(&a->arena, count, sizeof *a->definitions);
	a->definition_count = (uint32_t)count;
	for (size_t d = 0; d < count; d++) {
		const struct classes_interface *in = &definitions[d];
		uint32_t *all = arena_array(&a->arena, in->property_count, sizeof *all);
		for (uint32_t p = 0; p < in->property_count; p++) {
			const char *name = in->properties[p];
			if (!interfaces_find_property(a, name,
				    names_hash_text(name, strlen(name)), true, &all[p],
				    e))
				return false;
			if (all[p] == a->property_count)
				a->properties[a->property_count++] =
					(struct interfaces_property){
						.name = name, .first = INTERFACES_NONE};
			a->properties[all[p]].definitions++;
		}
		a->definitions[d] = (struct interfaces_definition){
			in, all, INTERFACES_NONE};
	}
	return true;
}

/* A definition is looked at only for shapes that have its rarest property. */
static void interfaces_index(struct interfaces_application *a)
{
	for (uint32_t d = a->definition_count; d-- > 0;) {
		struct interfaces_definition *definition = &a->definitions[d];
		struct interfaces_property *rarest = NULL;
		for (uint32_t p = 0; p < definition->interface->property_count; p++) {
			struct interfaces_property *property =
				&a->properties[definition->properties[p]];
			if (!rarest || property->definitions < rarest->definitions)
				rarest = property;
		}
		if (!rarest)
			continue;
		definition->next = rarest->first;
		rarest->first = d;
	}
}

/* Whether the shape of this round has every property as often as the definition. */
static bool interfaces_fits(struct interfaces_application *a,
	const struct interfaces_definition *definition)
{
	uint32_t count = definition->interface->property_count, p;
	for (p = 0; p < count; p++) {
		struct interfaces_property *property =
			&a->properties[definition->properties[p]];
		uint32_t have = property->round == a->round ? property->have : 0;
		if (++property->wanted > have)
			break;
	}
	bool fits = p == count;
	for (p = fits ? count : p + 1; p-- > 0;)
		a->properties[definition->properties[p]].wanted--;
	return fits;
}

static bool interfaces_count_properties(
	struct interfaces_application *a, uint32_t node, struct err *e)
{
	const struct graph *g = a->graph;
	uint64_t edge = graph_first(g, node), end = graph_first(g, node + 1);
	uint32_t slot, found;
	a->round++;
	while (interfaces_next(g, &edge, end, &slot)) {
		if (!interfaces_find_property(a, names_text(&g->names, slot),
			    names_hash(&g->names, slot), false, &found, e))
			return false;
		if (found == INTERFACES_NONE)
			continue;
		struct interfaces_property *property = &a->properties[found];
		if (property->round != a->round)
			property->have = 0;
		property->round = a->round;
		property->have++;
	}
	return true;
}

/* Most properties win, then the more popular definition. */
static void interfaces_choose(
	struct interfaces_application *a, struct interfaces_shape *shape)
{
	const struct graph *g = a->graph;
	uint64_t edge = graph_first(g, shape->node);
	uint64_t end = graph_first(g, shape->node + 1);
	uint32_t slot, found, most = 0;
	struct err ignored;
	shape->interface = INTERFACES_NONE;
	while (interfaces_next(g, &edge, end, &slot)) {
		interfaces_find_property(a, names_text(&g->names, slot),
			names_hash(&g->names, slot), false, &found, &ignored);
		if (found == INTERFACES_NONE)
			continue;
		uint32_t d = a->properties[found].first;
		for (; d != INTERFACES_NONE; d = a->definitions[d].next) {
			uint32_t count = a->definitions[d].interface->property_count;
			if ((count > most || (count == most && d < shape->interface)) &&
				interfaces_fits(a, &a->definitions[d])) {
				shape->interface = d;
				most = count;
			}
		}
	}
}

bool interfaces_apply(struct interfaces *i, const struct classes_interface *definitions,
	size_t count, struct err *e)
{
	struct interfaces_application a = {.graph = i->graph};
	struct interfaces_shape *shapes = i->shapes.data;
	arena_init(&a.arena);
	bool ok = interfaces_learn(&a, definitions, count, e);
	interfaces_index(&a);
	for (uint32_t s = 0; ok && s < i->shape_count; s++) {
		ok = interfaces_count_properties(&a, shapes[s].node, e);
		if (ok)
			interfaces_choose(&a, &shapes[s]);
	}
	map_finish(&a.by_hash);
	arena_finish(&a.arena);
	return ok;
}
