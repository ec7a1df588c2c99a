/*
 * Wire inflate: one zstd frame to bytes, its size known and bounded beforehand.  Any
 * thread.  For schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_INFLATE_H
#define TIDEMARK_SCHEMA_WIRE_INFLATE_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_inflated {
	const uint8_t *bytes; /* in the arena */
	size_t length;
};

/* Refuses what is no frame, is cut off, has something behind it, or inflates to nothing
 * or to more than the maximum. */
bool wire_inflate(const void *bytes, size_t length, size_t maximum_bytes,
	struct arena *a, struct wire_inflated *out, struct err *e);

#endif
