/*
 * Score: what a replay found, held against what is true.
 *
 * A leaking series is found when an alarm is on at or after its onset; its delay is
 * counted from the onset, or from the start of the record when it is not said.  An
 * alarm on a series that does not leak is false, and so is one that ended before the
 * onset. Alarms of a version count for the series that end with that version.  Alarms
 * less than three hours apart are one.
 *
 *   precision = found / (found + false series + leaking series with a false alarm)
 *   recall    = found / leaking
 *
 * False alarms are counted per 1,000 days without a leak: those of the series that do
 * not leak, and those before the onset of the others.
 */
#ifndef TIDEMARK_SERVER_REPLAY_SCORE_H
#define TIDEMARK_SERVER_REPLAY_SCORE_H

#include "server/replay/replay.h"

struct score_counts {
	const char *scenario; /* "" : all */
	size_t leaking, healthy;
	size_t found, missed; /* of the leaking */
	size_t false_series;  /* of the healthy */
	size_t early_series;  /* of the leaking: with an alarm that ended before */
	size_t false_alarms;
	double healthy_days;
	double delay_median_h, delay_p90_h; /* of those found; NAN: none */
};

/* How an estimate compares with the truth, over all alarms that could be compared. */
struct score_ratio {
	size_t count;
	double p10, median, p90; /* of estimate / truth */
	double covered;          /* share of the truths within the 95 % interval */
};

struct score_level {
	enum analyse_level level;
	struct score_counts all;
	struct score_counts *scenarios; /* in order of their names */
	size_t scenario_count;
	const char **missed, **wrong; /* ids */
	size_t missed_count, wrong_count;
	struct score_ratio rate; /* of growth, at the alarm that found it */
	struct score_ratio time; /* to the limit, by straight growth since the onset */
};

struct score_input {
	const struct replay_input *replayed;
	const struct replay_result *result;
	const struct labels_truth *truths;
	int64_t origin_ms; /* of stretching */
	double stretch;
};

void score_level(const struct score_input *in, enum analyse_level level,
	struct arena *a, struct score_level *out);

double score_precision(const struct score_counts *c); /* NAN: nothing was alarmed */
double score_recall(const struct score_counts *c);    /* NAN: nothing leaks */
double score_f1(const struct score_counts *c);
double score_false_per_1000_days(const struct score_counts *c);

#endif
