#include "server/api/handlers.h"
#include "server/api/lines.h"
#include "server/api/series_age.h"
#include "server/api/series_ask.h"
#include "server/api/steps.h"
#include "server/history/chart.h"
#include "server/history/spread.h"
#include "server/store/series.h"

static void series_route_line(struct json *j, const struct series_life *life,
	const double *values, size_t count)
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
	series_ask_put_values(j, values, count);
	json_end(j);
}

static void series_route_put_lines(struct call *c, const struct lines *lines,
	const struct series_ask *ask, const struct chart *chart)
{
	json_key(&c->json, "series");
	json_array(&c->json);
	for (size_t i = 0; i < lines->count; i++)
		series_route_line(&c->json, lines->first[i],
			series_ask_values(ask, &chart->lines[i], c->arena),
			chart->lines[i].count);
	json_end(&c->json);
}

/* Reads and writes the lines of some lives, their marks and gaps. */
static bool series_route_answer(struct call *c, const struct series_ask *ask,
	const struct series_ask_lives *lives, const struct lines *lines,
	const struct steps *steps, struct err *e)
{
	struct chart chart;
	struct chart_ask chart_ask = {
		.lives = series_ask_chart_lives(lives, lines, c->arena),
		.count = lives->count,
		.line_count = lines->count,
		.metric = ask->metric.number,
		.over = ask->metric.over,
		.kind = ask->metric.kind,
		.aggregate = ask->aggregate,
		.from_ms = steps->from_ms,
		.step_ms = steps->step_ms,
		.steps = steps->count,
		.interval_ms = lines->interval_ms,
		.raw = ask->raw,
		.kills = true,
	};
	if (!series_ask_chart(c, &chart_ask, &chart, e))
		return false;
	struct series_scope window = {.from_ms = steps->from_ms, .to_ms = steps->to_ms};
	struct figures_ids hosts = {lines->hosts, lines->host_count};
	json_object(&c->json);
	series_ask_put_head(&c->json, ask, steps);
	series_ask_put_sources(&c->json, &chart);
	if (!series_ask_put_missing(c, chart.sources.missing, e))
		return false;
	json_put_int(&c->json, "kills_from_ms", chart.kills_from_ms);
	series_route_put_lines(c, lines, ask, &chart);
	if (!series_ask_put_marks(c, lives, &chart, steps, false, e) ||
		!series_ask_put_gaps(c, &window, hosts, e))
		return false;
	json_end(&c->json);
	return true;
}

/* ?delta=: of gauges; a rate has no growth. */
static bool series_route_delta(struct call *c, struct series_ask *ask, struct err *e)
{
	int delta;
	if (!query_bool(&c->query, "delta", &delta, e))
		return false;
	ask->delta = delta == 1;
	if (ask->delta && ask->metric.kind == METRIC_COUNTER)
		return err_set(e, ERR_INPUT, "delta: '%s' is a rate", ask->name);
	return true;
}

bool series_route_get(struct call *c, struct err *e)
{
	struct series_ask ask;
	struct series_age age;
	struct series_scope scope = {0};
	struct series_ask_lives lives;
	if (!series_ask_read(c, metric_process, METRIC_PROCESS_COUNT, &ask, e) ||
		!series_route_delta(c, &ask, e) || !series_age_read(c, &ask, &age, e) ||
		!series_ask_scope(c, &ask, &scope, e) || !query_finish(&c->query, e) ||
		!call_take_turn(c, e) || !call_db(c, e) ||
		!series_lives(c->db, &scope, c->arena, &lives.rows, &lives.count, e))
		return false;
	if (age.wanted)
		return series_age_answer(c, &ask, &age, &lives, e);
	struct lines lines = lines_make(lives.rows, lives.count, c->arena);
	struct steps steps = series_ask_is_far(c, &ask)
				     ? steps_choose_whole(ask.from_ms, ask.to_ms,
					       ask.points,
					       SPREAD_HOUR_S * INT64_C(1000))
				     : steps_choose(ask.from_ms, ask.to_ms, ask.points,
					       lines.interval_ms);
	return series_ask_check_size(&lives, &lines, &steps, e) &&
	       series_route_answer(c, &ask, &lives, &lines, &steps, e);
}

/* One line of a host; the busy share of all cores is one counter's increase by
 * another's. */
static bool series_route_host_chart(struct call *c, const struct series_ask *ask,
	const struct series_host *host, const struct steps *steps, struct chart *chart,
	struct err *e)
{
	struct chart_life life = {.id = host->id, .host_id = host->id};
	struct chart_ask chart_ask = {
		.lives = &life,
		.count = 1,
		.line_count = 1,
		.metric = ask->metric.number,
		.over = ask->metric.over,
		.kind = ask->metric.kind,
		.aggregate = ask->aggregate,
		.from_ms = steps->from_ms,
		.step_ms = steps->step_ms,
		.steps = steps->count,
		.interval_ms = host->interval_ms,
		.raw = ask->raw,
	};
	return series_ask_chart(c, &chart_ask, chart, e);
}

bool series_route_host(struct call *c, struct err *e)
{
	struct series_ask ask;
	struct series_host *host;
	struct chart chart;
	int64_t id;
	if (!call_id(c, "host", &id, e) ||
		!series_ask_read(c, metric_host, METRIC_HOST_COUNT, &ask, e) ||
		!query_finish(&c->query, e) || !call_take_turn(c, e) ||
		!call_db(c, e) || !series_host(c->db, id, c->arena, &host, e))
		return false;
	if (!host)
		return call_missing(c, "host", e);
	struct steps steps = steps_choose(
		ask.from_ms, ask.to_ms, ask.points, host->interval_ms);
	struct series_scope window = {.from_ms = steps.from_ms, .to_ms = steps.to_ms};
	if (!series_route_host_chart(c, &ask, host, &steps, &chart, e))
		return false;
	struct series_life line = {.host = host->name, .version = ""};
	struct json *j = &c->json;
	json_object(j);
	series_ask_put_head(j, &ask, &steps);
	series_ask_put_sources(j, &chart);
	if (!series_ask_put_missing(c, chart.sources.missing, e))
		return false;
	json_put_int(j, "kills_from_ms", chart.kills_from_ms);
	json_key(j, "series");
	json_array(j);
	series_route_line(
		j, &line, series_ask_values(&ask, chart.lines, c->arena), steps.count);
	json_end(j);
	json_key(j, "marks");
	json_array(j);
	json_end(j);
	if (!series_ask_put_gaps(c, &window, (struct figures_ids){&id, 1}, e))
		return false;
	json_end(j);
	return true;
}
