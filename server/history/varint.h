/*
 * Varint: whole numbers of few bytes, seven bits in each, the lowest first; the eighth
 * bit says that another follows.  For server/history.
 *
 * varint_write wants VARINT_BYTES_MAX bytes of room and returns the end.  varint_take
 * moves *at on and is false when the number is cut off or larger than 64 bits.
 */
#ifndef TIDEMARK_SERVER_HISTORY_VARINT_H
#define TIDEMARK_SERVER_HISTORY_VARINT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { VARINT_BYTES_MAX = 10 };

static inline uint8_t *varint_write(uint8_t *at, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	return at;
}

static inline void varint_put(struct buf *out, uint64_t value)
{
	uint8_t bytes[VARINT_BYTES_MAX];
	buf_append(out, bytes, (size_t)(varint_write(bytes, value) - bytes));
}

static inline bool varint_take(const uint8_t **at, const uint8_t *end, uint64_t *out)
{
	uint64_t value = 0;
	const uint8_t *p = *at;
	for (unsigned shift = 0; shift < 64 && p < end; shift += 7) {
		uint64_t byte = *p++;
		value |= (byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (shift == 63 && byte > 1)
			return false;
		*out = value;
		*at = p;
		return true;
	}
	return false;
}

/* Signed as unsigned, small of either sign first: 0, -1, 1, -2, 2, ... */
static inline uint64_t varint_zigzag(uint64_t value)
{
	return (value << 1) ^ (uint64_t)((int64_t)value >> 63);
}

static inline uint64_t varint_unzigzag(uint64_t value)
{
	return (value >> 1) ^ -(value & 1);
}

#endif
