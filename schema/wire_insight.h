/*
 * Wire insight: fingerprints, censuses, warnings, queues and sources of a batch,
 * between plain structs and messages.
 *
 * Counts, kinds and ranges stand once, in wire_insight_check, and hold for both
 * directions.  Texts are cleaned by encoding and checked by decoding, but for those of
 * fingerprints: they are what their hash says or are refused in both directions, so
 * that no host can give the hash of one content to another.  Pure; memory is the
 * arena's. For schema/wire*.c.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_INSIGHT_H
#define TIDEMARK_SCHEMA_WIRE_INSIGHT_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/tidemark.pb-c.h"
#include "schema/wire.h"

/* The length of lists is the caller's to check. */
bool wire_insight_check(const struct wire_batch *batch, struct err *e);
bool wire_insight_check_hash(const char *hash, bool may_be_none, struct err *e);

/* When the first of them was seen; 0 when none has a time. */
int64_t wire_insight_time(const struct wire_batch *batch);

/* What keeps the rules cannot fail. */
void wire_insight_encode(
	const struct wire_batch *batch, Tidemark__Batch *m, struct arena *a);

struct wire_insight_decoder {
	const Tidemark__Batch *m;
	int64_t time_max_ms;
	uint64_t refused_values; /* counted up */
	struct arena *arena;
};

/* After the processes, which are counted in `out`. */
bool wire_insight_decode(
	struct wire_insight_decoder *d, struct wire_batch *out, struct err *e);

#endif
