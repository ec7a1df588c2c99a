/*
 * Segments: five minutes of one metric of a group, which is a service on a block of
 * hosts, or (service 0) the hosts of the block themselves.
 *
 * Functions work on the caller's connection and transaction.  What the bytes are says
 * server/history/segment.h.
 */
#ifndef TIDEMARK_SERVER_STORE_SEGMENTS_H
#define TIDEMARK_SERVER_STORE_SEGMENTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/copier.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENTS_TARGET "segment (at, service_id, block, metric, data)"

/* Through a copier of that target.  The partition must exist. */
void segments_put(struct copier *c, int64_t at_ms, int32_t service, int32_t block,
	int metric, const void *bytes, size_t length);

struct segments_group {
	int32_t service, block;
	int64_t windows; /* of five minutes that have some */
};
bool segments_groups(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct segments_group **out, size_t *count, struct err *e);

/* A group in [from, to). */
struct segments_span {
	int32_t service, block;
	int64_t from_ms, to_ms;
};

/* Numbers of the metrics that it has, rising, without the times. */
bool segments_metrics(struct db *db, const struct segments_span *span, struct arena *a,
	int **out, size_t *count, struct err *e);

struct segments_segment {
	int64_t at_ms;
	int32_t service, block;
	int metric;
	const void *bytes; /* until the callback ends */
	size_t length;
};
typedef bool segments_take(
	void *context, const struct segments_segment *segment, struct err *e);

/* One metric, in order of time. */
bool segments_read(struct db *db, const struct segments_span *span, int metric,
	segments_take *take, void *context, struct err *e);

/* All of [from, to), by group, time and metric: times first. */
bool segments_read_all(struct db *db, int64_t from_ms, int64_t to_ms,
	segments_take *take, void *context, struct err *e);

bool segments_forget(struct db *db, const struct segments_span *span, struct err *e);

#endif
