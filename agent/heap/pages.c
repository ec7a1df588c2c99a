#include "agent/heap/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* From here on large pages are worth asking for: the steps jump about. */
#define PAGES_LARGE_BYTES ((size_t)4 << 20)

enum {
	PAGES_FIRST_ITEMS = 1 << 16,
	/* Sizes are rounded up to it, so that spares fit whoever needs an item more.
	 * What is not touched costs nothing; it is a multiple of any page. */
	PAGES_STEP_BYTES = 64 << 10,
};

#ifdef __SANITIZE_ADDRESS__
#define PAGES_GUARDED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PAGES_GUARDED true
#endif
#endif
#ifndef PAGES_GUARDED
#define PAGES_GUARDED false
#endif

static size_t pages_round(size_t size_bytes)
{
	return (size_bytes + PAGES_STEP_BYTES - 1) & ~(size_t)(PAGES_STEP_BYTES - 1);
}

/* The address sanitizer sees what is beside a block of malloc, not beside a mapping. */
static void *pages_resize_guarded(struct pages *p, size_t size_bytes)
{
	char *data = realloc(p->data, size_bytes);
	if (data && size_bytes > p->size_bytes)
		memset(data + p->size_bytes, 0, size_bytes - p->size_bytes);
	return data;
}

static void *pages_resize_mapped(struct pages *p, size_t size_bytes)
{
	void *data;
	if (p->data)
		data = mremap(p->data, p->size_bytes, size_bytes, MREMAP_MAYMOVE);
	else
		data = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (data == MAP_FAILED)
		return NULL;
	if (size_bytes >= PAGES_LARGE_BYTES)
		madvise(data, size_bytes, MADV_HUGEPAGE);
	return data;
}

void pages_finish(struct pages *p)
{
	if (PAGES_GUARDED)
		free(p->data);
	else if (p->data)
		munmap(p->data, p->size_bytes);
	*p = (struct pages){0};
}

bool pages_resize(struct pages *p, uint64_t count, size_t item_bytes, struct err *e)
{
	size_t size_bytes;
	if (__builtin_mul_overflow(count, item_bytes, &size_bytes))
		return err_set(e, ERR_BUSY, "out of memory");
	if (!PAGES_GUARDED && size_bytes <= SIZE_MAX - PAGES_STEP_BYTES)
		size_bytes = pages_round(size_bytes);
	if (size_bytes == p->size_bytes)
		return true;
	if (size_bytes == 0) {
		pages_finish(p);
		return true;
	}
	void *data = PAGES_GUARDED ? pages_resize_guarded(p, size_bytes)
				   : pages_resize_mapped(p, size_bytes);
	if (!data)
		return err_set(e, ERR_BUSY, "out of memory: no %zu bytes in one piece",
			size_bytes);
	p->data = data;
	p->size_bytes = size_bytes;
	return true;
}

bool pages_reserve(struct pages *p, uint64_t count, uint64_t expected,
	size_t item_bytes, struct err *e)
{
	uint64_t have = p->size_bytes / item_bytes;
	if (count <= have)
		return true;
	uint64_t next = have ? have * 2 : PAGES_FIRST_ITEMS;
	if (next > expected)
		next = expected;
	if (next < count)
		next = count > have * 2 ? count : have * 2;
	return pages_resize(p, next, item_bytes, e);
}

bool pages_borrow(struct pages *p, struct pages_spares *s, uint64_t count,
	size_t item_bytes, struct err *e)
{
	for (size_t i = 0; i < PAGES_SPARES; i++) {
		struct pages *piece = &s->pieces[i];
		if (piece->data && piece->size_bytes / item_bytes >= count) {
			*p = *piece;
			*piece = (struct pages){0};
			return true;
		}
	}
	return pages_resize(p, count, item_bytes, e);
}

void pages_give(struct pages *p, struct pages_spares *s)
{
	for (size_t i = 0; i < PAGES_SPARES; i++) {
		if (!s->pieces[i].data) {
			s->pieces[i] = *p;
			*p = (struct pages){0};
			return;
		}
	}
	pages_finish(p);
}

bool pages_give_rest(struct pages *p, struct pages_spares *s, uint64_t count,
	size_t item_bytes, struct err *e)
{
	size_t piece_bytes = pages_round(count * item_bytes);
	/* A mapping may be taken apart, a block of malloc may not. */
	while (!PAGES_GUARDED && p->size_bytes >= 2 * piece_bytes) {
		p->size_bytes -= piece_bytes;
		struct pages piece = {(char *)p->data + p->size_bytes, piece_bytes};
		pages_give(&piece, s);
	}
	return pages_resize(p, count, item_bytes, e);
}

void pages_finish_spares(struct pages_spares *s)
{
	for (size_t i = 0; i < PAGES_SPARES; i++)
		pages_finish(&s->pieces[i]);
}
