/*
 * Squeeze: bytes through zstd, in both directions.  Any thread; each has its own
 * contexts.  For server/history.
 */
#ifndef TIDEMARK_SERVER_HISTORY_SQUEEZE_H
#define TIDEMARK_SERVER_HISTORY_SQUEEZE_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends one zstd frame; false, with `out` as it was, if that is not smaller.  What is
 * before and what is behind `split` get blocks and so statistics of their own. */
bool squeeze_put(struct buf *out, const void *bytes, size_t split, size_t length);

/* Fills the `size` bytes of `out`, which must be all that the one frame holds. */
bool squeeze_take(
	const void *bytes, size_t length, void *out, size_t size, struct err *e);

#endif
