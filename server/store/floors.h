/*
 * Floors: the lowest memory of each process in every ten minutes.
 *
 * What the detector knows of the time before the newest readings: a hundredth of the
 * raw samples, for days.  Bins are counted from the epoch.  Samples that come later
 * than FLOORS_LATE_BINS are not seen here.  Only the watch calls this, on its own
 * connection.  Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_STORE_FLOORS_H
#define TIDEMARK_SERVER_STORE_FLOORS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/verdicts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLOORS_BIN_MS = 600000,
	FLOORS_LATE_BINS = 12,   /* computed again when the next ones are */
	FLOORS_KEPT_BINS = 1008, /* a week */
};

/* Fills the bins that were closed since the last time, at most an hour of them: *again
 * says that there is more to do, and whether the last call said so.  `*filled_bin` is
 * the caller's note of where it stands, 0 at first. */
bool floors_fill(
	struct db *db, int64_t now_ms, int64_t *filled_bin, bool *again, struct err *e);

/* Takes away what is older than FLOORS_KEPT_BINS. */
bool floors_forget(struct db *db, int64_t now_ms, struct err *e);

/* Floors of lives ids[i] from bin from_bin[i] on and before to_bin; limit_kb is not
 * known here.  In no order; a life has one row for each kind of memory. */
struct floors_wanted {
	const int64_t *ids, *from_bin;
	size_t count;
	int64_t to_bin;
};

bool floors_read(struct db *db, const struct floors_wanted *wanted, struct arena *a,
	struct verdicts_memory **rows, size_t *count, struct err *e);

#endif
