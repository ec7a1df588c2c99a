/*
 * Source: the bytes of a file, unpacked when they are gzip or zstd.
 *
 * What they are is seen from their first bytes, not from a name.  Members or frames
 * that follow one another are one stream; one that is cut or damaged is ERR_INPUT.
 *
 * The caller owns the source; the sink's context is its own.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_SOURCE_H
#define TIDEMARK_AGENT_HEAP_SOURCE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct source_sink {
	bool (*bytes)(void *context, const void *bytes, size_t length, struct err *e);
	void *context;
};

struct source;

struct source *source_create(const struct source_sink *sink);
void source_destroy(struct source *s);

bool source_feed(struct source *s, const void *bytes, size_t length, struct err *e);

/* No more bytes come. */
bool source_end(struct source *s, struct err *e);

/* All of an open file or pipe, through its end.  ERR_IO when reading fails. */
bool source_read(int fd, const struct source_sink *sink, struct err *e);

#endif
