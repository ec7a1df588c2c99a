/*
 * Figures: small values that many answers share, read from rows in one place.
 *
 * Times are Unix milliseconds, 0 when not known; counts and KiB are -1 when not known,
 * except where a comment says otherwise.  For server/store only the readers, for
 * everybody the structs.
 */
#ifndef TIDEMARK_SERVER_STORE_FIGURES_H
#define TIDEMARK_SERVER_STORE_FIGURES_H

#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Growth with its 95 % interval. */
struct figures_rate {
	bool known;
	double kb_h, low_kb_h, high_kb_h;
};

/* A moment with its 95 % interval: at_ms 0 when not known, low_ms 0 when its interval
 * is not, high_ms 0 with a known low_ms for "perhaps never". */
struct figures_moment {
	int64_t at_ms, low_ms, high_ms;
};

/* A name with its key. */
struct figures_name {
	int64_t id;
	const char *name;
};

/* Keys of several rows. */
struct figures_ids {
	const int64_t *ids;
	size_t count;
};

/* Columns rate_kb_h, rate_low_kb_h, rate_high_kb_h. */
struct figures_rate figures_rate(const struct db_rows *rows, int row);

/* Columns <name>_at, <name>_low_at, <name>_high_at. */
struct figures_moment figures_moment(
	const struct db_rows *rows, int row, const char *name);

/* NULL reads as -1. */
int64_t figures_count(const struct db_rows *rows, int row, const char *column);

/* NULL reads as NULL. */
const char *figures_text(
	const struct db_rows *rows, int row, const char *column, struct arena *a);

struct figures_name figures_name(const struct db_rows *rows, int row,
	const char *id_column, const char *name_column, struct arena *a);

#endif
