/*
 * Chunks: a UTC day of one metric of a process or host.
 *
 * Functions work on the caller's connection and transaction.  What the bytes are says
 * server/history/column.h.  A host's subject is its number below 0.
 *
 * PostgreSQL keeps a value that is larger than two kB in pieces of 1,996 bytes, four on
 * a page, and the last piece of most is a smaller one, behind which up to three do not
 * fit well: a sixth of the room is lost.  So whole pieces are stored as `data`, and
 * what is left as `rest`, which stays in the row.
 */
#ifndef TIDEMARK_SERVER_STORE_CHUNKS_H
#define TIDEMARK_SERVER_STORE_CHUNKS_H

#include "common/err.h"
#include "server/store/copier.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHUNKS_TARGET "chunk (at, subject, metric, data, rest)"

/* Through a copier of that target.  The partition must exist. */
void chunks_put(struct copier *c, int64_t day_ms, int32_t subject, int metric,
	const void *bytes, size_t length);

struct chunks_chunk {
	int64_t day_ms;
	int32_t subject;
	int metric;
	const void *bytes; /* until the callback ends */
	size_t length;
};
typedef bool chunks_take(
	void *context, const struct chunks_chunk *chunk, struct err *e);

/* One day of these subjects, by subject and metric: the times first. */
bool chunks_read(struct db *db, int64_t day_ms, const int32_t *subjects, size_t count,
	chunks_take *take, void *context, struct err *e);

/* The same, of the times only. */
bool chunks_read_times(struct db *db, int64_t day_ms, const int32_t *subjects,
	size_t count, chunks_take *take, void *context, struct err *e);

/* All from `from_ms` on, by day, subject and metric. */
bool chunks_read_all(struct db *db, int64_t from_ms, chunks_take *take, void *context,
	struct err *e);

bool chunks_forget(struct db *db, int64_t day_ms, const int32_t *subjects, size_t count,
	struct err *e);

#endif
