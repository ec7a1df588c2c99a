#include "server/history/segment.h"

static void segment_put_varint(struct buf *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		buf_byte(out, (char)(value | 0x80));
	buf_byte(out, (char)value);
}

void segment_put(struct buf *out, const struct segment_column *columns, size_t count)
{
	int32_t before = 0;
	buf_byte(out, SEGMENT_VERSION);
	segment_put_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		BUG_ON(columns[i].subject <= before);
		segment_put_varint(out, (uint64_t)(columns[i].subject - before));
		segment_put_varint(out, columns[i].length);
		before = columns[i].subject;
	}
	for (size_t i = 0; i < count; i++)
		buf_append(out, columns[i].bytes, columns[i].length);
}

/* A varint of at most 32 bits: nothing in a directory is larger. */
static bool segment_take_varint(const uint8_t **at, const uint8_t *end, uint32_t *out)
{
	uint64_t value = 0;
	for (int shift = 0; shift < 35 && *at < end; shift += 7) {
		uint8_t byte = *(*at)++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		*out = (uint32_t)value;
		return value <= INT32_MAX;
	}
	return false;
}

/* Where the columns begin: behind a directory of `count` entries. */
static const uint8_t *segment_skip_directory(
	const uint8_t *at, const uint8_t *end, uint32_t count)
{
	uint32_t ignored;
	for (uint64_t i = 0; i < 2 * (uint64_t)count; i++)
		if (!segment_take_varint(&at, end, &ignored))
			return NULL;
	return at;
}

bool segment_open(
	struct segment_reader *r, const void *bytes, size_t length, struct err *e)
{
	const uint8_t *at = bytes, *end = at + length;
	uint32_t count;
	*r = (struct segment_reader){0};
	if (length < 2)
		return err_set(e, ERR_INPUT, "segment: %zu bytes are too few", length);
	if (*at != SEGMENT_VERSION)
		return err_set(e, ERR_INPUT, "segment: version %d is not known", *at);
	at++;
	if (!segment_take_varint(&at, end, &count))
		return err_set(e, ERR_INPUT, "segment: the count is damaged");
	*r = (struct segment_reader){.directory = at, .end = end, .left = count};
	r->column = segment_skip_directory(at, end, count);
	if (!r->column)
		return err_set(e, ERR_INPUT, "segment: the directory is cut off");
	return true;
}

bool segment_next(struct segment_reader *r, struct segment_column *out, bool *found,
	struct err *e)
{
	uint32_t step = 0, length = 0;
	*found = r->left > 0;
	if (!*found)
		return r->column == r->end ||
		       err_set(e, ERR_INPUT, "segment: bytes follow the last column");
	if (!segment_take_varint(&r->directory, r->end, &step) ||
		!segment_take_varint(&r->directory, r->end, &length))
		return err_set(e, ERR_INPUT, "segment: the directory is cut off");
	if (step == 0 || __builtin_add_overflow(r->subject, (int32_t)step, &r->subject))
		return err_set(e, ERR_INPUT, "segment: subjects do not rise");
	if (length > (size_t)(r->end - r->column))
		return err_set(e, ERR_INPUT, "segment: the column of %d is cut off",
			r->subject);
	*out = (struct segment_column){r->subject, r->column, length};
	r->column += length;
	r->left--;
	return true;
}
