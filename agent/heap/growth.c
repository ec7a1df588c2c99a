#include "agent/heap/growth.h"

#include "agent/heap/groups.h"

#include <stdlib.h>
#include <string.h>

enum {
	GROWTH_DEPTH = 8,     /* of stores within stores */
	GROWTH_STEPS = 10000, /* down the tree */
	GROWTH_FEW = 10,      /* fewer new ones are no accumulation of them */
	GROWTH_CLASSES = 20,
	GROWTH_CLASSES_PCT = 25, /* that they must explain */
	/* What a process may grow by without being said to leak. */
	GROWTH_SMALL_BYTES = 32 << 10,
	GROWTH_SMALL_PERMILLE = 1, /* of the heap before */
};

struct growth_finder {
	const struct diff *diff;
	const struct graph *graph;
	const struct classes *classes;
	struct groups *groups;
	struct growth *growth;
	uint64_t small_bytes;
};

/* Growth of a node that is in both, 0 for others. */
static int64_t growth_of(const struct growth_finder *f, uint32_t node)
{
	uint64_t before = f->diff->before_bytes[node];
	if (before == DIFF_NEW)
		return 0;
	return (int64_t)(graph_node_retained_bytes(f->graph, node) - before);
}

/* The child that grew most, looking through stores that are new. */
static void growth_best_child(
	const struct growth_finder *f, uint32_t node, int depth, uint32_t *best)
{
	const struct graph *g = f->graph;
	uint64_t end = graph_children(g, node + 1);
	for (uint64_t i = graph_children(g, node); i < end; i++) {
		uint32_t child = graph_child(g, i);
		if (graph_node_type(f->graph, child) == GRAPH_CODE)
			continue;
		if (growth_of(f, child) > growth_of(f, *best) || *best == 0)
			*best = child;
		if (f->diff->before_bytes[child] == DIFF_NEW &&
			paths_is_internal(f->graph, child) && depth < GROWTH_DEPTH)
			growth_best_child(f, child, depth + 1, best);
	}
}

/* Down to where the growth hangs; 0: from the root itself. */
static uint32_t growth_walk(const struct growth_finder *f)
{
	uint32_t node = 0;
	for (int step = 0; step < GROWTH_STEPS; step++) {
		uint32_t child = 0;
		growth_best_child(f, node, 0, &child);
		if (child == 0 || growth_of(f, child) * 2 < growth_of(f, node))
			break;
		node = child;
	}
	return node;
}

static void growth_add_new(const struct growth_finder *f, uint32_t node, int depth)
{
	const struct graph *g = f->graph;
	uint64_t end = graph_children(g, node + 1);
	for (uint64_t i = graph_children(g, node); i < end; i++) {
		uint32_t child = graph_child(g, i);
		if (paths_is_internal(f->graph, child) && depth < GROWTH_DEPTH)
			growth_add_new(f, child, depth + 1);
		else if (f->diff->before_bytes[child] == DIFF_NEW)
			groups_add(f->groups, child);
	}
}

/* What grows in every process that warms up. */
static bool growth_is_noise(const struct graph *g, uint32_t node)
{
	enum graph_type type = graph_node_type(g, node);
	return type == GRAPH_CODE || type == GRAPH_HIDDEN || type == GRAPH_SHAPE;
}

/* Of a chain, in which each new one holds the next, all new ones count.  The result is
 * how much of it is compiled code and the like. */
static uint64_t growth_add_all_new(const struct growth_finder *f, uint32_t object)
{
	const struct graph *g = f->graph;
	uint64_t noise = 0;
	uint32_t *stack = malloc(graph_node_count(g) * sizeof *stack);
	BUG_ON(!stack);
	size_t depth = 0;
	stack[depth++] = object;
	while (depth > 0) {
		uint32_t node = stack[--depth];
		uint64_t end = graph_children(g, node + 1);
		for (uint64_t i = graph_children(g, node); i < end; i++) {
			uint32_t child = graph_child(g, i);
			stack[depth++] = child;
			if (f->diff->before_bytes[child] != DIFF_NEW)
				continue;
			groups_add(f->groups, child);
			if (growth_is_noise(g, child))
				noise += graph_node_self_bytes(g, child);
		}
	}
	free(stack);
	return noise;
}

/* How much the class of a tally says: a place in the program, a kind of object, what
 * everything is made of. */
static int growth_says(const struct growth_finder *f, const struct groups_tally *t)
{
	struct graph_location at;
	if (graph_node_location(f->graph, t->sample, &at))
		return 2;
	switch (graph_node_type(f->graph, t->sample)) {
	case GRAPH_OBJECT:
	case GRAPH_CLOSURE:
	case GRAPH_NATIVE:
		return 1;
	default:
		return 0;
	}
}

