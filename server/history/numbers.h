/*
 * Numbers: a row of signed numbers as varints, with runs of equal ones as one.  The
 * inner part of column.h.
 *
 * A literal is varint(zigzag(number) + 1).  A 0 says that the number before (at the
 * beginning: 0) comes NUMBERS_RUN_MIN + varint more times.
 *
 * Numbers are given as uint64_t that wrap around: those of 64 bits and their
 * differences are all alike.  Pure.
 */
#ifndef TIDEMARK_SERVER_HISTORY_NUMBERS_H
#define TIDEMARK_SERVER_HISTORY_NUMBERS_H

#include "server/history/varint.h"

#include <stddef.h>

enum { NUMBERS_RUN_MIN = 3 }; /* fewer are as short one by one */

/* Writes the differences of `count` + 1 values, less `usual`, over `unit`, which
 * divides them all.  `at` has room for count * VARINT_BYTES_MAX bytes.  Returns the
 * end. */
uint8_t *numbers_write(uint8_t *at, const int64_t *values, size_t count, uint64_t usual,
	uint64_t unit);

/* Reads `count` of them; values[0] is given.  False: damaged, or cut off. */
bool numbers_take(const uint8_t **at, const uint8_t *end, int64_t *values, size_t count,
	uint64_t usual, uint64_t unit);

/* The greatest common divisor of the differences of `count` values; 0: all are equal.
 */
uint64_t numbers_unit(const int64_t *values, size_t count);

#endif
