/*
 * Names: the strings of a snapshot that somebody needs, and no others.
 *
 * Strings come last in a file, so first the nodes and edges say by index which ones
 * they want; then each string is offered in its order, and the wanted ones are kept
 * as UTF-8.  Values of strings are never wanted and so never stay in memory.
 *
 * A kept name is called by its slot: the kept ones in the file's order, then those that
 * names_add made.
 * The caller owns the struct; names_finish frees everything.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_NAMES_H
#define TIDEMARK_AGENT_HEAP_NAMES_H

#include "agent/heap/pages.h"

#define NAMES_NONE UINT32_MAX

/* Names that the rules speak of. */
enum names_code {
	NAMES_ORDINARY,
	NAMES_EPHEMERON, /* "1 / part of key (…) -> value (…) pair in WeakMap …" */
	NAMES_PROTO,
	NAMES_ELEMENTS,
	NAMES_SLOPPY_MAP,
	NAMES_MAP_DESCRIPTORS,
	NAMES_NATIVE_CONTEXT,
	NAMES_OBJECT,
	NAMES_EXTERNAL_STRING,
	NAMES_DOM_TREES,
	NAMES_SHARED,
	NAMES_SCRIPT_OR_DEBUG_INFO,
	NAMES_SCRIPT,
	NAMES_ARRAY,
	NAMES_ARRAY_BUFFER_DATA,
	NAMES_CODES,
};

struct names {
	struct pages wanted; /* a bit per string of the file */
	uint32_t limit;      /* strings that have a bit */
	uint32_t kept;       /* wanted strings */
	uint32_t count;      /* slots filled: kept ones first, then added ones */
	uint64_t text_bytes;
	struct pages offsets, hashes, codes; /* per slot */
	struct pages text;
};

void names_finish(struct names *n);

/* Makes room for the bit of a string index. */
bool names_extend(struct names *n, uint32_t index, struct err *e);

/* Of a string index: it will be needed. */
static inline bool names_want(struct names *n, uint32_t index, struct err *e)
{
	if (index >= n->limit && !names_extend(n, index, e))
		return false;
	((uint64_t *)n->wanted.data)[index / 64] |= UINT64_C(1) << index % 64;
	return true;
}

/* After the last names_want, before the first string.  `slots` gets the slot of each
 * wanted index (uint32_t); it is the caller's. */
bool names_settle(struct names *n, struct pages *slots, struct err *e);

/* Whether the string is wanted.  Then its bytes follow, and names_end. */
bool names_wants(const struct names *n, uint64_t index);
bool names_append(struct names *n, const char *utf8, size_t length, struct err *e);
bool names_end(struct names *n, struct err *e);

/* One more name, which is no string of the file: its slot, NAMES_NONE without memory.
 */
uint32_t names_add(
	struct names *n, const char *prefix, const char *text, struct err *e);

/* Of NAMES_NONE: "". */
const char *names_text(const struct names *n, uint32_t slot);

/* Of its text; not of NAMES_NONE. */
uint32_t names_hash(const struct names *n, uint32_t slot);

/* Of NAMES_NONE: NAMES_ORDINARY. */
static inline enum names_code names_code(const struct names *n, uint32_t slot)
{
	if (slot == NAMES_NONE)
		return NAMES_ORDINARY;
	return (enum names_code)((const uint8_t *)n->codes.data)[slot];
}

/* Of a text that is coded as NAMES_EPHEMERON: the id of the table, and what follows
 * the number at its start (the same for both edges of a pair).  False for others. */
bool names_ephemeron(const char *text, uint64_t *table_id, const char **pair);

/* As names_hash. */
uint32_t names_hash_text(const char *text, size_t length);

#endif
