/*
 * Samples: the rows of `sample` and `host_sample` on their way into the database.
 *
 * A row is appended in PostgreSQL's binary COPY form; samples_copy sends all of them.
 * Rows of a time that is closed already go to `sample_late` and `host_sample_late`.
 * Columns that no row of a round has a value for need not be sent: samples_limit.
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
	struct buf process, host, process_late, host_late;
	uint64_t process_count, host_count;
	uint64_t late_count;  /* of both, part of the counts */
	int64_t closed_to_ms; /* older rows are late; 0: none is */
	/* Bit i: the column of metric i is sent; 0: all are. */
	uint64_t process_columns, host_columns;
};

void samples_finish(struct samples *s);
void samples_reset(struct samples *s); /* keeps the bound, which only moves on */

/* Before the first row: the metrics that rows may have values of, as in wire_values;
 * of others there is nothing to send. */
void samples_limit(struct samples *s, uint64_t process_present, uint64_t host_present);

/* Inside the caller's transaction, before the first row: learns which times are closed,
 * and keeps that so until the transaction ends. */
bool samples_hold(struct samples *s, struct db *db, struct err *e);

void samples_add_process(struct samples *s, int32_t generation_id, int64_t at_unix_ms,
	const struct wire_values *values);
void samples_add_host(struct samples *s, int32_t host_id, int64_t at_unix_ms,
	const struct wire_values *values);

/* Inside the caller's transaction.  The partitions must exist. */
bool samples_copy(struct db *db, struct samples *s, struct err *e);

#endif
