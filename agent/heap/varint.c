#include "agent/heap/varint.h"

void varint_put(struct buf *out, uint64_t value)
{
	char *at = buf_reserve(out, 10);
	size_t length = 0;
	for (; value > 0x7f; value >>= 7)
		at[length++] = (char)(value | 0x80);
	at[length++] = (char)value;
	out->length += length;
}

uint64_t varint_get(struct varint_reader *r)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64 && r->at < r->length; shift += 7) {
		uint8_t byte = r->bytes[r->at++];
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	r->has_failed = true;
	r->at = r->length;
	return 0;
}

const void *varint_bytes(struct varint_reader *r, uint64_t length)
{
	if (r->has_failed || length > r->length - r->at) {
		r->has_failed = true;
		r->at = r->length;
		return NULL;
	}
	const void *bytes = r->bytes + r->at;
	r->at += length;
	return bytes;
}

uint64_t varint_count(struct varint_reader *r, size_t item_bytes)
{
	uint64_t count = varint_get(r);
	if (count <= (r->length - r->at) / item_bytes)
		return count;
	r->has_failed = true;
	r->at = r->length;
	return 0;
}
