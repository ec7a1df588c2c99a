/*
 * Parse: a push parser for heap snapshots, byte by byte as they come.
 *
 * Knows the order of the sections, turns numbers into whole rows and strings into
 * UTF-8, and hands them to a sink in blocks.  Holds no more than one block, one head
 * and the beginning of a row, whatever the file claims.
 *
 * Failures are ERR_INPUT "section nodes at byte 1234: what", also those of the sink;
 * after one every further call fails in the same way.  The sink's context belongs to
 * the caller.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_PARSE_H
#define TIDEMARK_AGENT_HEAP_PARSE_H

#include "agent/heap/meta.h"

enum parse_table { PARSE_NODES, PARSE_EDGES, PARSE_LOCATIONS, PARSE_TABLES };

struct parse_sink {
	/* The head; then the rows of each table as its fields stand in the file,
	 * `count` a multiple of their number.  Without rows[EDGES] the section is
	 * skipped. */
	bool (*head)(void *context, const struct meta *meta, struct err *e);
	bool (*rows[PARSE_TABLES])(
		void *context, const uint64_t *values, size_t count, struct err *e);

	/* A table is complete (absent locations: none), before the next section. */
	bool (*table_end)(void *context, enum parse_table table, struct err *e);

	/* Before the first string; whether one is wanted; its bytes in pieces; its end.
	 */
	bool (*strings_start)(void *context, struct err *e);
	bool (*string_wanted)(void *context, uint64_t index);
	bool (*string_bytes)(
		void *context, const char *utf8, size_t length, struct err *e);
	bool (*string_end)(void *context, struct err *e);

	/* All strings were there. */
	bool (*strings_end)(void *context, uint64_t count, struct err *e);
};

struct parse;

struct parse *parse_create(const struct parse_sink *sink, void *context);
void parse_destroy(struct parse *p);

/* Edges are to be counted and skipped; from head() only. */
void parse_skip_edges(struct parse *p);

bool parse_feed(struct parse *p, const void *bytes, size_t length, struct err *e);

/* No more bytes come: the document must be whole. */
bool parse_end(struct parse *p, struct err *e);

uint64_t parse_bytes(const struct parse *p);

#endif
