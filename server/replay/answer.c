#include "server/replay/answer.h"

#include "common/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double answer_hours(int64_t ms)
{
	return (double)ms / 3600e3;
}

/* Three digits behind the point are enough for KiB an hour. */
static double answer_round(double value)
{
	return round(value * 1000) / 1000;
}

static void answer_when(struct json *j, const char *key, int64_t at_ms)
{
	if (at_ms)
		json_put_int(j, key, at_ms / 1000);
	else
		json_put_null(j, key);
}

static void answer_alarm_span(struct json *j, const struct alarms_alarm *a)
{
	json_put_string(j, "level", analyse_level_name(a->level));
	json_put_int(j, "from", a->from_ms / 1000);
	answer_when(j, "to", a->to_ms);
}

static void answer_alarm(struct json *j, const struct alarms_alarm *a)
{
	bool known = a->rate.known;
	json_object(j);
	answer_alarm_span(j, a);
	json_put_string(j, "kind", analyse_kind_name(a->kind));
	json_put_double(j, "rate_kb_per_h", known ? answer_round(a->rate.kb_h) : NAN);
	json_put_double(j, "rate_lo", known ? answer_round(a->rate.low_kb_h) : NAN);
	json_put_double(j, "rate_hi", known ? answer_round(a->rate.high_kb_h) : NAN);
	answer_when(j, "onset", a->onset.at_ms);
	json_put_double(j, "tte_h",
		a->exhaust.at_ms
			? answer_round(answer_hours(a->exhaust.at_ms - a->from_ms))
			: NAN);
	json_end(j);
}

static void answer_version_name(struct json *j, const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);
	if (*name && !*end && number >= 0)
		json_put_int(j, "version", number);
	else
		json_put_string(j, "version", *name ? name : NULL);
}

static void answer_version_alarm(
	struct json *j, const struct replay_version *v, const struct alarms_alarm *a)
{
	json_object(j);
	answer_alarm_span(j, a);
	answer_version_name(j, v->name);
	json_put_string(j, "kind", analyse_kind_name(a->kind));
	json_end(j);
}

void answer_json(const struct replay_input *in, const struct replay_result *result,
	struct buf *out)
{
	struct json j;
	for (size_t i = 0; i < result->count; i++) {
		const struct alarms *alarms = &result->series[i].alarms;
		json_init(&j, out);
		json_object(&j);
		json_put_string(&j, "series_id", in->series[i].id);
		json_key(&j, "alarms");
		json_array(&j);
		for (size_t k = 0; k < alarms->count; k++)
			answer_alarm(&j, &alarms->items[k]);
		json_end(&j);
		json_end(&j);
		buf_byte(out, '\n');
	}
	for (size_t i = 0; i < result->service_count; i++) {
		const struct replay_service *s = &result->services[i];
		json_init(&j, out);
		json_object(&j);
		json_put_string(&j, "service", s->name);
		json_key(&j, "alarms");
		json_array(&j);
		for (size_t v = 0; v < s->count; v++)
			for (size_t k = 0; k < s->versions[v].alarms.count; k++)
				answer_version_alarm(&j, &s->versions[v],
					&s->versions[v].alarms.items[k]);
		json_end(&j);
		json_end(&j);
		buf_byte(out, '\n');
	}
}

static const char *answer_time(int64_t at_ms, char *out, size_t room)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm utc;
	if (!at_ms || !gmtime_r(&at, &utc) ||
		!strftime(out, room, "%Y-%m-%d %H:%M", &utc))
		snprintf(out, room, "-");
	return out;
}

static void answer_alarm_text(struct buf *out, const char *who, const char *version,
	const struct alarms_alarm *a)
{
	char from[32], to[32], onset[32];
	buf_printf(out, "%-24s %-9s %-8s %-16s  %-16s  %-16s", who,
		analyse_level_name(a->level), analyse_kind_name(a->kind),
		answer_time(a->from_ms, from, sizeof from),
		answer_time(a->to_ms, to, sizeof to),
		answer_time(a->onset.at_ms, onset, sizeof onset));
	if (a->rate.known)
		buf_printf(out, "  %10.1f [%.1f, %.1f]", a->rate.kb_h / 1024,
			a->rate.low_kb_h / 1024, a->rate.high_kb_h / 1024);
	if (a->exhaust.at_ms)
		buf_printf(out, "  %.0f h to the limit",
			answer_hours(a->exhaust.at_ms - a->from_ms));
	if (version)
		buf_printf(out, "  version %s", version);
	buf_byte(out, '\n');
}

void answer_text(const struct replay_input *in, const struct replay_result *result,
	struct buf *out)
{
	buf_printf(out, "%-24s %-9s %-8s %-16s  %-16s  %-16s  %s\n",
		"series or service", "level", "kind", "from", "to", "onset",
		"MiB/h [95 %]");
	for (size_t i = 0; i < result->count; i++) {
		const struct replay_series *s = &result->series[i];
		for (size_t k = 0; k < s->alarms.count; k++)
			answer_alarm_text(
				out, in->series[i].id, NULL, &s->alarms.items[k]);
		if (s->alarms.count == 0)
			buf_printf(out, "%-24s %-9s %-8s %s\n", in->series[i].id, "-",
				analyse_verdict_name(s->verdict), s->summary);
	}
	for (size_t i = 0; i < result->service_count; i++) {
		const struct replay_service *s = &result->services[i];
		for (size_t v = 0; v < s->count; v++)
			for (size_t k = 0; k < s->versions[v].alarms.count; k++)
				answer_alarm_text(out, s->name, s->versions[v].name,
					&s->versions[v].alarms.items[k]);
	}
}

