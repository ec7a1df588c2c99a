/*
 * Varint: numbers in as few bytes as they need, seven bits in each.
 *
 * Reading is sticky: beyond the end, or in a number of more than 64 bits, the reader
 * fails and gives zeros from then on.  Pure.
 */
#ifndef TIDEMARK_AGENT_HEAP_VARINT_H
#define TIDEMARK_AGENT_HEAP_VARINT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct varint_reader {
	const uint8_t *bytes;
	size_t length, at;
	bool has_failed;
};

void varint_put(struct buf *out, uint64_t value);
uint64_t varint_get(struct varint_reader *r);

/* The next `length` bytes, NULL when there are fewer. */
const void *varint_bytes(struct varint_reader *r, uint64_t length);

/* A number that says how many items of at least `item_bytes` follow: not more than
 * the bytes that are left can hold. */
uint64_t varint_count(struct varint_reader *r, size_t item_bytes);

#endif
