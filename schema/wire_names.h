/*
 * Wire names: texts of one message, each once, by index.
 *
 * Index 0 is "", which protobuf leaves out.  Beyond the maximum `overflow` is set and
 * stays so, and the index is 0.  Memory is the arena's; wire_names_finish frees the
 * hash alone.  For schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_NAMES_H
#define TIDEMARK_SCHEMA_WIRE_NAMES_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_name;

struct wire_names {
	struct wire_name *by_text;
	char **text; /* by index */
	size_t count, capacity, maximum;
	bool overflow;
	struct arena *arena;
};

void wire_names_init(struct wire_names *names, size_t maximum, struct arena *a);
void wire_names_finish(struct wire_names *names);

/* Cleans the text (wire_text.h) as a name. */
uint32_t wire_names_index(struct wire_names *names, const char *raw);

/* The same for a text that may be longer. */
uint32_t wire_names_index_long(
	struct wire_names *names, const char *raw, size_t maximum_bytes);

#endif
