#include "server/history/segment.h"

#include "common/crc32c.h"
#include "server/history/varint.h"

#include <endian.h>
#include <inttypes.h>
#include <string.h>

void segment_put(struct buf *out, const struct segment_column *columns, size_t count)
{
	size_t start = out->length;
	int32_t before = 0;
	buf_byte(out, SEGMENT_VERSION);
	varint_put(out, count);
	for (size_t i = 0; i < count; i++) {
		BUG_ON(columns[i].subject <= before);
		varint_put(out, (uint64_t)(columns[i].subject - before));
		varint_put(out, columns[i].length);
		before = columns[i].subject;
	}
	uint32_t crc = htole32(crc32c(0, out->data + start, out->length - start));
	buf_append(out, &crc, sizeof crc);
	for (size_t i = 0; i < count; i++)
		buf_append(out, columns[i].bytes, columns[i].length);
}

/* Nothing in a directory is larger than 31 bits. */
static bool segment_take(const uint8_t **at, const uint8_t *end, int32_t *out)
{
	uint64_t value;
	if (!varint_take(at, end, &value) || value > INT32_MAX)
		return false;
	*out = (int32_t)value;
	return true;
}

/* Whether subjects rise and columns fill what follows the checksum exactly; *at ends
 * behind the entries. */
static bool segment_check_directory(
	const uint8_t **at, const uint8_t *end, uint64_t count, struct err *e)
{
	int32_t subject = 0, step, length;
	uint64_t all = 0;
	for (uint64_t i = 0; i < count; i++) {
		if (!segment_take(at, end, &step) || !segment_take(at, end, &length))
			return err_set(
				e, ERR_INPUT, "segment: the directory is cut off");
		if (step == 0 || __builtin_add_overflow(subject, step, &subject))
			return err_set(e, ERR_INPUT, "segment: subjects do not rise");
		all += (uint64_t)length;
	}
	if ((uint64_t)(end - *at) != all + sizeof(uint32_t))
		return err_set(e, ERR_INPUT,
			"segment: %td bytes behind the directory instead of %" PRIu64,
			end - *at, all + sizeof(uint32_t));
	return true;
}

bool segment_open(
	struct segment_reader *r, const void *bytes, size_t length, struct err *e)
{
	const uint8_t *start = bytes, *at = start, *end = at + length, *directory;
	uint64_t count;
	uint32_t crc;
	*r = (struct segment_reader){0};
	if (length < 2 + sizeof crc)
		return err_set(e, ERR_INPUT, "segment: %zu bytes are too few", length);
	if (*at != SEGMENT_VERSION)
		return err_set(e, ERR_INPUT, "segment: version %d is not known", *at);
	at++;
	if (!varint_take(&at, end, &count))
		return err_set(e, ERR_INPUT, "segment: the count is damaged");
	directory = at;
	if (!segment_check_directory(&at, end, count, e))
		return false;
	memcpy(&crc, at, sizeof crc);
	if (crc32c(0, start, (size_t)(at - start)) != le32toh(crc))
		return err_set(e, ERR_INPUT, "segment: the checksum is wrong");
	*r = (struct segment_reader){.directory = directory,
		.column = at + sizeof crc,
		.end = end,
		.left = count};
	return true;
}

bool segment_next(struct segment_reader *r, struct segment_column *out, bool *found,
	struct err *e)
{
	int32_t step, length;
	*found = r->left > 0;
	if (!*found)
		return true;
	/* Only bytes that changed since segment_open can fail here. */
	if (!segment_take(&r->directory, r->end, &step) ||
		!segment_take(&r->directory, r->end, &length) ||
		__builtin_add_overflow(r->subject, step, &r->subject) ||
		length > r->end - r->column)
		return err_set(e, ERR_INPUT, "segment: the directory is damaged");
	*out = (struct segment_column){r->subject, r->column, (size_t)length};
	r->column += length;
	r->left--;
	return true;
}
