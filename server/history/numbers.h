/*
 * Numbers: a row of whole numbers by their steps, as bytes that zstd can do something
 * with.  The inner part of column.h; docs/storage.md says what comes where.
 *
 * Of each step from one number to the next, over the unit that divides all steps, less
 * the usual one, zigzag + 1 is a varint; 0 says that the step before comes some more
 * times.  The first bytes of these varints stand together, and so do the others: noise
 * has its own kind of first byte and of others.
 *
 * Steps wrap around as uint64_t: those of any two int64 are exact.  Pure.
 */
#ifndef TIDEMARK_SERVER_HISTORY_NUMBERS_H
#define TIDEMARK_SERVER_HISTORY_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes that `count` numbers take. */
size_t numbers_bytes_max(size_t count);

/* Writes them at `at`, which has room for numbers_bytes_max(count), and returns the
 * end. *tails: where the bytes begin that are not first bytes, the end if there are
 * none. */
uint8_t *numbers_write(
	uint8_t *at, const int64_t *values, size_t count, const uint8_t **tails);

/* Reads `count` numbers, which must fill [at, end) exactly; else they are damaged. */
bool numbers_take(const uint8_t *at, const uint8_t *end, int64_t *values, size_t count);

#endif
