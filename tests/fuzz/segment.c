/* fuzzes: server_history */
#include "server/history/segment.h"

#include "common/crc32c.h"
#include "server/history/varint.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

static void fuzz_segment(const void *bytes, size_t length)
{
	struct segment_reader r;
	struct segment_column column, *columns = NULL;
	struct buf again = {0};
	struct err e;
	size_t count = 0;
	bool found;
	if (!segment_open(&r, bytes, length, &e)) {
		BUG_ON(e.kind != ERR_INPUT);
		return;
	}
	columns = calloc(r.left + 1, sizeof *columns);
	/* What was opened is read to its end. */
	for (;;) {
		BUG_ON(!segment_next(&r, &column, &found, &e));
		if (!found)
			break;
		columns[count++] = column;
	}
	segment_put(&again, columns, count);
	BUG_ON(again.length > length);
	buf_finish(&again);
	free(columns);
}

/* Where the checksum of the directory stands; 0: nowhere. */
static size_t fuzz_checksum_at(const uint8_t *bytes, size_t length)
{
	const uint8_t *at = bytes + 1, *end = bytes + length;
	uint64_t count, ignored;
	if (length < 6 || !varint_take(&at, end, &count))
		return 0;
	for (uint64_t i = 0; i < 2 * count && i < 2 * length; i++)
		if (!varint_take(&at, end, &ignored))
			return 0;
	return end - at >= 4 ? (size_t)(at - bytes) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_segment(bytes, length);
	/* The checksum stops nearly every change: also with one that fits. */
	size_t place = fuzz_checksum_at(bytes, length);
	if (place) {
		struct buf sealed = {0};
		uint32_t crc = htole32(crc32c(0, bytes, place));
		buf_append(&sealed, bytes, length);
		memcpy(sealed.data + place, &crc, sizeof crc);
		fuzz_segment(sealed.data, sealed.length);
		buf_finish(&sealed);
	}
	return 0;
}