/* The many of the class that says most. */
static const struct groups_tally *growth_telling(const struct growth_finder *f)
{
	const struct groups_tally *all, *best = NULL;
	size_t count = groups_tallies(f->groups, &all);
	for (size_t i = 0; i < count; i++) {
		const struct groups_tally *t = &all[i];
		int says = t->count < GROWTH_FEW ? -1 : growth_says(f, t);
		int best_says = best ? growth_says(f, best) : -1;
		if (says > best_says || (says == best_says && best && says >= 0 &&
						t->count > best->count))
			best = t;
	}
	return best;
}

/* The largest of the new children, 0 when there is none. */
static uint32_t growth_largest_new(
	const struct growth_finder *f, uint32_t node, int depth)
{
	const struct graph *g = f->graph;
	uint32_t best = 0;
	uint64_t end = graph_children(g, node + 1);
	for (uint64_t i = graph_children(g, node); i < end; i++) {
		uint32_t child = graph_child(g, i);
		if (paths_is_internal(f->graph, child) && depth < GROWTH_DEPTH)
			child = growth_largest_new(f, child, depth + 1);
		else if (f->diff->before_bytes[child] != DIFF_NEW)
			continue;
		if (child != 0 &&
			(best == 0 ||
				graph_node_retained_bytes(f->graph, child) >
					graph_node_retained_bytes(f->graph, best)))
			best = child;
	}
	return best;
}

/* A store is named by the object that it belongs to. */
static uint32_t growth_object(const struct growth_finder *f, uint32_t node)
{
	uint32_t at = node;
	while (paths_is_internal(f->graph, at))
		at = graph_node_dominator(f->graph, at);
	return at == 0 || graph_node_type(f->graph, at) == GRAPH_SYNTHETIC ? node : at;
}

/* Whether many new ones of one kind, directly under `node`, are half of the growth. */
static bool growth_try(const struct growth_finder *f, uint32_t node, uint64_t bytes)
{
	struct growth *w = f->growth;
	groups_begin(f->groups);
	growth_add_new(f, node, 0);
	const struct groups_tally *t = groups_largest(f->groups);
	if (!t || t->count < GROWTH_FEW || t->bytes * 2 < bytes)
		return false;
	w->object = growth_object(f, node);
	w->child = t->sample;
	w->child_count = t->count;
	w->child_bytes = t->bytes;
	return true;
}

/* One new object, however large, piles up nothing; but an array of numbers grows by
 * itself.  A text never does: it is another one. */
static bool growth_is_by_itself(
	const struct growth_finder *f, uint32_t node, uint64_t bytes)
{
	enum graph_type type = graph_node_type(f->graph, node);
	bool can_grow = type == GRAPH_OBJECT || type == GRAPH_ARRAY ||
			type == GRAPH_NATIVE;
	return can_grow && graph_node_self_bytes(f->graph, node) * 2 >= bytes;
}

/* The growth hangs from `node`: says of what it is.  Where one new object has taken
 * the place of an old one (an array that replaced a single listener), the many are
 * under that.  In a chain, in which each new one holds the next, all of them count.
 * False when most of it is what grows in every process that warms up, or when it is
 * spread over a global object, which says no more than the classes do. */
static bool growth_name_children(const struct growth_finder *f, uint32_t node)
{
	struct growth *w = f->growth;
	uint64_t bytes = (uint64_t)growth_of(f, node), left = bytes;
	bool is_one = false; /* most is in one new object */
	for (uint32_t at = node, i = 0; at != 0 && i < GROWTH_DEPTH; i++) {
		if (growth_try(f, at, left)) {
			/* A new object may hold old ones besides. */
			w->explained_bytes = left < bytes ? left : bytes;
			return true;
		}
		at = growth_largest_new(f, at, 0);
		left = graph_node_retained_bytes(f->graph, at);
		if (at == 0 || left * 2 < bytes)
			break;
		is_one = true;
	}
	if (graph_node_distance(f->graph, node) == 1 && !is_one)
		return false;
	w->object = growth_object(f, node);
	w->explained_bytes = bytes;
	groups_begin(f->groups);
	if (growth_add_all_new(f, node) * 2 > bytes)
		return false;
	const struct groups_tally *t = growth_telling(f);
	if (!t)
		return growth_is_by_itself(f, node, bytes);
	w->child = t->sample;
	w->child_count = t->count;
	/* Links of a chain retain each other: their sum counts them many times. */
	w->child_bytes = t->bytes < bytes ? t->bytes : bytes;
	return true;
}

