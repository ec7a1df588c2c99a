/*
 * Arena: memory that is given back all at once.
 *
 * One arena per batch, request or analysis run.  The caller owns it; everything
 * allocated from it lives until arena_reset or arena_finish.  Allocation never
 * fails: running out of memory aborts.  Not for use by two threads at once.
 */
#ifndef TIDEMARK_COMMON_ARENA_H
#define TIDEMARK_COMMON_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used_bytes;          /* in the newest chunk */
	size_t total_bytes;         /* handed out since the last reset */
	size_t keep_bytes;          /* see arena_keep */
};

void arena_init(struct arena *a);
void arena_finish(struct arena *a);

/* Forgets everything, keeping one chunk for the next round. */
void arena_reset(struct arena *a);

/* From now on a reset keeps a chunk of so many bytes: for rounds that need about that
 * much each, so that they take it from the system once. */
void arena_keep(struct arena *a, size_t bytes);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size_bytes);

/* Room for count zeroed items of size_bytes; overflow aborts. */
void *arena_array(struct arena *a, size_t count, size_t size_bytes);

char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t length);
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
