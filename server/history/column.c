#include "server/history/column.h"

#include "common/crc32c.h"
#include "server/history/numbers.h"
#include "server/history/squeeze.h"
#include "server/history/varint.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
	COLUMN_TIMES = 0,
	COLUMN_VALUES = 1,
	COLUMN_SQUEEZED = 0x80, /* added to the kind */
	COLUMN_CRC_BYTES = 4,
};

/* No body of so many rows is longer: what says so is damaged. */
static size_t column_body_max(size_t rows)
{
	/* Runs of rows have at most 2^20. */
	return numbers_bytes_max(rows) + 3 * (rows + 2);
}

/* split: as squeeze_put wants it; 0: the body stays as it is. */
static void column_put(
	struct buf *out, int kind, size_t rows, const struct buf *body, size_t split)
{
	struct buf squeezed = {0};
	size_t start = out->length;
	if (split && squeeze_put(&squeezed, body->data, split, body->length))
		kind |= COLUMN_SQUEEZED;
	buf_byte(out, COLUMN_VERSION);
	buf_byte(out, (char)kind);
	varint_put(out, rows);
	varint_put(out, body->length);
	if (kind & COLUMN_SQUEEZED)
		buf_append(out, squeezed.data, squeezed.length);
	else
		buf_append(out, body->data, body->length);
	uint32_t crc = htole32(crc32c(0, out->data + start, out->length - start));
	buf_append(out, &crc, sizeof crc);
	buf_finish(&squeezed);
}

void column_put_times(struct buf *out, const int64_t *at_ms, size_t count, bool squeeze)
{
	struct buf body = {0};
	const uint8_t *tails;
	BUG_ON(count > COLUMN_ROWS_MAX);
	for (size_t i = 1; i < count; i++)
		BUG_ON(at_ms[i] <= at_ms[i - 1]);
	uint8_t *start = (uint8_t *)buf_reserve(&body, column_body_max(count));
	uint8_t *end = numbers_write(start, at_ms, count, &tails);
	body.length = (size_t)(end - start);
	column_put(
		out, COLUMN_TIMES, count, &body, squeeze ? (size_t)(tails - start) : 0);
	buf_finish(&body);
}

/* How many rows from `from` on are as that one. */
static size_t column_presence_run(const bool *has, size_t count, size_t from)
{
	size_t i = from;
	while (i < count && has[i] == has[from])
		i++;
	return i - from;
}

/* Alternating lengths, the first of rows that have a value; 0 for "all have". */
static uint8_t *column_write_presence(uint8_t *at, const bool *has, size_t count)
{
	size_t runs = 0;
	if (!has || !memchr(has, false, count)) {
		*at++ = 0;
		return at;
	}
	for (size_t i = 0; i < count; i += column_presence_run(has, count, i))
		runs++;
	at = varint_write(at, runs + !has[0]);
	if (!has[0])
		*at++ = 0;
	for (size_t i = 0, run; i < count; i += run) {
		run = column_presence_run(has, count, i);
		at = varint_write(at, run);
	}
	return at;
}

/* The values of the rows that have one, side by side; free what is returned. */
static int64_t *column_present(
	const int64_t *values, const bool *has, size_t count, size_t *present)
{
	int64_t *dense = malloc((count + 1) * sizeof *dense);
	size_t n = 0;
	BUG_ON(!dense);
	for (size_t i = 0; i < count; i++) {
		dense[n] = values[i];
		n += has[i];
	}
	*present = n;
	return dense;
}

void column_put_values(struct buf *out, const int64_t *values, const bool *has,
	size_t count, bool squeeze)
{
	struct buf body = {0};
	const uint8_t *tails;
	int64_t *dense = NULL;
	size_t present = count;
	BUG_ON(count > COLUMN_ROWS_MAX);
	uint8_t *start = (uint8_t *)buf_reserve(&body, column_body_max(count));
	uint8_t *end = column_write_presence(start, has, count);
	if (*start != 0)
		dense = column_present(values, has, count, &present);
	end = numbers_write(end, dense ? dense : values, present, &tails);
	body.length = (size_t)(end - start);
	column_put(out, COLUMN_VALUES, count, &body,
		squeeze ? (size_t)(tails - start) : 0);
	buf_finish(&body);
	free(dense);
}

/* A stored column taken apart; `body` is still as it was stored. */
struct column_parts {
	int kind;
	bool squeezed;
	size_t rows, body_bytes, stored_bytes;
	const uint8_t *body;
};

