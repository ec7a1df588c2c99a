/*
 * Samples: the rows of `sample` and `host_sample` on their way into the database.
 *
 * A row is appended in PostgreSQL's binary COPY form; samples_copy sends all of them.
 * One samples object serves many rounds (samples_reset); its owner is one thread.
 */
#ifndef TIDEMARK_SERVER_STORE_SAMPLES_H
#define TIDEMARK_SERVER_STORE_SAMPLES_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/wire.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct samples {
	struct buf process, host;
	uint64_t process_count, host_count;
};

void samples_finish(struct samples *s);
void samples_reset(struct samples *s);

void samples_add_process(struct samples *s, int32_t generation_id, int64_t at_unix_ms,
	const struct wire_values *values);
void samples_add_host(struct samples *s, int32_t host_id, int64_t at_unix_ms,
	const struct wire_values *values);

/* Inside the caller's transaction.  The partitions must exist. */
bool samples_copy(struct db *db, struct samples *s, struct err *e);

#endif
