/*
 * Column: how cold values are kept.  One column is the times, or the values of one
 * metric at those times, of one process or host over some span.
 *
 * A stored column is
 *
 *   byte 0     version of the codec (COLUMN_VERSION)
 *   byte 1     0: times; 1: values; 128 more: the body is compressed
 *   varint     rows: how many times, or of how many times the values are
 *   varint     bytes of the body before compression
 *   body       docs/storage.md, "How readings are kept"
 *   4 bytes    CRC-32C of all before, little endian
 *
 * Times and values are kept by their steps (numbers.h): over the unit that divides them
 * all, less the usual one, as varints in which runs are one.  Which rows have a value
 * is a list of runs.  With `squeeze` the body goes through zstd when that makes it
 * smaller. Exact for every int64.
 *
 * Pure: no I/O.  Decoding trusts nothing: a damaged column gives ERR_INPUT that names
 * what is wrong, never a crash, and never more memory than COLUMN_ROWS_MAX rows.
 */
#ifndef TIDEMARK_SERVER_HISTORY_COLUMN_H
#define TIDEMARK_SERVER_HISTORY_COLUMN_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	COLUMN_VERSION = 1,
	COLUMN_ROWS_MAX = 1 << 20, /* a day of readings every 82 ms */
};

/* Appends the column of `count` times (Unix ms, strictly rising) to `out`. */
void column_put_times(
	struct buf *out, const int64_t *at_ms, size_t count, bool squeeze);

/* Appends the column of values; has[i]: row i has one.  `has` may be NULL: all have. */
void column_put_values(struct buf *out, const int64_t *values, const bool *has,
	size_t count, bool squeeze);

/* *at_ms lives in the arena. */
bool column_get_times(const void *bytes, size_t length, struct arena *a,
	int64_t **at_ms, size_t *count, struct err *e);

/* Values and presence of `count` rows, which must be as many as the column's.  Rows
 * without a value are 0.  Both live in the arena and are never NULL. */
bool column_get_values(const void *bytes, size_t length, struct arena *a, size_t count,
	int64_t **values, bool **has, struct err *e);

/* What a stored column says of itself: checks version, lengths and checksum, and does
 * not decode the body. */
struct column_head {
	bool is_times;
	size_t rows;
};
bool column_check(
	const void *bytes, size_t length, struct column_head *head, struct err *e);

#endif
