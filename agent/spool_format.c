#include "agent/spool_format.h"

#include "agent/spool_bytes.h"
#include "common/crc32c.h"

#include <string.h>

enum {
	SPOOL_VERSION = 1,
	SPOOL_FLAG_LOSSES = 2, /* 1 was for losses with one reason less */
	SPOOL_ALIGN = 8,
};

static const char spool_magic[8] = "TMSPOOL\1";

static uint32_t spool_header_crc(const uint8_t *bytes)
{
	uint32_t crc = crc32c(0, bytes, 12);
	return crc32c(crc, bytes + 16, SPOOL_FORMAT_HEADER_BYTES - 16);
}

void spool_format_put_header(
	const struct spool_header *h, uint8_t bytes[SPOOL_FORMAT_HEADER_BYTES])
{
	memset(bytes, 0, SPOOL_FORMAT_HEADER_BYTES);
	memcpy(bytes, spool_magic, sizeof spool_magic);
	spool_bytes_put32(bytes + 8, SPOOL_VERSION);
	spool_bytes_put64(bytes + 16, h->epoch);
	spool_bytes_put64(bytes + 24, h->first);
	spool_bytes_put64(bytes + 32, h->follows);
	spool_bytes_put64(bytes + 40, h->size);
	spool_bytes_put32(bytes + 12, spool_header_crc(bytes));
}

bool spool_format_get_header(
	const uint8_t *bytes, size_t length, struct spool_header *out)
{
	if (length < SPOOL_FORMAT_HEADER_BYTES ||
		memcmp(bytes, spool_magic, sizeof spool_magic) != 0 ||
		spool_bytes_get32(bytes + 8) != SPOOL_VERSION ||
		spool_bytes_get32(bytes + 12) != spool_header_crc(bytes))
		return false;
	struct spool_header h = {
		.epoch = spool_bytes_get64(bytes + 16),
		.first = spool_bytes_get64(bytes + 24),
		.follows = spool_bytes_get64(bytes + 32),
		.size = spool_bytes_get64(bytes + 40),
	};
	if (h.epoch == 0 || h.follows >= h.first || h.first > INT64_MAX ||
		h.size > SPOOL_FORMAT_SEGMENT_MAX)
		return false;
	*out = h;
	return true;
}

static size_t spool_align(size_t size)
{
	return (size + SPOOL_ALIGN - 1) & ~(size_t)(SPOOL_ALIGN - 1);
}

size_t spool_format_record_size(size_t payload_length, bool has_losses)
{
	return spool_align(SPOOL_FORMAT_RECORD_BYTES +
			   (has_losses ? SPOOL_LOSSES_BYTES : 0) + payload_length);
}

static uint32_t spool_record_crc(const uint8_t *bytes, size_t size, uint64_t epoch)
{
	uint8_t seed[8];
	spool_bytes_put64(seed, epoch);
	uint32_t crc = crc32c(0, seed, sizeof seed);
	crc = crc32c(crc, bytes, 4);
	return crc32c(crc, bytes + 8, size - 8);
}

void spool_format_put_record(const struct spool_record *r, uint64_t epoch,
	const struct spool_losses *losses, const void *payload, struct buf *out)
{
	size_t size = spool_format_record_size(r->payload_length, losses != NULL);
	size_t head = SPOOL_FORMAT_RECORD_BYTES + (losses ? SPOOL_LOSSES_BYTES : 0);
	buf_reset(out);
	uint8_t *bytes = (uint8_t *)buf_reserve(out, size);
	memset(bytes, 0, size);
	spool_bytes_put32(bytes,
		(uint32_t)(head - SPOOL_FORMAT_RECORD_BYTES + r->payload_length));
	spool_bytes_put64(bytes + 8, r->sequence);
	spool_bytes_put64(bytes + 16, (uint64_t)r->time_ms);
	spool_bytes_put64(bytes + 24, losses ? SPOOL_FLAG_LOSSES : 0);
	if (losses)
		spool_losses_encode(losses, bytes + SPOOL_FORMAT_RECORD_BYTES);
	memcpy(bytes + head, payload, r->payload_length);
	spool_bytes_put32(bytes + 4, spool_record_crc(bytes, size, epoch));
	out->length = size;
}

bool spool_format_get_record(const uint8_t *bytes, size_t length,
	const struct spool_bounds *bounds, struct spool_record *out)
{
	if (length < SPOOL_FORMAT_RECORD_BYTES)
		return false;
	uint64_t sequence = spool_bytes_get64(bytes + 8);
	uint64_t flags = spool_bytes_get64(bytes + 24);
	size_t content = spool_bytes_get32(bytes);
	size_t losses = flags & SPOOL_FLAG_LOSSES ? SPOOL_LOSSES_BYTES : 0;
	if (sequence <= bounds->after || sequence >= bounds->limit ||
		flags & ~(uint64_t)SPOOL_FLAG_LOSSES || content <= losses ||
		content - losses > SPOOL_FORMAT_PAYLOAD_MAX)
		return false;
	/* The checksum covers the padding too. */
	size_t size = spool_format_record_size(content, false);
	if (size > length || spool_bytes_get32(bytes + 4) !=
				     spool_record_crc(bytes, size, bounds->epoch))
		return false;
	out->sequence = sequence;
	out->time_ms = (int64_t)spool_bytes_get64(bytes + 16);
	out->size = size;
	out->payload_offset = SPOOL_FORMAT_RECORD_BYTES + losses;
	out->payload_length = content - losses;
	out->has_losses = losses != 0;
	return true;
}

bool spool_format_next(const uint8_t *bytes, size_t length, size_t *offset,
	const struct spool_bounds *bounds, struct spool_record *out)
{
	for (size_t at = *offset; at < length; at += SPOOL_ALIGN) {
		if (!spool_format_get_record(bytes + at, length - at, bounds, out))
			continue;
		out->offset = at;
		*offset = at + out->size;
		return true;
	}
	return false;
}
