/*
 * Parse table: the inside of an array of numbers that are rows of fields, in pieces.
 *
 * Whole rows go to the sink in blocks; the beginning of one waits for its rest.
 * Failures are ERR_INPUT, and those of the sink.  The caller owns the struct.
 */
#ifndef TIDEMARK_AGENT_HEAP_PARSE_TABLE_H
#define TIDEMARK_AGENT_HEAP_PARSE_TABLE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARSE_TABLE_BLOCK = 2048 }; /* numbers */

struct parse_table_sink {
	bool (*rows)(
		void *context, const uint64_t *values, size_t count, struct err *e);
	void *context;
};

enum parse_table_state {
	PARSE_TABLE_FIRST,  /* a number or ']' */
	PARSE_TABLE_NEXT,   /* a number */
	PARSE_TABLE_DIGITS, /* inside a number */
	PARSE_TABLE_COMMA,  /* ',' or ']' behind a number */
};

struct parse_table_reading {
	struct parse_table_sink sink;
	enum parse_table_state state;
	unsigned fields; /* in a row */
	uint64_t number; /* the beginning of one */
	unsigned digits;
	size_t count; /* numbers in the block */
	uint64_t block[PARSE_TABLE_BLOCK];
};

/* Behind the opening bracket. */
void parse_table_open(struct parse_table_reading *r, unsigned fields,
	const struct parse_table_sink *sink);

/* Reads up to the closing bracket, which is taken (`*is_whole`), or as far as it likes,
 * by at least a byte or a state.  NULL is a failure. */
const char *parse_table_read(struct parse_table_reading *r, const char *at,
	const char *end, bool *is_whole, struct err *e);

#endif
