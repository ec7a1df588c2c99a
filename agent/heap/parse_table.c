#include "agent/heap/parse_table.h"

#include "agent/heap/parse_byte.h"

#include <endian.h>
#include <string.h>

enum {
	PARSE_TABLE_DIGITS_MAX = 19,  /* that 64 bits hold */
	PARSE_TABLE_QUICK_BYTES = 24, /* enough for a number and what follows it */
};

void parse_table_open(struct parse_table_reading *r, unsigned fields,
	const struct parse_table_sink *sink)
{
	r->sink = *sink;
	r->state = PARSE_TABLE_FIRST;
	r->fields = fields;
	r->count = 0;
}

/* Hands over the whole rows; the beginning of one stays. */
static bool parse_table_flush(struct parse_table_reading *r, struct err *e)
{
	size_t whole = r->count / r->fields * r->fields;
	if (whole && !r->sink.rows(r->sink.context, r->block, whole, e))
		return false;
	r->count -= whole;
	memmove(r->block, r->block + whole, r->count * sizeof *r->block);
	return true;
}

static const char *parse_table_close(
	struct parse_table_reading *r, const char *at, bool *is_whole, struct err *e)
{
	if (!parse_table_flush(r, e))
		return NULL;
	if (r->count) {
		err_set(e, ERR_INPUT, "ends within a row: %zu of %u fields", r->count,
			r->fields);
		return NULL;
	}
	*is_whole = true;
	return at + 1;
}

static const char *parse_table_start(
	struct parse_table_reading *r, const char *at, bool *is_whole, struct err *e)
{
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at == ']' && r->state == PARSE_TABLE_FIRST)
		return parse_table_close(r, at, is_whole, e);
	if (*at < '0' || *at > '9')
		return parse_byte_unexpected(at, "a number", e);
	r->number = 0;
	r->digits = 0;
	r->state = PARSE_TABLE_DIGITS;
	return at;
}

/* The number that eight digits make, each a byte of its own, the first the lowest:
 * pairs, then fours, then all, each step in one multiplication for all of its pieces.
 */
static inline uint64_t parse_table_eight(uint64_t digits)
{
	const uint64_t every_other = UINT64_C(0x000000ff000000ff);
	uint64_t pairs = digits * 10 + (digits >> 8);
	return ((pairs & every_other) * UINT64_C(0x000f424000000064) +
		       (pairs >> 16 & every_other) * UINT64_C(0x0000271000000001)) >>
	       32;
}

/* From the ninth digit on. */
static size_t parse_table_long(const char *at, size_t length, uint64_t *number)
{
	unsigned digit;
	while ((digit = (unsigned)(unsigned char)at[length] - '0') <= 9) {
		*number = *number * 10 + digit;
		if (++length > PARSE_TABLE_DIGITS_MAX)
			return 0;
	}
	return length;
}

/* The digits at `at`, behind which something else comes; how many, 0 for too many.
 * Looked at eight at a time: where they end is hard to foresee. */
static inline size_t parse_table_number(const char *at, uint64_t *number)
{
	uint64_t text;
	*number = (unsigned)(unsigned char)at[0] - '0';
	if ((unsigned)(unsigned char)at[1] - '0' > 9)
		return *number <= 9;
	memcpy(&text, at, sizeof text);
	uint64_t digits = le64toh(text) ^ UINT64_C(0x3030303030303030);
	/* The highest bit of each byte that is no digit, up to the first at least. */
	uint64_t others = ((digits + UINT64_C(0x7676767676767676)) | digits) &
			  UINT64_C(0x8080808080808080);
	if (!others) {
		*number = parse_table_eight(digits);
		return parse_table_long(at, sizeof text, number);
	}
	unsigned length = (unsigned)__builtin_ctzll(others) / 8;
	if (length > 0)
		*number = parse_table_eight(digits << (64 - 8 * length));
	return length;
}

/* As many numbers as the bytes and the block have room for, each with its comma, or a
 * newline and its comma; stops before anything else. */
static const char *parse_table_quick(
	struct parse_table_reading *r, const char *at, const char *end)
{
	uint64_t *out = r->block + r->count, *full = r->block + PARSE_TABLE_BLOCK;
	const char *last = end - PARSE_TABLE_QUICK_BYTES;
	while (at < last && out < full) {
		size_t length = parse_table_number(at, out);
		const char *next = at + length;
		if (length == 0)
			break;
		/* A jump that follows the rows, and not a sum that all waits for. */
		if (*next != ',' && (*next != '\n' || *++next != ','))
			break;
		out++;
		at = next + 1;
	}
	r->count = (size_t)(out - r->block);
	return at;
}

static const char *parse_table_digits(
	struct parse_table_reading *r, const char *at, const char *end, struct err *e)
{
	while (at < end && *at >= '0' && *at <= '9') {
		if (++r->digits > PARSE_TABLE_DIGITS_MAX) {
			err_set(e, ERR_INPUT, "a number of more than %d digits",
				PARSE_TABLE_DIGITS_MAX);
			return NULL;
		}
		r->number = r->number * 10 + (unsigned)(*at++ - '0');
	}
	if (at == end)
		return at;
	r->block[r->count++] = r->number;
	if (r->count == PARSE_TABLE_BLOCK && !parse_table_flush(r, e))
		return NULL;
	r->state = PARSE_TABLE_COMMA;
	return at;
}

static const char *parse_table_comma(struct parse_table_reading *r, const char *at,
	const char *end, bool *is_whole, struct err *e)
{
	if (parse_byte_is_space(*at))
		return at + 1;
	if (*at == ']')
		return parse_table_close(r, at, is_whole, e);
	if (*at != ',')
		return parse_byte_unexpected(at, "',' or ']'", e);
	r->state = PARSE_TABLE_NEXT;
	at++;
	while (end - at > PARSE_TABLE_QUICK_BYTES) {
		const char *before = at;
		at = parse_table_quick(r, at, end);
		if (r->count == PARSE_TABLE_BLOCK && !parse_table_flush(r, e))
			return NULL;
		if (at == before)
			break;
	}
	return at;
}

const char *parse_table_read(struct parse_table_reading *r, const char *at,
	const char *end, bool *is_whole, struct err *e)
{
	*is_whole = false;
	if (at == end)
		return at;
	switch (r->state) {
	case PARSE_TABLE_DIGITS:
		return parse_table_digits(r, at, end, e);
	case PARSE_TABLE_COMMA:
		return parse_table_comma(r, at, end, is_whole, e);
	default:
		return parse_table_start(r, at, is_whole, e);
	}
}
