/*
 * Classes: which class each node belongs to, and one row per class.
 *
 * As DevTools 1.0.1705227 forms them: by type and name, plain objects by the
 * interface they satisfy, located objects also by script, line and column.  Two
 * differences, both on purpose: rows whose keys are equal as text are merged instead of
 * overwritten, and located classes also say "path:line:column", which stays the same
 * between processes, hosts and restarts.
 *
 * Owned by its graph's analysis; texts live as long as that.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_CLASSES_H
#define TIDEMARK_AGENT_HEAP_CLASSES_H

#include "agent/heap/graph.h"

#define CLASSES_NONE UINT32_MAX

struct classes_row {
	const char *key; /* "257,521,15,Server" or ",Array" */
	const char *name;
	const char *location; /* "lib/server.js:522:16", "" when it has none */
	uint64_t count;
	int32_t distance; /* the smallest */
	uint64_t shallow_bytes, retained_bytes;
};

/* An interface: the property names that a plain object must have, in their order. */
struct classes_interface {
	const char *name; /* "{host, connection}" */
	const char *const *properties;
	uint32_t property_count;
	uint32_t candidates; /* plain objects that proposed it */
};

struct classes;

void classes_destroy(struct classes *c);

/* Sorted by retained size, largest first. */
size_t classes_count(const struct classes *c);
const struct classes_row *classes_row(const struct classes *c, uint32_t index);

size_t classes_interface_count(const struct classes *c);
const struct classes_interface *classes_interface(
	const struct classes *c, size_t index);

#endif
