/*
 * Parse byte: what the parts of the parser say of single bytes.  Pure.
 */
#ifndef TIDEMARK_AGENT_HEAP_PARSE_BYTE_H
#define TIDEMARK_AGENT_HEAP_PARSE_BYTE_H

#include "common/err.h"

#include <stdbool.h>

static inline bool parse_byte_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Always NULL: "'x' where a number is expected". */
const char *parse_byte_unexpected(const char *at, const char *wanted, struct err *e);

#endif
