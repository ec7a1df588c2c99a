#include "tests/fleet/yardsticks/rules.h"

#include "tests/fleet/yardsticks/trend.h"

#include <math.h>

static struct trend_line fit(const struct series *s, struct series_span span)
{
	return trend_fit(
		s->hour + span.first, s->pct + span.first, span.end - span.first);
}

static double span_hours(const struct series *s, struct series_span span)
{
	return span.end > span.first ? s->hour[span.end - 1] - s->hour[span.first] : 0;
}

/* A line through six hours that explains half of the variance and climbs 5 % a day. */
static bool naive(const struct series *s, double now_h, struct rules_state *state)
{
	struct series_span span = series_between(s, now_h - 6, now_h);
	struct trend_line line;

	(void)state;
	if (span_hours(s, span) < 3)
		return false;
	line = fit(s, span);
	return line.r2 > 0.5 && line.slope > 5.0 / 24;
}

/* Prometheus: predict_linear(memory[6h], 24 * 3600) > limit, for 30m. */
static bool predict(const struct series *s, double now_h, struct rules_state *state)
{
	struct series_span span = series_between(s, now_h - 6, now_h);
	struct trend_line line;
	bool over;

	if (span_hours(s, span) < 3)
		return false;
	line = fit(s, span);
	over = line.at_end + 24 * line.slope > 100;
	if (over && !state->holds)
		state->since_h = now_h;
	state->holds = over;
	return over && now_h - state->since_h >= 0.5 - 1e-6;
}

/* Zabbix: timeleft(memory, 24h, limit) < 72h, with the linear fit. */
static bool timeleft(const struct series *s, double now_h, struct rules_state *state)
{
	struct series_span span = series_between(s, now_h - 24, now_h);
	struct trend_line line;

	(void)state;
	if (span_hours(s, span) < 12)
		return false;
	line = fit(s, span);
	return line.slope > 0 && (100 - line.at_end) / line.slope < 72;
}

/* The longest piece between falls to less than half. */
static struct series_span longest_piece(const struct series *s, struct series_span span)
{
	struct series_span best = {span.first, span.first}, piece = best;

	for (size_t i = span.first; i < span.end; i++) {
		if (i > span.first && s->pct[i] < 0.5 * s->pct[i - 1])
			piece.first = i;
		piece.end = i + 1;
		if (piece.end - piece.first > best.end - best.first)
			best = piece;
	}
	return best;
}

/* Coroot's: growth above 10 % of the value an hour within the checked hour. */
static bool coroot(const struct series *s, double now_h, struct rules_state *state)
{
	struct series_span piece = longest_piece(
		s, series_between(s, now_h - 1, now_h));
	double length_h = span_hours(s, piece), least_pct, value;
	struct series_span quarter;
	struct trend_line line, late;

	(void)state;
	if (piece.end - piece.first < 4 || length_h < 0.9)
		return false;
	line = fit(s, piece);
	quarter = series_between(s, now_h - fmax(0.25, length_h / 4), now_h);
	if (quarter.first < piece.first)
		quarter.first = piece.first;
	late = fit(s, quarter);
	if (line.slope <= 0 || late.slope < 0.3 * line.slope)
		return false;
	least_pct = fmin(5, 100 * 50.0 * 1024 / s->limit_kb);
	value = fmax(line.at_end, 0.1);
	return line.slope * fmin(length_h, 1) >= least_pct &&
	       100 * line.slope / value > 10;
}

/* Mann-Kendall over a day of medians of 15 minutes, one-sided at 1 %, and a Sen
 * slope above 0.05 % an hour. */
static bool mann_kendall(const struct series *s, double now_h, bool correct)
{
	double hour[TREND_MOST], pct[TREND_MOST], sen;
	size_t n = series_medians(s, now_h - 24, now_h, 3, hour, pct);

	if (n < 8 || hour[n - 1] - hour[0] < 4)
		return false;
	sen = trend_sen(hour, pct, n);
	return sen > 0.05 && trend_mann_kendall(hour, pct, n, sen, correct) > 2.326;
}

static bool plain_kendall(
	const struct series *s, double now_h, struct rules_state *state)
{
	(void)state;
	return mann_kendall(s, now_h, false);
}

static bool hamed_rao(const struct series *s, double now_h, struct rules_state *state)
{
	(void)state;
	return mann_kendall(s, now_h, true);
}

const struct rules_rule rules_all[] = {
	{"naive OLS 6 h (R2 > .5, 5 %/d)", naive},
	{"predict_linear[6h], 24 h, for 30m", predict},
	{"timeleft 24 h < 72 h", timeleft},
	{"Coroot's rule, 1 h", coroot},
	{"Mann-Kendall + Sen, 24 h", plain_kendall},
	{"same, Hamed-Rao", hamed_rao},
	{"Precog-like (max filter)", rules_precog},
	{"RESIN-like buckets", rules_resin},
};
const size_t rules_count = sizeof(rules_all) / sizeof(*rules_all);