static bool growth_find_object(const struct growth_finder *f)
{
	struct growth *w = f->growth;
	if (w->grown_bytes < (int64_t)f->small_bytes)
		return false;
	uint32_t node = growth_walk(f);
	if (node == 0 || graph_node_type(f->graph, node) == GRAPH_SYNTHETIC ||
		growth_of(f, node) < (int64_t)f->small_bytes)
		return false;
	if (!growth_name_children(f, node))
		return false;
	paths_find(f->graph, w->object, &w->path);
	return true;
}

/* The same among classes. */
static bool growth_is_noise_row(const struct diff_row *row)
{
	static const char *const names[] = {"(compiled code)", "(system)",
		"(object shape)", "(number)", "(synthetic)", "(array)"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

/* What everything is made of: it grows with whatever leaks, and names nothing. */
static bool growth_is_material(const struct diff_row *row)
{
	static const char *const names[] = {"Array", "Object", "Function", "Map", "Set",
		"Promise", "Date", "RegExp", "Symbol", "Boolean", "Number", "String",
		"ArrayBuffer", "Error"};
	if (row->location[0])
		return false;
	if (row->name[0] == '(' || row->name[0] == '{' ||
		strncmp(row->name, "system / ", 9) == 0)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

static int64_t growth_row_bytes(const struct diff_row *row)
{
	return (int64_t)(row->added_bytes - row->removed_bytes);
}

/* More came than went, by so much that it is no turnover. */
static bool growth_is_growing(const struct diff_row *row)
{
	return !growth_is_noise_row(row) && row->added >= row->removed + GROWTH_FEW &&
	       row->added >= 2 * row->removed && growth_row_bytes(row) > 0;
}

static int growth_compare(const void *a, const void *b)
{
	const struct diff_row *l = *(const struct diff_row *const *)a;
	const struct diff_row *r = *(const struct diff_row *const *)b;
	bool left = growth_is_material(l), right = growth_is_material(r);
	if (left != right)
		return left ? 1 : -1;
	int64_t grown_left = growth_row_bytes(l), grown_right = growth_row_bytes(r);
	if (grown_left != grown_right)
		return grown_left < grown_right ? 1 : -1;
	return strcmp(l->key, r->key);
}

/* The classes that grow; the result is what they grew by. */
static uint64_t growth_find_classes(const struct growth_finder *f, struct arena *arena)
{
	struct growth *w = f->growth;
	uint64_t bytes = 0;
	size_t count = f->diff->row_count;
	w->classes = arena_array(arena, count + 1, sizeof *w->classes);
	for (size_t i = 0; i < count; i++) {
		const struct diff_row *row = &f->diff->rows[i];
		if (!growth_is_growing(row))
			continue;
		w->classes[w->class_count++] = row;
		bytes += (uint64_t)growth_row_bytes(row);
	}
	qsort(w->classes, w->class_count, sizeof *w->classes, growth_compare);
	if (w->class_count > GROWTH_CLASSES)
		w->class_count = GROWTH_CLASSES;
	return bytes;
}

/* Whether classes that grew by so much in all are a verdict: what comes with warming
 * up, a cache that fills, explains little of the growth. */
static bool growth_are_enough(const struct growth_finder *f, uint64_t bytes)
{
	const struct growth *w = f->growth;
	return w->class_count > 0 && bytes >= f->small_bytes &&
	       (int64_t)bytes * 100 >= w->grown_bytes * GROWTH_CLASSES_PCT;
}

struct growth *growth_find(const struct diff *diff, const struct digest *before,
	const struct graph *after, const struct classes *classes, struct arena *arena)
{
	struct growth *w = arena_alloc(arena, sizeof *w);
	w->before_bytes = digest_facts(before)->reachable_bytes;
	w->grown_bytes = (int64_t)(graph_node_retained_bytes(after, 0) -
				   w->before_bytes);
	w->verdict = SNAPSHOT_NOT_COMPARED;
	if (!diff->is_same_process)
		return w;
	struct growth_finder f = {
		.diff = diff,
		.graph = after,
		.classes = classes,
		.groups = groups_create(after, classes),
		.growth = w,
		.small_bytes = w->before_bytes * GROWTH_SMALL_PERMILLE / 1000,
	};
	if (f.small_bytes < GROWTH_SMALL_BYTES)
		f.small_bytes = GROWTH_SMALL_BYTES;
	uint64_t by_classes = growth_find_classes(&f, arena);
	w->verdict = SNAPSHOT_NO_LEAK;
	if (growth_find_object(&f)) {
		w->verdict = SNAPSHOT_ACCUMULATION;
	} else if (growth_are_enough(&f, by_classes)) {
		w->verdict = SNAPSHOT_CLASS_GROWTH;
		w->explained_bytes = by_classes;
	}
	groups_destroy(f.groups);
	return w;
}
