/*
 * Parse string: the inside of a JSON string, in pieces.
 *
 * Escapes become UTF-8, surrogate pairs one character.  What UTF-8 in C cannot hold (a
 * half of a pair, the NUL) becomes U+FFFD.  Pure but for the sink.
 */
#ifndef TIDEMARK_AGENT_HEAP_PARSE_STRING_H
#define TIDEMARK_AGENT_HEAP_PARSE_STRING_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed at the opening quote. */
struct parse_string {
	bool in_escape;
	unsigned hex_left; /* digits of \uXXXX that are still to come */
	uint32_t unit;     /* of them */
	uint32_t high;     /* a surrogate that waits for its other half */
};

struct parse_string_sink {
	bool (*bytes)(void *context, const char *utf8, size_t length, struct err *e);
	void *context;
};

/* Reads up to the closing quote, which is taken (`*is_whole`), or to the end.  NULL is
 * a failure. */
const char *parse_string_read(struct parse_string *s, const char *at, const char *end,
	bool *is_whole, const struct parse_string_sink *sink, struct err *e);

/* The same for a string that nobody wants. */
const char *parse_string_skip(
	struct parse_string *s, const char *at, const char *end, bool *is_whole);

#endif
