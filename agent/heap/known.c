#include "agent/heap/known.h"

#include "agent/heap/graph_data.h"

#include <stdlib.h>
#include <string.h>

/* A table of slots plus one, as large as a power of two and at most half full. */
struct known {
	const struct names *names;
	uint32_t *table;
	uint32_t mask;
};

/* Of every object, by V8's own doing. */
static const char *const known_always[] = {
	"__proto__", "prototype", "constructor", "length", "name", "message", "stack"};

/* Names in code, and names that data brought to it. */
static bool known_is_source(const struct graph *g, uint32_t code)
{
	static const char *const sources[] = {"(constant pool)", "system / ScopeInfo",
		"system / ObjectBoilerplateDescription"};
	const char *name = graph_node_name(g, code);
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		if (strcmp(name, sources[i]) == 0)
			return true;
	return false;
}

/* Slots of names in code are marked; false: this heap has none. */
static bool known_mark_code(const struct graph *g, uint8_t *marks)
{
	/* What was not filled speaks of the root, which is no code. */
	const uint64_t *all = g->code_names.data;
	size_t count = g->code_names.size_bytes / sizeof *all;
	bool any = false;
	for (size_t i = 0; i < count; i++) {
		if (!known_is_source(g, (uint32_t)(all[i] >> 32)))
			continue;
		marks[(uint32_t)all[i]] = 2;
		any = true;
	}
	return any;
}

/* Variables have names in code alone; those of properties are counted up to two. */
static void known_mark_edges(const struct graph *g, bool properties, uint8_t *marks)
{
	for (uint64_t i = 0; i < g->edge_count; i++) {
		unsigned link = graph_link(g, i);
		if (link != GRAPH_LINK_CONTEXT &&
			(link != GRAPH_LINK_PROPERTY || !properties))
			continue;
		uint32_t slot = graph_label_value(g, i);
		if (slot == NAMES_NONE)
			continue;
		if (link == GRAPH_LINK_CONTEXT)
			marks[slot] = 2;
		else if (marks[slot] < 2)
			marks[slot]++;
	}
}

static void known_fill(struct known *k, const uint8_t *marks, uint32_t slots)
{
	uint32_t count = 0;
	for (uint32_t slot = 0; slot < slots; slot++)
		count += marks[slot] == 2;
	k->mask = 15;
	while (k->mask / 2 < count)
		k->mask = k->mask * 2 + 1;
	k->table = calloc((size_t)k->mask + 1, sizeof *k->table);
	BUG_ON(!k->table);
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (marks[slot] != 2)
			continue;
		uint32_t at = names_hash(k->names, slot) & k->mask;
		while (k->table[at])
			at = (at + 1) & k->mask;
		k->table[at] = slot + 1;
	}
}

struct known *known_create(const struct graph *g)
{
	struct known *k = calloc(1, sizeof *k);
	uint8_t *marks = calloc((size_t)g->names.count + 1, 1);
	BUG_ON(!k || !marks);
	k->names = &g->names;
	bool has_code = known_mark_code(g, marks);
	known_mark_edges(g, !has_code, marks);
	known_fill(k, marks, g->names.count);
	free(marks);
	return k;
}

void known_destroy(struct known *k)
{
	if (!k)
		return;
	free(k->table);
	free(k);
}

bool known_has(const struct known *k, const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof known_always / sizeof known_always[0]; i++)
		if (strlen(known_always[i]) == length &&
			memcmp(known_always[i], name, length) == 0)
			return true;
	uint32_t at = names_hash_text(name, length) & k->mask;
	for (; k->table[at]; at = (at + 1) & k->mask) {
		const char *text = names_text(k->names, k->table[at] - 1);
		if (strncmp(text, name, length) == 0 && !text[length])
			return true;
	}
	return false;
}
