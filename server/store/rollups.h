/*
 * Rollups: what is kept of readings for years: hours of seats, and spreads over the
 * instances of versions.
 *
 * Functions work on the caller's connection and transaction; results live in the
 * caller's arena.  Partitions must exist.
 */
#ifndef TIDEMARK_SERVER_STORE_ROLLUPS_H
#define TIDEMARK_SERVER_STORE_ROLLUPS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/copier.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROLLUPS_HOURS = 24 };

/* One day of one metric of a seat. */
struct rollups_day {
	int64_t n[ROLLUPS_HOURS], sum[ROLLUPS_HOURS], low[ROLLUPS_HOURS],
		high[ROLLUPS_HOURS], last[ROLLUPS_HOURS];
};

#define ROLLUPS_SLOT_TARGET "slot_rollup (at, slot_id, metric, n, sum, low, high, last)"

void rollups_put_day(struct copier *c, int64_t day_ms, int32_t slot, int metric,
	const struct rollups_day *day);

/* Takes away the day of these seats. */
bool rollups_forget_days(struct db *db, int64_t day_ms, const int32_t *slots,
	size_t count, struct err *e);

/* One metric of the instances of one version in one step. */
struct rollups_band {
	int64_t at_ms;
	int step_s;
	int32_t service, fingerprint;
	int metric;
	int64_t n, sum, low, high;
	const void *sketch;
	size_t sketch_length;
};

#define ROLLUPS_BAND_TARGET                                                            \
	"version_rollup (at, step_s, service_id, fingerprint_id, metric, n, sum, "     \
	"low, "                                                                        \
	"high, sketch)"

void rollups_put_band(struct copier *c, const struct rollups_band *band);

struct rollups_bands {
	struct rollups_band *list;
	size_t count;
};

/* Takes away and tells those of a service in [from, to), to be put back changed. */
bool rollups_take_bands(struct db *db, int step_s, int32_t service, int64_t from_ms,
	int64_t to_ms, struct arena *a, struct rollups_bands *out, struct err *e);

#endif
