/*
 * Series ask: what the routes of readings over time have in common: their parameters,
 * the lives that they are about, and the head of their answers.
 *
 * Everything lives in the call's arena.
 */
#ifndef TIDEMARK_SERVER_API_SERIES_ASK_H
#define TIDEMARK_SERVER_API_SERIES_ASK_H

#include "server/api/call.h"
#include "server/api/lines.h"
#include "server/api/steps.h"
#include "server/history/chart.h"
#include "server/store/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Readings of a life may be newer than what is known of it, and older by a clock that
 * was set. */
#define SERIES_ASK_SLACK_MS (INT64_C(300) * 1000)

/* What was asked for. */
struct series_ask {
	const char *name;
	struct lines_metric metric;
	int64_t from_ms, to_ms, points;
	enum downsample_aggregate aggregate;
	bool raw;   /* from the readings themselves */
	bool delta; /* lines begin at zero */
};

/* ?metric=&from=&to=&points=&agg=&source=, of the metrics of one scope. */
bool series_ask_read(struct call *c, const struct metric *metrics, size_t metric_count,
	struct series_ask *ask, struct err *e);

/* ?from=&to=&points= of what has no metric. */
bool series_ask_span(struct call *c, struct series_ask *ask, struct err *e);

/* ?service= or ?instance=, not both. */
bool series_ask_scope(struct call *c, const struct series_ask *ask,
	struct series_scope *scope, struct err *e);

/* Readings of the span's begin are gone: what is left of it is hours. */
bool series_ask_is_far(const struct call *c, const struct series_ask *ask);
/* The oldest readings that are kept. */
int64_t series_ask_kept_ms(const struct call *c);

/* The lives of seats or of a service. */
struct series_ask_lives {
	struct series_life *rows;
	size_t count;
};

const struct chart_life *series_ask_chart_lives(const struct series_ask_lives *lives,
	const struct lines *lines, struct arena *a);

/* Too much for one chart is refused, not cut: a chart that lies is worse than none. */
bool series_ask_check_size(const struct series_ask_lives *lives,
	const struct lines *lines, const struct steps *steps, struct err *e);

/* chart_read; what is stored and cannot be decoded is answered with 500. */
bool series_ask_chart(struct call *c, const struct chart_ask *ask, struct chart *chart,
	struct err *e);
bool series_ask_damaged(struct call *c, struct err *e);

void series_ask_put_head(
	struct json *j, const struct series_ask *ask, const struct steps *steps);
/* Where it was read, oldest last. */
void series_ask_put_sources(struct json *j, const struct chart *chart);
/* Shards that were away: what they have is not in the answer. */
bool series_ask_put_missing(struct call *c, uint64_t missing, struct err *e);
void series_ask_put_values(struct json *j, const double *values, size_t count);

/* The values of a line, from zero where that was asked for. */
const double *series_ask_values(
	const struct series_ask *ask, const struct downsample *line, struct arena *a);

/* The lives' starts, kills, and what is known of their service beside: deploys, changes
 * and load that were said, heap snapshots, experiments.  `one`: marks of a kind within
 * a step are one, with their count. */
bool series_ask_put_marks(struct call *c, const struct series_ask_lives *lives,
	const struct chart *chart, const struct steps *steps, bool one, struct err *e);

/* Spans for which agents on the hosts said that they lost readings. */
bool series_ask_put_gaps(struct call *c, const struct series_scope *window,
	struct figures_ids hosts, struct err *e);

#endif