static bool column_open(
	const void *bytes, size_t length, struct column_parts *parts, struct err *e)
{
	const uint8_t *at = bytes, *end = at + length;
	uint64_t rows, body_bytes;
	uint32_t crc;
	if (length < 4 + COLUMN_CRC_BYTES)
		return err_set(e, ERR_INPUT, "column: %zu bytes are too few", length);
	if (at[0] != COLUMN_VERSION)
		return err_set(e, ERR_INPUT, "column: version %d is not known", at[0]);
	end -= COLUMN_CRC_BYTES;
	memcpy(&crc, end, sizeof crc);
	if (crc32c(0, bytes, length - COLUMN_CRC_BYTES) != le32toh(crc))
		return err_set(e, ERR_INPUT, "column: the checksum is wrong");
	parts->kind = at[1] & ~COLUMN_SQUEEZED;
	parts->squeezed = at[1] & COLUMN_SQUEEZED;
	if (parts->kind != COLUMN_TIMES && parts->kind != COLUMN_VALUES)
		return err_set(e, ERR_INPUT, "column: kind %d is not known", at[1]);
	at += 2;
	if (!varint_take(&at, end, &rows) || rows > COLUMN_ROWS_MAX)
		return err_set(e, ERR_INPUT, "column: the count of rows is damaged");
	if (!varint_take(&at, end, &body_bytes) || body_bytes > column_body_max(rows))
		return err_set(e, ERR_INPUT, "column: the length is damaged");
	parts->rows = rows;
	parts->body_bytes = body_bytes;
	parts->body = at;
	parts->stored_bytes = (size_t)(end - at);
	if (!parts->squeezed && parts->stored_bytes != body_bytes)
		return err_set(e, ERR_INPUT, "column: %zu bytes instead of %zu",
			parts->stored_bytes, parts->body_bytes);
	return true;
}

static bool column_unsqueeze(struct column_parts *parts, struct arena *a, struct err *e)
{
	if (!parts->squeezed)
		return true;
	uint8_t *body = arena_alloc(a, parts->body_bytes);
	if (!squeeze_take(parts->body, parts->stored_bytes, body, parts->body_bytes, e))
		return err_wrap(e, "column");
	parts->body = body;
	return true;
}

static bool column_open_kind(const void *bytes, size_t length, int kind,
	struct column_parts *parts, struct err *e)
{
	if (!column_open(bytes, length, parts, e))
		return false;
	if (parts->kind != kind)
		return err_set(e, ERR_INPUT, "column: is not one of %s",
			kind == COLUMN_TIMES ? "times" : "values");
	return true;
}

static bool column_take_times(
	const struct column_parts *parts, int64_t *at_ms, struct err *e)
{
	const uint8_t *at = parts->body, *end = at + parts->body_bytes;
	if (!numbers_take(at, end, at_ms, parts->rows))
		return err_set(e, ERR_INPUT, "column: the times are damaged");
	for (size_t i = 1; i < parts->rows; i++)
		if (at_ms[i] <= at_ms[i - 1])
			return err_set(e, ERR_INPUT, "column: times do not rise");
	return true;
}

bool column_get_times(const void *bytes, size_t length, struct arena *a,
	int64_t **at_ms, size_t *count, struct err *e)
{
	struct column_parts parts = {0};
	if (!column_open_kind(bytes, length, COLUMN_TIMES, &parts, e) ||
		!column_unsqueeze(&parts, a, e))
		return false;
	int64_t *times = arena_array(a, parts.rows + 1, sizeof *times);
	if (!column_take_times(&parts, times, e))
		return false;
	*at_ms = times;
	*count = parts.rows;
	return true;
}

/* Sets has[], and *present to how many have a value. */
static bool column_take_presence(
	const uint8_t **at, const uint8_t *end, bool *has, size_t rows, size_t *present)
{
	uint64_t runs, run;
	size_t done = 0;
	bool value = true;
	*present = 0;
	if (!varint_take(at, end, &runs))
		return false;
	if (runs == 0) {
		memset(has, true, rows);
		*present = rows;
		return true;
	}
	for (uint64_t i = 0; i < runs; i++, value = !value) {
		if (!varint_take(at, end, &run) || run > rows - done || (i && !run))
			return false;
		memset(has + done, value, run);
		done += run;
		*present += value ? run : 0;
	}
	return done == rows;
}

/* Values side by side go to the rows that have one, from the end, so that none is lost;
 * rows without are 0. */
static void column_spread(int64_t *values, const bool *has, size_t rows, size_t present)
{
	for (size_t i = rows; i-- > 0 && present <= i;)
		values[i] = has[i] ? values[--present] : 0;
}

static bool column_take_values(
	const struct column_parts *parts, int64_t *values, bool *has, struct err *e)
{
	const uint8_t *at = parts->body, *end = at + parts->body_bytes;
	size_t present;
	if (!column_take_presence(&at, end, has, parts->rows, &present))
		return err_set(
			e, ERR_INPUT, "column: which rows have values is damaged");
	if (!numbers_take(at, end, values, present))
		return err_set(e, ERR_INPUT, "column: the values are damaged");
	column_spread(values, has, parts->rows, present);
	return true;
}

bool column_get_values(const void *bytes, size_t length, struct arena *a, size_t count,
	int64_t **values, bool **has, struct err *e)
{
	struct column_parts parts = {0};
	if (!column_open_kind(bytes, length, COLUMN_VALUES, &parts, e))
		return false;
	if (parts.rows != count)
		return err_set(e, ERR_INPUT, "column: %zu rows instead of %zu",
			parts.rows, count);
	if (!column_unsqueeze(&parts, a, e))
		return false;
	int64_t *numbers = arena_array(a, count + 1, sizeof *numbers);
	bool *present = arena_array(a, count + 1, sizeof *present);
	if (!column_take_values(&parts, numbers, present, e))
		return false;
	*values = numbers;
	*has = present;
	return true;
}

bool column_check(
	const void *bytes, size_t length, struct column_head *head, struct err *e)
{
	struct column_parts parts = {0};
	if (!column_open(bytes, length, &parts, e))
		return false;
	*head = (struct column_head){parts.kind == COLUMN_TIMES, parts.rows};
	return true;
}
