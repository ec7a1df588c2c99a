#include "server/api/series_age.h"

#include <math.h>
#include <stdlib.h>

#define SERIES_AGE_MAX (INT64_C(400) * 86400 * 1000)

bool series_age_read(struct call *c, const struct series_ask *ask,
	struct series_age *age, struct err *e)
{
	static const char *const allowed[] = {"start"};
	const char **words;
	size_t count;
	struct query_range from = {0, SERIES_AGE_MAX, 0};
	struct query_range to = {0, SERIES_AGE_MAX, -1};
	if (!query_words(&c->query, "align", allowed, 1, &words, &count, e) ||
		!query_int(&c->query, "age_from", &from, &age->from_ms, e) ||
		!query_int(&c->query, "age_to", &to, &age->to_ms, e))
		return false;
	age->wanted = count > 0;
	if (!age->wanted && (age->from_ms > 0 || age->to_ms >= 0))
		return err_set(e, ERR_INPUT, "age_from, age_to: only with align=start");
	if (age->to_ms < 0)
		age->to_ms = age->from_ms + ask->to_ms - ask->from_ms;
	if (age->from_ms >= age->to_ms)
		return err_set(e, ERR_INPUT, "age_from: must lie before `age_to`");
	return true;
}

static int series_age_newest(const void *a, const void *b)
{
	const struct series_life *const *x = a, *const *y = b;
	if ((*x)->started_ms != (*y)->started_ms)
		return (*x)->started_ms > (*y)->started_ms ? -1 : 1;
	return (*x)->id > (*y)->id ? -1 : (*x)->id < (*y)->id;
}

/* Those that came to the age, the newest first. */
static const struct series_life **series_age_lives(const struct series_ask_lives *lives,
	const struct series_age *age, struct arena *a, size_t *count)
{
	const struct series_life **out = arena_array(a, lives->count, sizeof *out);
	*count = 0;
	for (size_t i = 0; i < lives->count; i++)
		if (lives->rows[i].last_ms + SERIES_ASK_SLACK_MS -
				lives->rows[i].started_ms >
			age->from_ms)
			out[(*count)++] = &lives->rows[i];
	if (*count)
		qsort(out, *count, sizeof *out, series_age_newest);
	return out;
}

static bool series_age_chart(struct call *c, const struct series_ask *ask,
	const struct series_life **lives, size_t count, const struct steps *steps,
	int64_t interval_ms, struct chart *chart, struct err *e)
{
	struct chart_life *lines = arena_array(c->arena, count, sizeof *lines);
	int64_t *origins = arena_array(c->arena, count, sizeof *origins);
	int64_t oldest_ms = c->now_ms;
	for (size_t i = 0; i < count; i++) {
		const struct series_life *l = lives[i];
		int64_t end_ms = l->last_ms + SERIES_ASK_SLACK_MS;
		origins[i] = l->started_ms + steps->from_ms;
		if (l->started_ms + steps->to_ms < end_ms)
			end_ms = l->started_ms + steps->to_ms;
		lines[i] = (struct chart_life){l->id, l->slot_id, l->service_id,
			l->host_id, i, origins[i], end_ms};
		if (origins[i] < oldest_ms)
			oldest_ms = origins[i];
	}
	return series_ask_chart(c,
		&(struct chart_ask){
			.lives = lines,
			.count = count,
			.line_count = count,
			.metric = ask->metric.number,
			.over = ask->metric.over,
			.kind = ask->metric.kind,
			.aggregate = ask->aggregate,
			.from_ms = oldest_ms,
			.to_ms = c->now_ms + SERIES_ASK_SLACK_MS,
			.origins = origins,
			.step_ms = steps->step_ms,
			.steps = steps->count,
			.interval_ms = interval_ms,
			.raw = true,
		},
		chart, e);
}

static void series_age_line(
	struct json *j, const struct series_life *life, const double *values, size_t n)
{
	json_object(j);
	json_put_int(j, "instance", life->slot_id);
	json_put_string(j, "host", life->host);
	json_put_int(j, "ordinal", life->ordinal);
	json_key(j, "version");
	json_object(j);
	json_put_int(j, "id", life->fingerprint_id);
	json_put_string(j, "version", life->version);
	json_end(j);
	json_put_int(j, "pid", life->pid);
	json_put_int(j, "started_ms", life->started_ms);
	series_ask_put_values(j, values, n);
	json_end(j);
}

/* Lives of which nothing is kept, or nothing of these ages, have no line. */
static size_t series_age_put_lines(struct call *c, const struct series_ask *ask,
	const struct series_life **lives, size_t count, const struct chart *chart)
{
	size_t shown = 0;
	json_key(&c->json, "series");
	json_array(&c->json);
	for (size_t i = 0; i < count; i++) {
		const double *values = series_ask_values(
			ask, &chart->lines[i], c->arena);
		size_t step = 0;
		while (step < chart->lines[i].count && isnan(values[step]))
			step++;
		if (step == chart->lines[i].count)
			continue;
		series_age_line(&c->json, lives[i], values, chart->lines[i].count);
		shown++;
	}
	json_end(&c->json);
	return shown;
}

bool series_age_answer(struct call *c, const struct series_ask *ask,
	const struct series_age *age, const struct series_ask_lives *lives,
	struct err *e)
{
	struct chart chart;
	size_t all, shown, count;
	int64_t interval_ms =
		lines_make(lives->rows, lives->count, c->arena).interval_ms;
	const struct series_life **chosen = series_age_lives(
		lives, age, c->arena, &all);
	count = all < SERIES_AGE_LIVES_MAX ? all : SERIES_AGE_LIVES_MAX;
	struct steps steps = steps_choose(
		age->from_ms, age->to_ms, ask->points, interval_ms);
	if (!series_age_chart(c, ask, chosen, count, &steps, interval_ms, &chart, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	series_ask_put_head(j, ask, &steps);
	json_put_string(j, "align", "start");
	series_ask_put_sources(j, &chart);
	if (!series_ask_put_missing(c, chart.sources.missing, e))
		return false;
	json_put_int(j, "kills_from_ms", ask->to_ms);
	shown = series_age_put_lines(c, ask, chosen, count, &chart);
	json_key(j, "lives");
	json_object(j);
	json_put_int(j, "all", (int64_t)all);
	json_put_int(j, "shown", (int64_t)shown);
	json_end(j);
	json_key(j, "marks");
	json_array(j);
	json_end(j);
	json_key(j, "gaps");
	json_array(j);
	json_end(j);
	json_end(j);
	return true;
}
