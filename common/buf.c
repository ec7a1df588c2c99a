#include "common/buf.h"

#include "common/err.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_finish(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}

void buf_reset(struct buf *b)
{
	b->length = 0;
	if (b->data)
		b->data[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t more)
{
	size_t need;
	BUG_ON(__builtin_add_overflow(b->length, more, &need) ||
		__builtin_add_overflow(need, 1, &need));
	if (need > b->capacity) {
		size_t capacity = b->capacity ? b->capacity : 256;
		while (capacity < need)
			BUG_ON(__builtin_mul_overflow(capacity, 2, &capacity));
		b->data = realloc(b->data, capacity);
		BUG_ON(!b->data);
		b->capacity = capacity;
	}
	return b->data + b->length;
}

void buf_append(struct buf *b, const void *bytes, size_t length)
{
	char *end = buf_reserve(b, length);
	if (length)
		memcpy(end, bytes, length);
	b->length += length;
	b->data[b->length] = '\0';
}

void buf_text(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

void buf_byte(struct buf *b, char byte)
{
	buf_append(b, &byte, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	BUG_ON(length < 0);
	vsnprintf(buf_reserve(b, (size_t)length), (size_t)length + 1, format, again);
	va_end(again);
	b->length += (size_t)length;
}

void buf_be16(struct buf *b, uint16_t value)
{
	value = htobe16(value);
	buf_append(b, &value, sizeof value);
}

void buf_be32(struct buf *b, uint32_t value)
{
	value = htobe32(value);
	buf_append(b, &value, sizeof value);
}

void buf_be64(struct buf *b, uint64_t value)
{
	value = htobe64(value);
	buf_append(b, &value, sizeof value);
}
