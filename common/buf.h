/*
 * Buf: a growing row of bytes.
 *
 * The caller owns the struct; buf_finish frees the bytes.  `data` is always
 * followed by a NUL that `length` does not count, so text can be printed as it
 * is (data is NULL only before the first append).  Growth never fails: running
 * out of memory aborts.  A zeroed struct is an empty buf.
 */
#ifndef TIDEMARK_COMMON_BUF_H
#define TIDEMARK_COMMON_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t length;
	size_t capacity;
};

void buf_finish(struct buf *b);

/* Empties, keeping the memory. */
void buf_reset(struct buf *b);

/* Makes room for `more` bytes behind the end and returns their start; the caller
 * adds to `length` what it wrote. */
char *buf_reserve(struct buf *b, size_t more);

void buf_append(struct buf *b, const void *bytes, size_t length);
void buf_text(struct buf *b, const char *text);
void buf_byte(struct buf *b, char byte);
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Big-endian, as PostgreSQL's binary COPY wants them. */
void buf_be16(struct buf *b, uint16_t value);
void buf_be32(struct buf *b, uint32_t value);
void buf_be64(struct buf *b, uint64_t value);

#endif
