#include "schema/wire_names.h"

#include "common/err.h"
#include "schema/wire.h"
#include "schema/wire_text.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#undef uthash_fatal
#define uthash_fatal(message) err_bug(__FILE__, __LINE__, message)

enum { WIRE_NAMES_ROOM = 64 };

struct wire_name {
	const char *text;
	uint32_t index;
	UT_hash_handle hh;
};

void wire_names_init(struct wire_names *names, size_t maximum, struct arena *a)
{
	*names = (struct wire_names){.maximum = maximum, .arena = a};
	wire_names_index(names, "");
}

void wire_names_finish(struct wire_names *names)
{
	HASH_CLEAR(hh, names->by_text);
}

static void wire_names_grow(struct wire_names *names)
{
	size_t capacity = names->capacity ? 2 * names->capacity : WIRE_NAMES_ROOM;
	char **text = arena_array(names->arena, capacity, sizeof *text);
	if (names->count)
		memcpy(text, names->text, names->count * sizeof *text);
	names->text = text;
	names->capacity = capacity;
}

uint32_t wire_names_index_long(
	struct wire_names *names, const char *raw, size_t maximum_bytes)
{
	const char *text = wire_text_clean_long(raw, maximum_bytes, names->arena);
	struct wire_name *name;
	HASH_FIND_STR(names->by_text, text, name);
	if (name)
		return name->index;
	if (names->count == names->maximum) {
		names->overflow = true;
		return 0;
	}
	if (names->count == names->capacity)
		wire_names_grow(names);
	name = arena_alloc(names->arena, sizeof *name);
	name->text = text;
	name->index = (uint32_t)names->count;
	names->text[names->count++] = (char *)text;
	HASH_ADD_KEYPTR(hh, names->by_text, name->text, strlen(name->text), name);
	return name->index;
}

uint32_t wire_names_index(struct wire_names *names, const char *raw)
{
	return wire_names_index_long(names, raw, WIRE_NAME_BYTES_MAX);
}
