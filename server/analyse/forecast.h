/*
 * Forecast: how fast, and until when.
 *
 * A rate with its 95 % interval, and from it the time at which memory reaches a
 * ceiling:
 *
 *     hours = (ceiling - level) / rate
 *
 * with the interval from both ends of the rate; a rate whose lower end is not above
 * zero may never reach it.  Half the interval of the rate is FORECAST_ERRORS of its
 * standard errors, and at least FORECAST_LEAST of the rate, because a leak hardly runs
 * evenly: chosen on simulated leaks such that it covers the truth in 95 of 100
 * (tests/fleet). Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_FORECAST_H
#define TIDEMARK_SERVER_ANALYSE_FORECAST_H

#include "server/analyse/analyse.h"

#define FORECAST_ERRORS 2.6
#define FORECAST_LEAST  0.2

struct analyse_rate forecast_rate(double kb_h, double error_kb_h);

/* `ceiling_kb` 0: unknown; then, and where it is further away than a year, at_ms is 0.
 */
struct analyse_moment forecast_ceiling(const struct analyse_rate *rate, double level_kb,
	double ceiling_kb, int64_t now_ms);

#endif
