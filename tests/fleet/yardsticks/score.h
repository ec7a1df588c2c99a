/*
 * Score: what a rule did on a set, by the rule of the public README.
 *
 * A positive is found when an alarm is on at or after its onset.  False: a negative
 * that ever alarmed, and an alarm on a positive that ended before its onset; alarms
 * less than three hours apart are one episode.  Rules look every ten minutes at records
 * of up to 12 hours, every 20 at those of up to 100, else every hour.
 */
#ifndef TIDEMARK_TESTS_FLEET_YARDSTICKS_SCORE_H
#define TIDEMARK_TESTS_FLEET_YARDSTICKS_SCORE_H

#include "tests/fleet/yardsticks/rules.h"

struct score {
	int found, missed, false_series, quiet, early; /* TP, FN, FP, TN, early FA */
	int episodes;                                  /* false ones */
	double days, cpu_s;
	double precision, recall, f1;
	double delay_median_h, delay_p90_h, leaked_median_pct; /* NAN: none found */
	double episodes_per_1000_days;
};

void score_rule(struct score *out, const struct rules_rule *rule,
	const struct series_list *list);

#endif
