/*
 * Chart: what is known of lines over time, from where it costs least.
 *
 * Sealed days are read as the hours that are kept of seats, when the steps are whole
 * hours and the metric is one of rollup.def; all else, and days in which a seat ran two
 * versions, from the readings themselves (history.h).  What cannot be read raises an
 * error: half a chart is none.
 *
 * Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_HISTORY_CHART_H
#define TIDEMARK_SERVER_HISTORY_CHART_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/metric.h"
#include "server/history/downsample.h"
#include "server/history/history.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Days of processes of which kills are looked for where hours suffice for the rest. */
enum { CHART_KILL_DAYS = 400 };

struct chart_life {
	int64_t id;                  /* a generation; or a host, with no service */
	int64_t slot_id, service_id; /* lives of a slot stand together */
	int64_t host_id;
	size_t line;
	int64_t from_ms, to_ms; /* there is no reading of it before and after */
};

/* A gauge over another is told in parts of this. */
#define CHART_WHOLE 1e6

struct chart_ask {
	const struct chart_life *lives; /* all processes, or all hosts */
	size_t count, line_count;
	int metric;
	int over; /* what it is told by: of a counter the counter that it grows against,
		     < 0: the time; of a gauge the gauge that it is a part of, < 0:
		     none */
	enum metric_kind kind;
	enum downsample_aggregate aggregate;
	int64_t from_ms, step_ms;
	size_t steps;
	/* Each line's own beginning, where they do not share from_ms; only with `raw`.
	 * Readings are then read of [from_ms, to_ms). */
	const int64_t *origins;
	int64_t to_ms;
	int64_t interval_ms; /* usual, of readings */
	bool raw;            /* from the readings themselves, come what may */
	bool kills;          /* of processes: also when the kernel killed some */
};

/* When the count of kills around a process first had a value. */
struct chart_kills {
	int64_t generation_id, kills, at_ms;
};

struct chart {
	struct downsample *lines;
	struct history_sources sources;
	bool rollups;              /* some was read as hours */
	int64_t resolution_ms;     /* the coarsest that was read */
	struct chart_kills *kills; /* by process and time */
	size_t kill_count;
	int64_t kills_from_ms; /* older kills were not looked for */
};

bool chart_read(struct db *db, const struct chart_ask *ask, struct arena *a,
	struct chart *out, struct err *e);

/* Until when hours suffice, of what is sealed until `sealed_ms`; from_ms: not at all.
 * Pure. */
int64_t chart_hours_to(const struct chart_ask *ask, int64_t sealed_ms);

/* The line of the only version that ran in the seat of `life` on the day that begins at
 * `day_ms`; false when there were several, and *line is that of the longest.  `life` is
 * the first of its seat.  Pure. */
bool chart_owner(
	const struct chart_ask *ask, size_t life, int64_t day_ms, size_t *line);

#endif