static void answer_counts_json(struct json *j, const struct score_counts *c)
{
	json_put_int(j, "leaking", (int64_t)c->leaking);
	json_put_int(j, "healthy", (int64_t)c->healthy);
	json_put_int(j, "found", (int64_t)c->found);
	json_put_int(j, "false_series", (int64_t)c->false_series);
	json_put_int(j, "early_series", (int64_t)c->early_series);
	json_put_double(j, "precision", score_precision(c));
	json_put_double(j, "recall", score_recall(c));
	json_put_double(j, "f1", score_f1(c));
	json_put_double(j, "delay_median_h", c->delay_median_h);
	json_put_double(j, "delay_p90_h", c->delay_p90_h);
	json_put_int(j, "false_alarms", (int64_t)c->false_alarms);
	json_put_double(j, "healthy_days", c->healthy_days);
	json_put_double(j, "false_per_1000_days", score_false_per_1000_days(c));
}

static void answer_ratio_json(
	struct json *j, const char *key, const struct score_ratio *r)
{
	json_key(j, key);
	json_object(j);
	json_put_int(j, "count", (int64_t)r->count);
	json_put_double(j, "p10", r->p10);
	json_put_double(j, "median", r->median);
	json_put_double(j, "p90", r->p90);
	json_put_double(j, "covered", r->covered);
	json_end(j);
}

static void answer_ids_json(
	struct json *j, const char *key, const char **ids, size_t count)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_string(j, ids[i]);
	json_end(j);
}

void answer_score_json(const struct score_level *score, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_key(&j, "score");
	json_object(&j);
	json_put_string(&j, "level", analyse_level_name(score->level));
	answer_counts_json(&j, &score->all);
	answer_ids_json(&j, "missed", score->missed, score->missed_count);
	answer_ids_json(&j, "wrong", score->wrong, score->wrong_count);
	answer_ratio_json(&j, "rate", &score->rate);
	answer_ratio_json(&j, "time_to_limit", &score->time);
	json_key(&j, "scenarios");
	json_object(&j);
	for (size_t i = 0; i < score->scenario_count; i++) {
		json_key(&j, score->scenarios[i].scenario);
		json_object(&j);
		answer_counts_json(&j, &score->scenarios[i]);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	json_end(&j);
	buf_byte(out, '\n');
}

/* A number in its column, "-" for one that there is not. */
static void answer_number(struct buf *out, int width, int digits, double value)
{
	if (isnan(value))
		buf_printf(out, " %*s", width, "-");
	else
		buf_printf(out, " %*.*f", width, digits, value);
}

static void answer_counts_text(
	struct buf *out, const char *name, const struct score_counts *c)
{
	buf_printf(out, "%-22s %5zu %5zu %5zu %5zu %5zu", name, c->found, c->missed,
		c->false_series, c->early_series, c->healthy - c->false_series);
	answer_number(out, 9, 3, score_precision(c));
	answer_number(out, 6, 3, score_recall(c));
	answer_number(out, 6, 3, score_f1(c));
	answer_number(out, 8, 2, c->delay_median_h);
	answer_number(out, 8, 2, c->delay_p90_h);
	answer_number(out, 9, 1, score_false_per_1000_days(c));
	buf_byte(out, '\n');
}

static void answer_ids_text(
	struct buf *out, const char *what, const char **ids, size_t count)
{
	buf_printf(out, "%s (%zu):", what, count);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, " %s", ids[i]);
	buf_byte(out, '\n');
}

static void answer_ratio_text(
	struct buf *out, const char *what, const struct score_ratio *r)
{
	if (r->count == 0)
		return;
	buf_printf(out,
		"%s / truth: median %.3f, p10 %.3f, p90 %.3f; interval covers %.1f %% "
		"of %zu\n",
		what, r->median, r->p10, r->p90, 100 * r->covered, r->count);
}

void answer_score_text(const struct score_level *score, struct buf *out)
{
	buf_printf(out, "\n%-22s %5s %5s %5s %5s %5s %9s %6s %6s %8s %8s %9s\n",
		analyse_level_name(score->level), "found", "miss", "false", "early",
		"quiet", "precision", "recall", "F1", "median h", "p90 h", "fa/1000 d");
	for (size_t i = 0; i < score->scenario_count; i++)
		answer_counts_text(
			out, score->scenarios[i].scenario, &score->scenarios[i]);
	answer_counts_text(out, "all", &score->all);
	buf_printf(out, "%zu false alarms in %.1f days without a leak\n",
		score->all.false_alarms, score->all.healthy_days);
	answer_ids_text(out, "missed", score->missed, score->missed_count);
	answer_ids_text(out, "false", score->wrong, score->wrong_count);
	answer_ratio_text(out, "rate", &score->rate);
	answer_ratio_text(out, "time to the limit", &score->time);
}
