/*
 * Format: the bytes of a segment file.
 *
 *     header, 64 bytes:  magic "TMSPOOL\1" | version u32 | crc32c u32 | epoch u64 |
 *                        first u64 | follows u64 | size u64 | zeros
 *     records, each at a multiple of 8:
 *                        length u32 | crc32c u32 | sequence u64 | time u64 | flags u64
 * | [losses, when flagged] | payload | zeros up to a multiple of 8 zeros up to `size`
 *
 * Numbers are little-endian.  `length` counts losses and payload.  A record's checksum
 * starts from the epoch and covers all of the record but itself, so that a record
 * of another spool is never taken for one of this.  `first` is the sequence of the
 * first record; `follows` the newest one before it (sequences may jump in between).
 *
 * Pure; trusts nothing that it reads.
 */
#ifndef TIDEMARK_AGENT_SPOOL_FORMAT_H
#define TIDEMARK_AGENT_SPOOL_FORMAT_H

#include "agent/spool_losses.h"
#include "common/buf.h"
#include "schema/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPOOL_FORMAT_HEADER_BYTES = 64,
	SPOOL_FORMAT_RECORD_BYTES = 32, /* without losses and payload */
	SPOOL_FORMAT_PAYLOAD_MAX = WIRE_FRAME_BYTES_MAX - WIRE_UPLOAD_OVERHEAD_BYTES,
	SPOOL_FORMAT_SMALLEST = 40, /* a record with a payload of one byte */
	SPOOL_FORMAT_SEGMENT_MAX = 4 << 20,
};

struct spool_header {
	uint64_t epoch, first, follows, size;
};

struct spool_record {
	uint64_t sequence;
	int64_t time_ms;
	size_t offset;         /* of the record in the segment */
	size_t size;           /* of the record, padding included */
	size_t payload_offset; /* from the record's start */
	size_t payload_length;
	bool has_losses; /* SPOOL_LOSSES_BYTES of them, before the payload */
};

/* Which sequences can be in a segment: above `after`, below `limit`. */
struct spool_bounds {
	uint64_t epoch, after, limit;
};

void spool_format_put_header(
	const struct spool_header *h, uint8_t bytes[SPOOL_FORMAT_HEADER_BYTES]);
bool spool_format_get_header(
	const uint8_t *bytes, size_t length, struct spool_header *out);

/* Bytes that a record takes. */
size_t spool_format_record_size(size_t payload_length, bool has_losses);

/* Replaces the content of `out` by one record.  `losses` may be NULL. */
void spool_format_put_record(const struct spool_record *r, uint64_t epoch,
	const struct spool_losses *losses, const void *payload, struct buf *out);

/* The record at the start of the bytes; false when there is no whole one that is
 * undamaged and within the bounds.  Does not set out->offset. */
bool spool_format_get_record(const uint8_t *bytes, size_t length,
	const struct spool_bounds *bounds, struct spool_record *out);

/* The next whole record at or after *offset, which moves behind it.  False: none up
 * to the end; *offset then stays. */
bool spool_format_next(const uint8_t *bytes, size_t length, size_t *offset,
	const struct spool_bounds *bounds, struct spool_record *out);

#endif
