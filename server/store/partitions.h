/*
 * Partitions: the days of `sample`, `host_sample` and `queue_sample`.
 *
 * Days are UTC.  They are made ahead, lazily for days that late data needs, and leave
 * whole when they are older than the retention.  Each call is a transaction of its
 * own and must not be inside one.
 */
#ifndef TIDEMARK_SERVER_STORE_PARTITIONS_H
#define TIDEMARK_SERVER_STORE_PARTITIONS_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

enum { PARTITIONS_AHEAD_DAYS = 3 };
#define PARTITIONS_DAY_MS INT64_C(86400000)

/* Makes today and the next days, then drops what the retention has passed, each day on
 * its own: false when one could not be dropped (ERR_IO: somebody reads it; try later).
 * Run about once an hour. */
bool partitions_keep(struct db *db, int64_t retention_ms, struct err *e);

/* Makes today and the next days, on a connection of its own: for the start, which must
 * not wait for readers of old days. */
bool partitions_prepare(const char *db_uri, struct err *e);

/* Makes the day that unix_ms lies in, in each table. */
bool partitions_make_day(struct db *db, int64_t unix_ms, struct err *e);

/* The start of the oldest day that is kept at `now_ms`. */
int64_t partitions_oldest_ms(int64_t now_ms, int64_t retention_ms);

#endif
