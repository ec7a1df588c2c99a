/*
 * Sides: the readings of selections, made ready to be compared.
 *
 * The processes of each selection that ran in its span, and of each process the mean of
 * the metric and of its requests per second in every step.  Selections lie so many
 * milliseconds apart as their offsets say, rounded to whole steps.
 *
 * The work is bounded: of a selection SIDES_INSTANCES_MAX instances are read, and fewer
 * where they were restarted so often that their values would be more than
 * SIDES_VALUES_MAX; they are chosen evenly over hosts.  Spans of SIDES_LONG_MS and more
 * have steps of whole hours, as they are kept for years.
 *
 * Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_API_SIDES_H
#define TIDEMARK_SERVER_API_SIDES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/compare.h"
#include "server/api/lines.h"
#include "server/api/selection.h"
#include "server/api/steps.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIDES_LONG_MS (INT64_C(4) * 86400 * 1000)

enum { SIDES_INSTANCES_MAX = 96, SIDES_VALUES_MAX = 240000 };

struct sides_ask {
	const struct selection *selections;
	size_t count;
	struct lines_metric metric;
	int64_t from_ms, to_ms, points;
	int64_t kept_ms; /* readings before this are gone: only hours are left */
};

struct sides {
	struct steps steps; /* of a selection without an offset */
	struct compare_side side[COMPARE_SIDES_MAX];
	int64_t from_ms[COMPARE_SIDES_MAX];
	size_t instances[COMPARE_SIDES_MAX]; /* that ran */
	size_t read[COMPARE_SIDES_MAX];      /* of these, so many were read */
	uint64_t missing;                    /* shards that were away, see history.h */
	bool damaged; /* why it failed: what is stored cannot be read */
};

bool sides_read(struct db *db, const struct sides_ask *ask, struct arena *a,
	struct sides *out, struct err *e);

#endif
