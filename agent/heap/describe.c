#include "agent/heap/describe.h"

#include "common/buf.h"

#include <string.h>

enum { DESCRIBE_PROPERTIES_BYTES = 60 };

/* Properties of an object, counted as far as it matters. */
static unsigned describe_properties(const struct graph *g, uint32_t node)
{
	unsigned count = 0;
	uint64_t end = graph_edges(g, node + 1);
	for (uint64_t i = graph_edges(g, node); i < end; i++) {
		count += graph_edge_link(g, i) == GRAPH_LINK_PROPERTY;
		if (count > DESCRIBE_DICTIONARY)
			break;
	}
	return count;
}

/* Of a global object and of node's `process`, the properties are names of variables. */
static bool describe_holds_variables(const struct graph *g, uint32_t node)
{
	return graph_node_distance(g, node) == 1 ||
	       strcmp(graph_node_name(g, node), "process") == 0;
}

static bool describe_is_dictionary(const struct graph *g, uint32_t node)
{
	return !describe_holds_variables(g, node) &&
	       describe_properties(g, node) > DESCRIBE_DICTIONARY;
}

static const char *describe_plain_object(const struct describe *d, uint32_t node)
{
	const struct graph *g = d->graph;
	struct buf b = {0};
	bool is_cut = false;
	buf_byte(&b, '{');
	uint64_t end = graph_edges(g, node + 1);
	for (uint64_t i = graph_edges(g, node); i < end && !is_cut; i++) {
		const char *name = graph_edge_name(g, i);
		if (graph_edge_link(g, i) != GRAPH_LINK_PROPERTY ||
			strcmp(name, "__proto__") == 0)
			continue;
		is_cut = b.length > 1 &&
			 b.length + strlen(name) > DESCRIBE_PROPERTIES_BYTES;
		buf_printf(&b, "%s%s", b.length > 1 ? ", " : "", is_cut ? "…" : name);
	}
	buf_byte(&b, '}');
	const char *text = arena_strdup(d->arena, b.data);
	buf_finish(&b);
	return text;
}

static const char *describe_location(const struct describe *d, uint32_t node)
{
	struct graph_location at;
	if (!graph_node_location(d->graph, node, &at) || !at.script[0])
		return "";
	const char *text = arena_printf(d->arena, "%s:%u:%u", at.script,
		(unsigned)at.line, (unsigned)at.column);
	return d->privacy ? privacy_location(text, d->arena) : text;
}

static const char *describe_function(const struct describe *d, uint32_t node)
{
	const char *name = graph_node_name(d->graph, node);
	return name[0] ? arena_printf(d->arena, "%s()", name) : "(anonymous)()";
}

static const char *describe_raw(const struct describe *d, uint32_t node)
{
	const char *name = graph_node_name(d->graph, node);
	uint32_t row = graph_node_class(d->graph, node);
	switch (graph_node_type(d->graph, node)) {
	case GRAPH_CLOSURE:
		return describe_function(d, node);
	case GRAPH_OBJECT:
		return strcmp(name, "Object") == 0 ? describe_plain_object(d, node)
						   : name;
	case GRAPH_ARRAY:
		return name[0] ? name : "(array)";
	case GRAPH_HIDDEN:
		return name[0] ? name : "(system)";
	case GRAPH_NATIVE:
	case GRAPH_SYNTHETIC:
		return name;
	default:
		return row == CLASSES_NONE ? "(other)"
					   : classes_row(d->classes, row)->name;
	}
}

static const char *describe_hash_kind(const struct graph *g, uint32_t node)
{
	switch (graph_node_type(g, node)) {
	case GRAPH_CLOSURE:
		return "Function";
	case GRAPH_NATIVE:
		return "Native";
	default:
		return "Object";
	}
}

struct snapshot_name describe_node(const struct describe *d, uint32_t node)
{
	const struct graph *g = d->graph;
	const char *name = describe_raw(d, node);
	if (!d->privacy)
		return (struct snapshot_name){name, describe_location(d, node)};
	bool is_plain = graph_node_type(g, node) == GRAPH_OBJECT && name[0] == '{';
	if (is_plain && describe_is_dictionary(g, node))
		return (struct snapshot_name){"Object", describe_location(d, node)};
	return (struct snapshot_name){
		privacy_class(d->privacy, name, describe_hash_kind(g, node), d->arena),
		describe_location(d, node),
	};
}

