#include "agent/heap/names.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_BLOCK_BITS = 512 };

static const char *const names_known[NAMES_CODES] = {
	[NAMES_PROTO] = "__proto__",
	[NAMES_ELEMENTS] = "elements",
	[NAMES_SLOPPY_MAP] = "sloppy_function_map",
	[NAMES_MAP_DESCRIPTORS] = "(map descriptors)",
	[NAMES_NATIVE_CONTEXT] = "system / NativeContext",
	[NAMES_OBJECT] = "Object",
	[NAMES_EXTERNAL_STRING] = "system / ExternalStringData",
	[NAMES_DOM_TREES] = "(Document DOM trees)",
	[NAMES_SHARED] = "shared",
	[NAMES_SCRIPT_OR_DEBUG_INFO] = "script_or_debug_info",
	[NAMES_SCRIPT] = "script",
	[NAMES_ARRAY] = "Array",
	[NAMES_ARRAY_BUFFER_DATA] = "system / JSArrayBufferData",
};

void names_finish(struct names *n)
{
	pages_finish(&n->wanted);
	pages_finish(&n->offsets);
	pages_finish(&n->hashes);
	pages_finish(&n->codes);
	pages_finish(&n->text);
	*n = (struct names){0};
}

bool names_extend(struct names *n, uint32_t index, struct err *e)
{
	uint64_t blocks = (uint64_t)index / NAMES_BLOCK_BITS + 1;
	if (!pages_reserve(&n->wanted, blocks, blocks * 2, NAMES_BLOCK_BITS / 8, e))
		return false;
	uint64_t bits = n->wanted.size_bytes * 8;
	n->limit = (uint32_t)(bits < UINT32_MAX ? bits : UINT32_MAX);
	return true;
}

bool names_settle(struct names *n, struct pages *slots, struct err *e)
{
	uint64_t words = n->wanted.size_bytes / sizeof(uint64_t);
	const uint64_t *wanted = n->wanted.data;
	if (!pages_resize(slots, words * 64, sizeof(uint32_t), e))
		return false;
	uint32_t *slot = slots->data, kept = 0;
	for (uint64_t i = 0; i < words; i++) {
		for (uint64_t word = wanted[i]; word; word &= word - 1)
			slot[i * 64 + (unsigned)__builtin_ctzll(word)] = kept++;
	}
	n->kept = kept;
	return true;
}

bool names_wants(const struct names *n, uint64_t index)
{
	if (index >= n->limit)
		return false;
	return ((const uint64_t *)n->wanted.data)[index / 64] >> index % 64 & 1;
}

bool names_append(struct names *n, const char *utf8, size_t length, struct err *e)
{
	uint64_t end = n->text_bytes + length;
	if (length == 0)
		return true;
	if (end >= UINT32_MAX)
		return err_set(e, ERR_BUSY, "the names alone take more than 4 GiB");
	if (!pages_reserve(&n->text, end, UINT32_MAX, 1, e))
		return false;
	memcpy((char *)n->text.data + n->text_bytes, utf8, length);
	n->text_bytes = end;
	return true;
}

uint32_t names_hash_text(const char *text, size_t length)
{
	uint64_t hash = length + UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(hash ^ hash >> 32);
}

static enum names_code names_code_text(const char *text, size_t length)
{
	uint64_t table_id;
	const char *pair;
	for (int code = NAMES_PROTO; code < NAMES_CODES; code++) {
		if (strlen(names_known[code]) == length &&
			memcmp(names_known[code], text, length) == 0)
			return (enum names_code)code;
	}
	return names_ephemeron(text, &table_id, &pair) ? NAMES_EPHEMERON
						       : NAMES_ORDINARY;
}

bool names_end(struct names *n, struct err *e)
{
	uint32_t slot = n->count;
	uint64_t expected = n->kept;
	if (!names_append(n, "", 1, e) ||
		!pages_reserve(&n->offsets, slot + 2, expected + 1, 4, e) ||
		!pages_reserve(&n->hashes, slot + 1, expected, 4, e) ||
		!pages_reserve(&n->codes, slot + 1, expected, 1, e))
		return false;
	uint32_t *offsets = n->offsets.data;
	const char *text = (const char *)n->text.data + offsets[slot];
	size_t length = n->text_bytes - offsets[slot] - 1;
	((uint32_t *)n->hashes.data)[slot] = names_hash_text(text, length);
	((uint8_t *)n->codes.data)[slot] = (uint8_t)names_code_text(text, length);
	offsets[slot + 1] = (uint32_t)n->text_bytes;
	n->count++;
	return true;
}

uint32_t names_add(struct names *n, const char *prefix, const char *text, struct err *e)
{
	/* Copied first: the text may stand in the memory that grows. */
	size_t length = strlen(text);
	char *copy = strdup(text);
	uint32_t slot = n->count;
	if (!copy) {
		err_set(e, ERR_BUSY, "out of memory");
		return NAMES_NONE;
	}
	bool ok = names_append(n, prefix, strlen(prefix), e) &&
		  names_append(n, copy, length, e) && names_end(n, e);
	free(copy);
	return ok ? slot : NAMES_NONE;
}

const char *names_text(const struct names *n, uint32_t slot)
{
	if (slot == NAMES_NONE)
		return "";
	return (const char *)n->text.data + ((const uint32_t *)n->offsets.data)[slot];
}

uint32_t names_hash(const struct names *n, uint32_t slot)
{
	return ((const uint32_t *)n->hashes.data)[slot];
}

static const char *names_digits(const char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

/* Behind `wanted` when the text goes on with it, else NULL. */
static const char *names_behind(const char *at, const char *wanted)
{
	size_t length = strlen(wanted);
	return strncmp(at, wanted, length) == 0 ? at + length : NULL;
}

/* Behind the first " @DIGITS" + `wanted` from `at` on, else NULL. */
static const char *names_find_id(const char *at, const char *wanted)
{
	while ((at = strstr(at, " @"))) {
		const char *digits = at + 2, *end = names_digits(digits);
		const char *behind = end > digits ? names_behind(end, wanted) : NULL;
		if (behind)
			return behind;
		at++;
	}
	return NULL;
}

/* DevTools matches
 * ^\d+( / part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table
 * @(\d+)\))$ */
bool names_ephemeron(const char *text, uint64_t *table_id, const char **pair)
{
	const char *start = names_digits(text);
	const char *key = start > text ? names_behind(start, " / part of key (") : NULL;
	const char *value = key ? names_find_id(key, ") -> value (") : NULL;
	if (!value || strpbrk(start, "\n\r") || strstr(start, "\xe2\x80\xa8") ||
		strstr(start, "\xe2\x80\xa9"))
		return false;
	/* The last of them: the text ends with it. */
	const char *table = NULL, *next = value;
	while ((next = names_find_id(next, ") pair in WeakMap (table @"))) {
		table = next;
	}
	if (!table)
		return false;
	const char *end = names_digits(table);
	if (end == table || strcmp(end, ")") != 0)
		return false;
	uint64_t id = 0;
	for (const char *at = table; at < end; at++) {
		if (__builtin_mul_overflow(id, 10, &id) ||
			__builtin_add_overflow(id, *at - '0', &id))
			id = UINT64_MAX;
	}
	*table_id = id;
	*pair = start;
	return true;
}
