/*
 * Labels: which series a folder of recordings holds, and what is true of them.
 *
 * The two are read apart, so that what judges the series cannot see the answers:
 * labels_read takes series_id, file, service, host, limit_kb and runtime (and version,
 * for recordings that say none themselves); labels_read_truths the rest, for scoring.
 *
 * Only `file` is needed.  Without series_id a series is called as its file without
 * ".csv.gz"; without service or host it has one of its own, called as itself.
 */
#ifndef TIDEMARK_SERVER_REPLAY_LABELS_H
#define TIDEMARK_SERVER_REPLAY_LABELS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/replay/csv.h"

struct labels_series {
	const char *id, *file, *service, *host;
	const char *runtime; /* "" when not said */
	const char *version; /* "" when not said */
	double limit_kb;     /* NAN when not said */
	int64_t line;        /* of the labels file */
};

struct labels {
	struct labels_series *items;
	size_t count;
	struct csv_faults faults; /* rows that are left out */
};

/* Fails when the file or the column is missing, or no row can be used. */
bool labels_read(const char *path, struct arena *a, struct labels *out, struct err *e);

struct labels_truth {
	bool leak;
	bool onset_is_offset;           /* onset_s counts from the first reading */
	double onset_s;                 /* NAN: from the first reading on */
	double rate_pct_per_h;          /* of the limit; NAN: not said */
	const char *scenario, *version; /* "" when not said */
};

/* One for each of labels->items, in their order.  Fails when there is no column "leak",
 * and when it or a number is wrong in one of their rows. */
bool labels_read_truths(const char *path, const struct labels *labels, struct arena *a,
	struct labels_truth **out, struct err *e);

#endif
