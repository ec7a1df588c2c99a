/*
 * Sketch: quantiles of many numbers in a few bytes, that can be added up.
 *
 * Numbers are counted in buckets whose bounds grow by (1 + SKETCH_ERROR) / (1 -
 * SKETCH_ERROR), so that every quantile is right within that relative error
 * (Masson, Rim, Lee: DDSketch, VLDB 2019).  Numbers are whole; what is below 1 counts
 * as 0.  Sketches of parts merge into the sketch of the whole, in any order, exactly.
 *
 * Bucket 0 counts what is 1, bucket b what is above growth^(b - 1), up to growth^b.
 *
 * Stored: byte 0 the version, varint of the zeros, then for each bucket that is not
 * empty, rising: varint of how many empty ones are between it and the one before (the
 * first: below it), varint of its count.
 *
 * Pure.  What is damaged gives ERR_INPUT.
 */
#ifndef TIDEMARK_SERVER_HISTORY_SKETCH_H
#define TIDEMARK_SERVER_HISTORY_SKETCH_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SKETCH_ERROR 0.01
enum { SKETCH_BUCKETS = 2200, SKETCH_VERSION = 1 }; /* up to 2^63 */

struct sketch {
	uint64_t zeros, total;
	uint32_t low, high; /* buckets in use: [low, high) */
	uint32_t count[SKETCH_BUCKETS];
};

void sketch_reset(struct sketch *s);
void sketch_add(struct sketch *s, int64_t value);
void sketch_merge(struct sketch *s, const struct sketch *other);

/* The number of rank floor(q * (total - 1)), from 0; q in [0, 1]; of nothing 0. */
int64_t sketch_quantile(const struct sketch *s, double q);

void sketch_put(struct buf *out, const struct sketch *s);

/* Adds what is stored to `s`; when it is damaged, nothing. */
bool sketch_take(struct sketch *s, const void *bytes, size_t length, struct err *e);

#endif