struct snapshot_name describe_class(
	const struct describe *d, const char *name, const char *location)
{
	if (!d->privacy)
		return (struct snapshot_name){name, location};
	return (struct snapshot_name){
		privacy_class(d->privacy, name, "Object", d->arena),
		privacy_location(location, d->arena),
	};
}

struct snapshot_name describe_kind(const struct describe *d, uint32_t node)
{
	uint32_t row = graph_node_class(d->graph, node);
	if (graph_node_type(d->graph, node) == GRAPH_CLOSURE || row == CLASSES_NONE)
		return describe_node(d, node);
	const struct classes_row *c = classes_row(d->classes, row);
	return describe_class(d, c->name, c->location);
}

const char *describe_link(enum graph_link link)
{
	static const char *const names[] = {
		[GRAPH_LINK_CONTEXT] = "context",
		[GRAPH_LINK_ELEMENT] = "element",
		[GRAPH_LINK_PROPERTY] = "property",
		[GRAPH_LINK_INTERNAL] = "internal",
		[GRAPH_LINK_HIDDEN] = "hidden",
		[GRAPH_LINK_SHORTCUT] = "shortcut",
		[GRAPH_LINK_WEAK] = "weak",
		[GRAPH_LINK_INVISIBLE] = "invisible",
		[GRAPH_LINK_OTHER] = "other",
	};
	return names[link];
}

/* Places in a table have names of digits alone. */
static bool describe_is_place(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	return digits > 0 && digits < 10 && !name[digits];
}

/* "7 / part of key (…) -> value (…) pair in WeakMap (table @9)" names objects. */
static const char *describe_internal(const struct describe *d, const char *name)
{
	if (strstr(name, " / part of key ("))
		return "[[WeakMap value]]";
	if (d->privacy && !describe_is_place(name))
		name = privacy_variable(name, d->arena);
	return strcmp(name, "[key]") == 0 ? "[[key]]"
					  : arena_printf(d->arena, "[[%s]]", name);
}

const char *describe_edge(const struct describe *d, uint64_t edge, uint32_t holder)
{
	const struct graph *g = d->graph;
	enum graph_link link = graph_edge_link(g, edge);
	bool has_number = graph_edge_has_number(g, edge);
	unsigned number = has_number ? graph_edge_number(g, edge) : 0;
	if (link == GRAPH_LINK_ELEMENT && has_number)
		/* A big index of a sparse array may be somebody's number. */
		return d->privacy && number > 9999999
			       ? "[key]"
			       : arena_printf(d->arena, "[%u]", number);
	if (has_number)
		return arena_printf(d->arena, "[[%u]]", number);
	const char *name = graph_edge_name(g, edge);
	if (link != GRAPH_LINK_PROPERTY && link != GRAPH_LINK_CONTEXT)
		return describe_internal(d, name);
	if (!d->privacy)
		return name;
	if (link == GRAPH_LINK_CONTEXT || describe_holds_variables(g, holder))
		return privacy_variable(name, d->arena);
	if (describe_is_dictionary(g, holder))
		return "[key]";
	return privacy_property(d->privacy, name, d->arena);
}

struct snapshot_path describe_path(
	const struct describe *d, const struct paths_path *path)
{
	struct snapshot_path out = {.count = path->count, .is_cut = path->is_cut};
	out.steps = arena_array(d->arena, path->count + 1, sizeof *out.steps);
	for (size_t i = 0; i < path->count; i++) {
		const struct paths_step *s = &path->steps[i];
		out.steps[i] = (struct snapshot_step){
			.edge = describe_edge(d, s->edge, s->holder),
			.holder = describe_node(d, s->holder),
		};
	}
	return out;
}

const char *describe_chain(
	const struct snapshot_path *path, size_t steps, struct arena *arena)
{
	struct buf b = {0};
	size_t shown = path->count < steps ? path->count : steps;
	buf_text(&b, "");
	for (size_t i = 0; i < shown; i++)
		buf_printf(&b, "%s%s in %s", i > 0 ? " ← " : "", path->steps[i].edge,
			path->steps[i].holder.name);
	if (shown < path->count || path->is_cut)
		buf_text(&b, " ← …");
	const char *text = arena_strdup(arena, b.data);
	buf_finish(&b);
	return text;
}
