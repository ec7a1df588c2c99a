/*
 * Segment: columns (column.h) of many processes or hosts side by side in one stored
 * value.
 *
 *   byte 0    version (SEGMENT_VERSION)
 *   varint    how many columns
 *   for each  varint: its subject, less the one before; varint: bytes of its column
 *   4 bytes   CRC-32C of all before, little endian
 *   columns   one after the other, in the same order; each has its own checksum
 *
 * Subjects rise strictly.  Pure.  What is damaged gives ERR_INPUT.
 */
#ifndef TIDEMARK_SERVER_HISTORY_SEGMENT_H
#define TIDEMARK_SERVER_HISTORY_SEGMENT_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SEGMENT_VERSION = 1,
	SEGMENT_MS = 5 * 60 * 1000, /* the span of one */
	SEGMENT_HOSTS = 128,        /* in a block: host_id / SEGMENT_HOSTS */
	SEGMENT_TIMES = -1,         /* the metric's number of the column of times */
};

struct segment_column {
	int32_t subject; /* a generation, or a host */
	const void *bytes;
	size_t length;
};

void segment_put(struct buf *out, const struct segment_column *columns, size_t count);

/* Walks a stored segment in order; columns point into its bytes. */
struct segment_reader {
	const uint8_t *directory, *column, *end;
	size_t left;
	int32_t subject;
};
bool segment_open(
	struct segment_reader *r, const void *bytes, size_t length, struct err *e);

/* *found false: that was all. */
bool segment_next(struct segment_reader *r, struct segment_column *out, bool *found,
	struct err *e);

#endif
