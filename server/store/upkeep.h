/*
 * Upkeep: takes away what is of no use any more.
 *
 * Days of samples leave by partitions.h; here go sessions whose time is over, tokens
 * that nobody can use since a month, findings that never alerted and were not seen for
 * a month, minutes (minutes.h) of a week ago, censuses that are a month old, warnings
 * that were not given for three, and old heap snapshots (snapshots.h).  For the watch,
 * about once an hour.
 */
#ifndef TIDEMARK_SERVER_STORE_UPKEEP_H
#define TIDEMARK_SERVER_STORE_UPKEEP_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

#define UPKEEP_TOKEN_MS   (INT64_C(30) * 86400 * 1000)
#define UPKEEP_FINDING_MS (INT64_C(30) * 86400 * 1000)
#define UPKEEP_CENSUS_MS  (INT64_C(30) * 86400 * 1000)
#define UPKEEP_WARNING_MS (INT64_C(90) * 86400 * 1000)

bool upkeep_run(struct db *db, int64_t now_ms, struct err *e);

#endif
