/*
 * Partitions: spans of time of the tables of readings.
 *
 * Hot rows (sample, host_sample) have hours; queue_sample, segment, chunk and the
 * rollups of five minutes days; the rollups of hours months.  All are of UTC.  They are
 * made ahead, lazily for times that data brings, and leave whole.  A span that an
 * older, longer partition covers is not made.  Each call is a transaction of its own
 * and must not be inside one.
 */
#ifndef TIDEMARK_SERVER_STORE_PARTITIONS_H
#define TIDEMARK_SERVER_STORE_PARTITIONS_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

enum { PARTITIONS_AHEAD_HOURS = 3, PARTITIONS_AHEAD_DAYS = 1 };
#define PARTITIONS_HOUR_MS INT64_C(3600000)
#define PARTITIONS_DAY_MS  INT64_C(86400000)

/* What readings of this time need, for ingest: the hour of hot rows (unless it is
 * closed, so that they are late) and the day of queues. */
bool partitions_make(struct db *db, int64_t unix_ms, struct err *e);

/* What readings of this time become, for the compactor. */
bool partitions_make_kept(struct db *db, int64_t unix_ms, struct err *e);

/* The same for now and what comes next, on a connection of its own: for the start. */
bool partitions_prepare(const char *db_uri, struct err *e);
bool partitions_make_ahead(struct db *db, int64_t now_ms, struct err *e);

/* Drops every partition of `parent` that ends at `before_ms` or earlier, oldest first.
 * False with ERR_IO: one is being read; try again soon. */
bool partitions_drop(
	struct db *db, const char *parent, int64_t before_ms, struct err *e);

/* Lets the time indexes of hot rows know what was written between the two times. */
bool partitions_summarize(struct db *db, int64_t from_ms, int64_t to_ms, struct err *e);

/* The start of the oldest day that is kept at `now_ms`. */
int64_t partitions_oldest_ms(int64_t now_ms, int64_t retention_ms);

#endif
