#include "server/analyse/forecast.h"

#include <math.h>

/* Further ahead than this, nobody plans. */
static const double HOURS_AT_MOST = 24 * 366;

struct analyse_rate forecast_rate(double kb_h, double error_kb_h)
{
	if (!isfinite(kb_h) || !isfinite(error_kb_h))
		return (struct analyse_rate){0};
	double half = fmax(FORECAST_LEAST * fabs(kb_h), FORECAST_ERRORS * error_kb_h);
	return (struct analyse_rate){true, kb_h, kb_h - half, kb_h + half};
}

static int64_t moment(double room_kb, double kb_h, int64_t now_ms)
{
	double hours = kb_h > 0 ? fmax(0, room_kb) / kb_h : INFINITY;
	return hours <= HOURS_AT_MOST ? now_ms + (int64_t)(hours * 3600e3) : 0;
}

struct analyse_moment forecast_ceiling(const struct analyse_rate *rate, double level_kb,
	double ceiling_kb, int64_t now_ms)
{
	struct analyse_moment out = {0};
	if (!rate->known || !(ceiling_kb > 0) || !isfinite(level_kb))
		return out;
	double room = ceiling_kb - level_kb;
	out.at_ms = moment(room, rate->kb_h, now_ms);
	if (!out.at_ms)
		return out;
	out.low_ms = moment(room, rate->high_kb_h, now_ms);
	out.high_ms = moment(room, rate->low_kb_h, now_ms);
	return out;
}
