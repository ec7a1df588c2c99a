#include "server/replay/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double score_hour_ms = 3600e3;

/* What one series came to. */
struct score_case {
	const struct labels_truth *truth;
	double from_ms, to_ms, onset_ms;
	bool found, is_wrong;
	size_t false_alarms;
	double delay_h;
	const struct alarms_alarm *finder; /* its own alarm; NULL: its version's */
};

struct score_span {
	int64_t from_ms, to_ms; /* INT64_MAX: still on */
	const struct alarms_alarm *own;
};

static int score_compare_spans(const void *left, const void *right)
{
	const struct score_span *a = left, *b = right;
	return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static int score_compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Of sorted values, with straight lines between them. */
static double score_quantile(const double *sorted, size_t count, double share)
{
	if (count == 0)
		return NAN;
	double place = share * (double)(count - 1);
	size_t below = (size_t)place;
	size_t above = below + 1 < count ? below + 1 : below;
	return sorted[below] +
	       (place - (double)below) * (sorted[above] - sorted[below]);
}

static size_t score_take(const struct alarms *alarms, enum analyse_level level,
	bool own, struct score_span *out)
{
	size_t count = 0;
	for (size_t i = 0; i < alarms->count; i++) {
		const struct alarms_alarm *a = &alarms->items[i];
		if (a->level != level)
			continue;
		out[count++] = (struct score_span){
			a->from_ms, a->to_ms ? a->to_ms : INT64_MAX, own ? a : NULL};
	}
	return count;
}

static const struct alarms *score_version_alarms(
	const struct score_input *in, size_t series)
{
	static const struct alarms none;
	const struct replay_result *r = in->result;
	const char *service = in->replayed->series[series].service;
	for (size_t i = 0; i < r->service_count; i++) {
		if (strcmp(r->services[i].name, service) != 0)
			continue;
		for (size_t j = 0; j < r->services[i].count; j++)
			if (strcmp(r->services[i].versions[j].name,
				    in->truths[series].version) == 0)
				return &r->services[i].versions[j].alarms;
	}
	return &none;
}

/* Alarms of a series and of its version while it is recorded, in order, those less than
 * three hours apart as one. */
static size_t score_spans(const struct score_input *in, size_t series,
	enum analyse_level level, struct arena *a, struct score_span **out)
{
	const struct alarms *own = &in->result->series[series].alarms;
	const struct alarms *version = score_version_alarms(in, series);
	const struct record *record = &in->replayed->records[series];
	int64_t first_ms = record->rows[0].reading.at_ms;
	int64_t last_ms = record->rows[record->count - 1].reading.at_ms;
	struct score_span *spans = arena_array(
		a, own->count + version->count + 1, sizeof *spans);
	size_t count = score_take(own, level, true, spans), kept = 0;
	count += score_take(version, level, false, spans + count);
	qsort(spans, count, sizeof *spans, score_compare_spans);
	for (size_t i = 0; i < count; i++) {
		struct score_span *s = &spans[i];
		if (!s->own && (s->to_ms < first_ms || s->from_ms > last_ms))
			continue;
		if (kept > 0 &&
			(spans[kept - 1].to_ms == INT64_MAX ||
				s->from_ms - spans[kept - 1].to_ms < ALARMS_APART_MS)) {
			struct score_span *before = &spans[kept - 1];
			before->to_ms = s->to_ms > before->to_ms ? s->to_ms
								 : before->to_ms;
		} else {
			spans[kept++] = *s;
		}
	}
	*out = spans;
	return kept;
}

static struct score_case score_series(const struct score_input *in, size_t series,
	enum analyse_level level, struct arena *a)
{
	const struct record *record = &in->replayed->records[series];
	struct score_case c = {
		.truth = &in->truths[series],
		.from_ms = (double)record->rows[0].reading.at_ms,
		.to_ms = (double)record->rows[record->count - 1].reading.at_ms,
	};
	double onset_ms = c.truth->onset_s * 1000;
	if (!c.truth->leak)
		c.onset_ms = INFINITY;
	else if (isnan(onset_ms))
		c.onset_ms = c.from_ms;
	else if (c.truth->onset_is_offset)
		c.onset_ms = c.from_ms + onset_ms * in->stretch;
	else
		c.onset_ms = (double)in->origin_ms +
			     (onset_ms - (double)in->origin_ms) * in->stretch;
	struct score_span *spans;
	size_t count = score_spans(in, series, level, a, &spans);
	for (size_t i = 0; i < count; i++) {
		if (spans[i].to_ms != INT64_MAX &&
			(double)spans[i].to_ms < c.onset_ms) {
			c.is_wrong = true;
			c.false_alarms++;
		} else if (!c.truth->leak) {
			c.is_wrong = true;
			c.false_alarms++;
		} else if (!c.found) {
			c.found = true;
			c.finder = spans[i].own;
			c.delay_h = fmax(0, (double)spans[i].from_ms - c.onset_ms) /
				    score_hour_ms;
		}
	}
	return c;
}

static void score_count(const struct score_case *cases, size_t count,
	const char *scenario, struct arena *a, struct score_counts *out)
{
	double *delays = arena_array(a, count, sizeof *delays);
	*out = (struct score_counts){.scenario = scenario};
	for (size_t i = 0; i < count; i++) {
		const struct score_case *c = &cases[i];
		if (*scenario && strcmp(scenario, c->truth->scenario) != 0)
			continue;
		double healthy_ms = fmin(c->to_ms, c->onset_ms) - c->from_ms;
		out->healthy_days += fmax(0, healthy_ms) / score_hour_ms / 24;
		out->false_alarms += c->false_alarms;
		out->leaking += c->truth->leak;
		out->healthy += !c->truth->leak;
		out->missed += c->truth->leak && !c->found;
		out->false_series += !c->truth->leak && c->is_wrong;
		out->early_series += c->truth->leak && c->is_wrong;
		if (c->found)
			delays[out->found++] = c->delay_h;
	}
	qsort(delays, out->found, sizeof *delays, score_compare_doubles);
	out->delay_median_h = score_quantile(delays, out->found, 0.5);
	out->delay_p90_h = score_quantile(delays, out->found, 0.9);
}

static void score_scenarios(const struct score_case *cases, size_t count,
	struct arena *a, struct score_level *out)
{
	const char **names = arena_array(a, count, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		const char *name = cases[i].truth->scenario;
		size_t place = 0;
		while (place < out->scenario_count && strcmp(names[place], name) < 0)
			place++;
		if (!*name || (place < out->scenario_count &&
				      strcmp(names[place], name) == 0))
			continue;
		memmove(names + place + 1, names + place,
			(out->scenario_count++ - place) * sizeof *names);
		names[place] = name;
	}
	out->scenarios = arena_array(a, out->scenario_count, sizeof *out->scenarios);
	for (size_t i = 0; i < out->scenario_count; i++)
		score_count(cases, count, names[i], a, &out->scenarios[i]);
}

static void score_list(const struct score_input *in, const struct score_case *cases,
	struct arena *a, struct score_level *out)
{
	size_t count = in->replayed->count;
	out->missed = arena_array(a, count, sizeof *out->missed);
	out->wrong = arena_array(a, count, sizeof *out->wrong);
	for (size_t i = 0; i < count; i++) {
		const char *id = in->replayed->series[i].id;
		if (cases[i].truth->leak && !cases[i].found)
			out->missed[out->missed_count++] = id;
		if (cases[i].is_wrong)
			out->wrong[out->wrong_count++] = id;
	}
}

struct score_estimate {
	double value, low, high, truth;
};

static void score_ratio(const struct score_estimate *estimates, size_t count,
	struct arena *a, struct score_ratio *out)
{
	double *ratios = arena_array(a, count, sizeof *ratios);
	size_t covered = 0;
	for (size_t i = 0; i < count; i++) {
		const struct score_estimate *s = &estimates[i];
		ratios[i] = s->value / s->truth;
		covered += s->low <= s->truth && s->truth <= s->high;
	}
	qsort(ratios, count, sizeof *ratios, score_compare_doubles);
	*out = (struct score_ratio){
		.count = count,
		.p10 = score_quantile(ratios, count, 0.1),
		.median = score_quantile(ratios, count, 0.5),
		.p90 = score_quantile(ratios, count, 0.9),
		.covered = count ? (double)covered / (double)count : NAN,
	};
}

/* KiB per hour of virtual time; NAN: not known. */
static double score_true_rate(
	const struct score_input *in, const struct labels_truth *truth, double limit_kb)
{
	return truth->rate_pct_per_h > 0 && limit_kb > 0
		       ? truth->rate_pct_per_h * limit_kb / 100 / in->stretch
		       : NAN;
}

/* Median memory around the onset, over half an hour of virtual time before and behind;
 * NAN when the process was another one at `until_ms`: then memory began anew. */
static double score_memory_at(
	const struct record *r, double at_ms, double until_ms, struct arena *a)
{
	double *values = arena_array(a, r->count, sizeof *values);
	size_t count = 0;
	int64_t life = -1;
	for (size_t i = 0; i < r->count; i++) {
		double row_ms = (double)r->rows[i].reading.at_ms;
		if (row_ms < at_ms - score_hour_ms / 2 || row_ms > until_ms)
			continue;
		if (row_ms <= at_ms + score_hour_ms / 2)
			values[count++] = r->rows[i].reading.memory_kb;
		if (life >= 0 && r->rows[i].life != (uint32_t)life)
			return NAN;
		life = r->rows[i].life;
	}
	qsort(values, count, sizeof *values, score_compare_doubles);
	return score_quantile(values, count, 0.5);
}

static bool score_time(const struct score_case *c, const struct record *r, double rate,
	struct arena *a, struct score_estimate *out)
{
	const struct analyse_moment *m = &c->finder->exhaust;
	double from_ms = (double)c->finder->from_ms;
	if (m->at_ms == 0)
		return false;
	double at_onset_kb = score_memory_at(r, c->onset_ms, from_ms, a);
	double truth_ms = c->onset_ms +
			  (r->limit_kb - at_onset_kb) / rate * score_hour_ms - from_ms;
	*out = (struct score_estimate){
		.value = (double)m->at_ms - from_ms,
		.low = (double)m->low_ms - from_ms,
		.high = m->high_ms ? (double)m->high_ms - from_ms : INFINITY,
		.truth = truth_ms,
	};
	return truth_ms > 0;
}

static void score_estimates(const struct score_input *in,
	const struct score_case *cases, struct arena *a, struct score_level *out)
{
	size_t count = in->replayed->count, rates = 0, times = 0;
	struct score_estimate *rate = arena_array(a, count, sizeof *rate);
	struct score_estimate *time = arena_array(a, count, sizeof *time);
	for (size_t i = 0; i < count; i++) {
		const struct record *r = &in->replayed->records[i];
		const struct alarms_alarm *alarm = cases[i].finder;
		double truth = score_true_rate(in, cases[i].truth, r->limit_kb);
		if (!alarm || isnan(truth))
			continue;
		if (alarm->rate.known)
			rate[rates++] = (struct score_estimate){alarm->rate.kb_h,
				alarm->rate.low_kb_h, alarm->rate.high_kb_h, truth};
		times += score_time(&cases[i], r, truth, a, &time[times]);
	}
	score_ratio(rate, rates, a, &out->rate);
	score_ratio(time, times, a, &out->time);
}

void score_level(const struct score_input *in, enum analyse_level level,
	struct arena *a, struct score_level *out)
{
	size_t count = in->replayed->count;
	struct score_case *cases = arena_array(a, count, sizeof *cases);
	*out = (struct score_level){.level = level};
	for (size_t i = 0; i < count; i++)
		cases[i] = score_series(in, i, level, a);
	score_count(cases, count, "", a, &out->all);
	score_scenarios(cases, count, a, out);
	score_list(in, cases, a, out);
	score_estimates(in, cases, a, out);
}

double score_precision(const struct score_counts *c)
{
	size_t alarmed = c->found + c->false_series + c->early_series;
	return alarmed ? (double)c->found / (double)alarmed : NAN;
}

double score_recall(const struct score_counts *c)
{
	return c->leaking ? (double)c->found / (double)c->leaking : NAN;
}

double score_f1(const struct score_counts *c)
{
	double p = score_precision(c), r = score_recall(c);
	return p + r > 0 ? 2 * p * r / (p + r) : NAN;
}

double score_false_per_1000_days(const struct score_counts *c)
{
	return c->healthy_days > 0 ? 1000 * (double)c->false_alarms / c->healthy_days
				   : NAN;
}
