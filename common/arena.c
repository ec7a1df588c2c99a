#include "common/arena.h"

#include "common/err.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer all of a chunk is poisoned but what was handed out, with a
 * gap behind each piece, so that a step beyond one is seen as with malloc. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SANITIZED 1
#endif
#endif
#ifdef ARENA_SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ARENA_SANITIZED                                0
#define ASAN_POISON_MEMORY_REGION(start, size_bytes)   ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(start, size_bytes) ((void)0)
#endif

enum { ARENA_CHUNK_BYTES = 64 * 1024, ARENA_GAP_BYTES = ARENA_SANITIZED ? 16 : 0 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size_bytes;
	alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

static void arena_free_chunks(struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *next = chunk->next;
		ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->size_bytes);
		free(chunk);
		chunk = next;
	}
}

void arena_finish(struct arena *a)
{
	arena_free_chunks(a->chunks);
	arena_init(a);
}

void arena_keep(struct arena *a, size_t bytes)
{
	a->keep_bytes = bytes;
}

/* How large a chunk is at least, and the largest that a reset keeps. */
static size_t arena_usual_bytes(const struct arena *a)
{
	return a->keep_bytes > ARENA_CHUNK_BYTES ? a->keep_bytes : ARENA_CHUNK_BYTES;
}

void arena_reset(struct arena *a)
{
	if (a->chunks && a->chunks->size_bytes > arena_usual_bytes(a)) {
		size_t keep_bytes = a->keep_bytes;
		arena_finish(a);
		a->keep_bytes = keep_bytes;
		return;
	}
	if (a->chunks) {
		arena_free_chunks(a->chunks->next);
		a->chunks->next = NULL;
		ASAN_POISON_MEMORY_REGION(a->chunks->data, a->chunks->size_bytes);
	}
	a->used_bytes = 0;
	a->total_bytes = 0;
}

static void arena_grow(struct arena *a, size_t need_bytes)
{
	size_t usual = arena_usual_bytes(a);
	size_t size = need_bytes > usual ? need_bytes : usual;
	struct arena_chunk *chunk = malloc(sizeof *chunk + size);
	BUG_ON(!chunk);
	chunk->next = a->chunks;
	chunk->size_bytes = size;
	ASAN_POISON_MEMORY_REGION(chunk->data, size);
	a->chunks = chunk;
	a->used_bytes = 0;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
	BUG_ON(size_bytes > SIZE_MAX / 2);
	size_t align = alignof(max_align_t);
	size_t need = (size_bytes + align - 1) / align * align + ARENA_GAP_BYTES;
	if (!a->chunks || a->chunks->size_bytes - a->used_bytes < need)
		arena_grow(a, need);
	void *start = a->chunks->data + a->used_bytes;
	ASAN_UNPOISON_MEMORY_REGION(start, size_bytes);
	a->used_bytes += need;
	a->total_bytes += need;
	return memset(start, 0, size_bytes);
}

void *arena_array(struct arena *a, size_t count, size_t size_bytes)
{
	size_t total;
	BUG_ON(__builtin_mul_overflow(count, size_bytes, &total));
	return arena_alloc(a, total);
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *arena_strndup(struct arena *a, const char *text, size_t length)
{
	char *copy = arena_alloc(a, length + 1);
	memcpy(copy, text, length);
	return copy;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	BUG_ON(length < 0);
	char *text = arena_alloc(a, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
