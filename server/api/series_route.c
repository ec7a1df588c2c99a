#include "common/log.h"
#include "server/api/handlers.h"
#include "server/api/lines.h"
#include "server/api/shared.h"
#include "server/api/steps.h"
#include "server/history/chart.h"
#include "server/history/rollup.h"
#include "server/history/spread.h"
#include "server/store/deploys.h"
#include "server/store/partitions.h"
#include "server/store/series.h"
#include "server/store/shards.h"

#include <math.h>
#include <string.h>

#define SERIES_SPAN_MAX     (INT64_C(400) * 86400 * 1000)
#define SERIES_SPAN_DEFAULT (INT64_C(3600) * 1000)

/* Readings of a life may be newer than what is known of it, and older by a clock that
 * was set. */
#define SERIES_LIFE_SLACK_MS (INT64_C(300) * 1000)

/* What was asked for. */
struct series_route_ask {
	const char *name;
	struct lines_metric metric;
	int64_t from_ms, to_ms, points;
	enum downsample_aggregate aggregate;
	bool raw; /* from the readings themselves */
};

/* ?agg= of gauges; a counter has its rate and nothing else. */
static bool series_route_aggregate(
	struct call *c, struct series_route_ask *ask, struct err *e)
{
	const char *name;
	if (!query_text(&c->query, "agg", 16, &name, e))
		return false;
	bool is_counter = ask->metric.kind == METRIC_COUNTER;
	ask->aggregate = is_counter ? DOWNSAMPLE_RATE : DOWNSAMPLE_MAX;
	if (name && is_counter)
		return err_set(e, ERR_INPUT, "agg: '%s' is a rate", ask->name);
	if (name && !downsample_find(name, &ask->aggregate))
		return err_set(
			e, ERR_INPUT, "agg: must be one of max, min, last, mean");
	return true;
}

/* ?source=raw: as fine as it is stored, when hours would do. */
static bool series_route_source(
	struct call *c, struct series_route_ask *ask, struct err *e)
{
	static const char *const allowed[] = {"raw"};
	const char **words;
	size_t count;
	if (!query_words(&c->query, "source", allowed, 1, &words, &count, e))
		return false;
	ask->raw = count > 0;
	return true;
}

static bool series_route_read(struct call *c, const struct metric *metrics,
	size_t metric_count, struct series_route_ask *ask, struct err *e)
{
	struct query_range to = {1, QUERY_TIME_MAX, c->now_ms};
	static const struct query_range points = {STEPS_MIN, STEPS_MAX, STEPS_DEFAULT};
	if (!query_text(&c->query, "metric", 64, &ask->name, e) ||
		!query_int(&c->query, "to", &to, &ask->to_ms, e))
		return false;
	struct query_range from = {0, QUERY_TIME_MAX, ask->to_ms - SERIES_SPAN_DEFAULT};
	if (!query_int(&c->query, "from", &from, &ask->from_ms, e) ||
		!query_int(&c->query, "points", &points, &ask->points, e))
		return false;
	if (!ask->name)
		return err_set(e, ERR_INPUT, "metric: is missing");
	if (!lines_find_metric(
		    ask->name, metrics, metric_count, c->arena, &ask->metric))
		return err_set(
			e, ERR_INPUT, "metric: '%s' is not known here", ask->name);
	if (!series_route_aggregate(c, ask, e) || !series_route_source(c, ask, e))
		return false;
	if (ask->from_ms < 0 || ask->from_ms >= ask->to_ms)
		return err_set(e, ERR_INPUT, "from: must lie before `to`");
	if (ask->to_ms - ask->from_ms > SERIES_SPAN_MAX)
		return err_set(e, ERR_INPUT, "from: more than 400 days before `to`");
	return true;
}

/* ?service= or ?instance=, not both. */
static bool series_route_scope(struct call *c, const struct series_route_ask *ask,
	struct series_scope *scope, struct err *e)
{
	static const struct query_range ids = {1, INT32_MAX, 0};
	if (!query_int(&c->query, "service", &ids, &scope->service_id, e) ||
		!query_ids(&c->query, "instance", &scope->slots, &scope->slot_count, e))
		return false;
	if (!scope->service_id == !scope->slot_count)
		return err_set(e, ERR_INPUT,
			"service, instance: exactly one of them must be given");
	scope->from_ms = ask->from_ms;
	scope->to_ms = ask->to_ms;
	scope->limit = LINES_LIVES_MAX + 1;
	return true;
}

/* Readings of the span's begin are gone: what is left of it is hours. */
static bool series_route_is_far(
	const struct call *c, const struct series_route_ask *ask)
{
	int64_t kept_ms = partitions_oldest_ms(
		c->now_ms, c->shared->options.raw_retention_ms);
	return !ask->raw && rollup_has(ask->metric.number) && ask->from_ms < kept_ms;
}

static void series_route_put_head(
	struct json *j, const struct series_route_ask *ask, const struct steps *steps)
{
	json_put_string(j, "metric", ask->name);
	json_put_string(j, "unit", ask->metric.unit);
	json_put_int(j, "from_ms", steps->from_ms);
	json_put_int(j, "to_ms", steps->to_ms);
	json_put_int(j, "step_ms", steps->step_ms);
	json_put_string(j, "aggregate", downsample_name(ask->aggregate));
}

/* Where it was read, oldest last. */
static void series_route_put_sources(struct json *j, const struct chart *chart)
{
	const struct {
		const char *name;
		bool used;
	} sources[] = {
		{"hot", chart->sources.hot},
		{"late", chart->sources.late},
		{"segments", chart->sources.segments},
		{"chunks", chart->sources.chunks},
		{"rollups", chart->rollups},
	};
	json_put_int(j, "resolution_ms", chart->resolution_ms);
	json_key(j, "sources");
	json_array(j);
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (sources[i].used)
			json_string(j, sources[i].name);
	json_end(j);
}

/* Shards that were away: what they have is not in the answer. */
static bool series_route_put_missing(struct call *c, uint64_t missing, struct err *e)
{
	struct shards *shards;
	if (!missing)
		return true;
	if (!shards_get(c->db, &shards, e))
		return false;
	json_put_bool(&c->json, "partial", true);
	json_key(&c->json, "missing_shards");
	json_array(&c->json);
	for (size_t i = 1; i < shards_count(shards); i++)
		if (missing >> i & 1)
			json_string(&c->json, shards_name(shards, i));
	json_end(&c->json);
	return true;
}

/* What cannot be decoded is no fault of who asks: 500, with the name of what it is. */
static bool series_route_damaged(struct call *c, struct err *e)
{
	struct err damage = *e;
	log_warn("api: %s: %s", c->request->path, damage.text);
	return call_problem(c, 500, e, "what is stored is damaged: %s", damage.text);
}

static bool series_route_chart(
	struct call *c, const struct chart_ask *ask, struct chart *chart, struct err *e)
{
	if (chart_read(c->db, ask, c->arena, chart, e))
		return true;
	if (!chart->sources.damaged)
		return false;
	return series_route_damaged(c, e);
}

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
	json_key(j, "values");
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_double(j, values[i]);
	json_end(j);
	json_end(j);
}

static bool series_route_put_gaps(struct call *c, const struct series_scope *window,
	struct figures_ids hosts, struct err *e)
{
	struct series_gap *gaps;
	size_t count;
	if (!series_gaps(c->db, window, hosts, c->arena, &gaps, &count, e))
		return false;
	struct json *j = &c->json;
	json_key(j, "gaps");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_string(j, "host", gaps[i].host);
		json_put_int(j, "from_ms", gaps[i].from_ms);
		json_put_int(j, "to_ms", gaps[i].to_ms);
		json_put_string(j, "reason", gaps[i].reason);
		json_end(j);
	}
	json_end(j);
	return true;
}

static void series_route_put_lines(struct call *c, const struct lines *lines,
	const struct series_route_ask *ask, const struct chart *chart)
{
	json_key(&c->json, "series");
	json_array(&c->json);
	for (size_t i = 0; i < lines->count; i++)
		series_route_line(&c->json, lines->first[i],
			lines_values(&chart->lines[i], ask->aggregate, &ask->metric,
				c->arena),
			chart->lines[i].count);
	json_end(&c->json);
}

/* The lives of a seat or service, with what belongs to them. */
struct series_route_lives {
	struct series_life *rows;
	size_t count;
};

static const struct chart_life *series_route_chart_lives(
	const struct series_route_lives *lives, const struct lines *lines,
	struct arena *a)
{
	struct chart_life *out = arena_array(a, lives->count, sizeof *out);
	for (size_t i = 0; i < lives->count; i++)
		out[i] = (struct chart_life){
			.id = lives->rows[i].id,
			.slot_id = lives->rows[i].slot_id,
			.service_id = lives->rows[i].service_id,
			.host_id = lives->rows[i].host_id,
			.line = lines->line[i],
			.from_ms = lives->rows[i].started_ms - SERIES_LIFE_SLACK_MS,
			.to_ms = lives->rows[i].last_ms + SERIES_LIFE_SLACK_MS,
		};
	return out;
}

/* What people or their pipeline said of the service; what was seen of it shows in its
 * lives. */
static bool series_route_said(struct call *c, int64_t service_id,
	const struct steps *steps, struct lines_events *events, struct err *e)
{
	struct deploys_filter filter = {.service_id = service_id,
		.from_ms = steps->from_ms,
		.to_ms = steps->to_ms,
		.origin = "api",
		.limit = LINES_MARKS_MAX};
	struct deploys_row *rows;
	if (!deploys_page(c->db, &filter, c->arena, &rows, &events->said_count, e))
		return false;
	struct lines_mark *marks = arena_array(
		c->arena, events->said_count, sizeof *marks);
	for (size_t i = 0; i < events->said_count; i++) {
		const char *text = *rows[i].version ? rows[i].version : rows[i].note;
		if (*rows[i].version && *rows[i].note)
			text = arena_printf(
				c->arena, "%s: %s", rows[i].version, rows[i].note);
		marks[i] = (struct lines_mark){rows[i].at_ms, 0, rows[i].kind, text};
	}
	events->said = marks;
	return true;
}

static bool series_route_put_marks(struct call *c,
	const struct series_route_lives *lives, const struct chart *chart,
	const struct steps *steps, struct err *e)
{
	struct lines_events events = {
		.kills = chart->kills, .kill_count = chart->kill_count};
	if (lives->count &&
		!series_route_said(c, lives->rows[0].service_id, steps, &events, e))
		return false;
	size_t count;
	struct lines_mark *marks = lines_marks(
		lives->rows, lives->count, &events, steps, c->arena, &count);
	struct json *j = &c->json;
	json_key(j, "marks");
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_int(j, "at_ms", marks[i].at_ms);
		json_put_string(j, "kind", marks[i].kind);
		json_put_int(j, "instance", marks[i].instance);
		json_put_string(j, "text", marks[i].text);
		json_end(j);
	}
	json_end(j);
	return true;
}

/* Too much for one chart is refused, not cut: a chart that lies is worse than none. */
static bool series_route_check_size(const struct series_route_lives *lives,
	const struct lines *lines, const struct steps *steps, struct err *e)
{
	if (lives->count > LINES_LIVES_MAX)
		return err_set(e, ERR_INPUT,
			"from, to: more than %d process lives; ask for a shorter span",
			LINES_LIVES_MAX);
	if (lines->count > LINES_MAX)
		return err_set(e, ERR_INPUT,
			"service, instance: %zu lines are more than %d; ask for some "
			"of the instances by id",
			lines->count, LINES_MAX);
	if (lines->count * steps->count > LINES_VALUES_MAX)
		return err_set(e, ERR_INPUT,
			"points: %zu lines of %zu steps are more than %d values; ask "
			"for at most %zu points, or for fewer instances",
			lines->count, steps->count, LINES_VALUES_MAX,
			LINES_VALUES_MAX / lines->count);
	return true;
}

/* Reads and writes the lines of some lives, their marks and gaps. */
static bool series_route_answer(struct call *c, const struct series_route_ask *ask,
	const struct series_route_lives *lives, const struct lines *lines,
	const struct steps *steps, struct err *e)
{
	struct chart chart;
	struct chart_ask chart_ask = {
		.lives = series_route_chart_lives(lives, lines, c->arena),
		.count = lives->count,
		.line_count = lines->count,
		.metric = ask->metric.number,
		.over = -1,
		.kind = ask->metric.kind,
		.aggregate = ask->aggregate,
		.from_ms = steps->from_ms,
		.step_ms = steps->step_ms,
		.steps = steps->count,
		.interval_ms = lines->interval_ms,
		.raw = ask->raw,
		.kills = true,
	};
	if (!series_route_chart(c, &chart_ask, &chart, e))
		return false;
	struct series_scope window = {.from_ms = steps->from_ms, .to_ms = steps->to_ms};
	struct figures_ids hosts = {lines->hosts, lines->host_count};
	json_object(&c->json);
	series_route_put_head(&c->json, ask, steps);
	series_route_put_sources(&c->json, &chart);
	if (!series_route_put_missing(c, chart.sources.missing, e))
		return false;
	json_put_int(&c->json, "kills_from_ms", chart.kills_from_ms);
	series_route_put_lines(c, lines, ask, &chart);
	if (!series_route_put_marks(c, lives, &chart, steps, e) ||
		!series_route_put_gaps(c, &window, hosts, e))
		return false;
	json_end(&c->json);
	return true;
}

bool series_route_get(struct call *c, struct err *e)
{
	struct series_route_ask ask;
	struct series_scope scope = {0};
	struct series_route_lives lives;
	if (!series_route_read(c, metric_process, METRIC_PROCESS_COUNT, &ask, e) ||
		!series_route_scope(c, &ask, &scope, e) ||
		!query_finish(&c->query, e) || !call_take_turn(c, e) ||
		!call_db(c, e) ||
		!series_lives(c->db, &scope, c->arena, &lives.rows, &lives.count, e))
		return false;
	struct lines lines = lines_make(lives.rows, lives.count, c->arena);
	struct steps steps = series_route_is_far(c, &ask)
				     ? steps_choose_whole(ask.from_ms, ask.to_ms,
					       ask.points,
					       SPREAD_HOUR_S * INT64_C(1000))
				     : steps_choose(ask.from_ms, ask.to_ms, ask.points,
					       lines.interval_ms);
	return series_route_check_size(&lives, &lines, &steps, e) &&
	       series_route_answer(c, &ask, &lives, &lines, &steps, e);
}

/* One line of a host; the busy share of all cores is one counter's increase by
 * another's. */
static bool series_route_host_chart(struct call *c, const struct series_route_ask *ask,
	const struct series_host *host, const struct steps *steps, struct chart *chart,
	struct err *e)
{
	struct chart_life life = {.id = host->id, .host_id = host->id};
	struct chart_ask chart_ask = {
		.lives = &life,
		.count = 1,
		.line_count = 1,
		.metric = ask->metric.number,
		.over = ask->metric.is_ratio ? (int)HOST_cpu_total_ms : -1,
		.kind = ask->metric.kind,
		.aggregate = ask->aggregate,
		.from_ms = steps->from_ms,
		.step_ms = steps->step_ms,
		.steps = steps->count,
		.interval_ms = host->interval_ms,
		.raw = ask->raw,
	};
	return series_route_chart(c, &chart_ask, chart, e);
}

bool series_route_host(struct call *c, struct err *e)
{
	struct series_route_ask ask;
	struct series_host *host;
	struct chart chart;
	int64_t id;
	if (!call_id(c, "host", &id, e) ||
		!series_route_read(c, metric_host, METRIC_HOST_COUNT, &ask, e) ||
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
	series_route_put_head(j, &ask, &steps);
	series_route_put_sources(j, &chart);
	if (!series_route_put_missing(c, chart.sources.missing, e))
		return false;
	json_put_int(j, "kills_from_ms", chart.kills_from_ms);
	json_key(j, "series");
	json_array(j);
	series_route_line(j, &line,
		lines_values(chart.lines, ask.aggregate, &ask.metric, c->arena),
		steps.count);
	json_end(j);
	json_key(j, "marks");
	json_array(j);
	json_end(j);
	if (!series_route_put_gaps(c, &window, (struct figures_ids){&id, 1}, e))
		return false;
	json_end(j);
	return true;
}

/* One list of numbers of a version; null where nothing is known. */
static void series_route_band(struct json *j, const char *name,
	const struct spread_version *version, const struct series_route_ask *ask,
	size_t count, size_t offset)
{
	/* Counters are kept per hour and told per second, as everywhere. */
	double scale = ask->metric.is_ratio ? 3600 * 1000 : 3600;
	json_key(j, name);
	json_array(j);
	for (size_t i = 0; i < count; i++) {
		const struct spread_step *s = &version->steps[i];
		double value = (double)*(const int64_t *)((const char *)s + offset);
		if (offset != offsetof(struct spread_step, n) &&
			ask->metric.kind == METRIC_COUNTER)
			value = round(value / scale * 1e6) / 1e6;
		json_double(j, s->n ? value : NAN);
	}
	json_end(j);
}

static const char *series_route_version_name(
	const struct figures_name *names, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].id == id)
			return names[i].name;
	return "";
}

static bool series_route_put_bands(struct call *c, const struct series_route_ask *ask,
	const struct spread *spread, const struct steps *steps, struct err *e)
{
	static const struct {
		const char *name;
		size_t offset;
	} bands[] = {
		{"n", offsetof(struct spread_step, n)},
		{"median", offsetof(struct spread_step, median)},
		{"p10", offsetof(struct spread_step, p10)},
		{"p90", offsetof(struct spread_step, p90)},
		{"min", offsetof(struct spread_step, low)},
		{"max", offsetof(struct spread_step, high)},
	};
	struct figures_name *names;
	size_t count;
	int64_t *ids = arena_array(c->arena, spread->count, sizeof *ids);
	for (size_t i = 0; i < spread->count; i++)
		ids[i] = spread->versions[i].id;
	if (!series_versions(c->db, ids, spread->count, c->arena, &names, &count, e))
		return false;
	struct json *j = &c->json;
	json_key(j, "versions");
	json_array(j);
	for (size_t i = 0; i < spread->count; i++) {
		const struct spread_version *v = &spread->versions[i];
		json_object(j);
		json_key(j, "version");
		json_object(j);
		json_put_int(j, "id", v->id);
		json_put_string(
			j, "version", series_route_version_name(names, count, v->id));
		json_end(j);
		for (size_t k = 0; k < sizeof bands / sizeof *bands; k++)
			series_route_band(j, bands[k].name, v, ask, steps->count,
				bands[k].offset);
		json_end(j);
	}
	json_end(j);
	return true;
}

static bool series_route_spread(struct call *c, int64_t service_id,
	const struct series_route_ask *ask, const struct steps *steps,
	struct spread *out, struct err *e)
{
	struct series_route_lives lives;
	struct series_scope scope = {.service_id = service_id,
		.from_ms = steps->from_ms,
		.to_ms = steps->to_ms,
		.limit = LINES_LIVES_MAX};
	if (!series_lives(c->db, &scope, c->arena, &lives.rows, &lives.count, e))
		return false;
	struct lines lines = lines_make(lives.rows, lives.count, c->arena);
	int64_t *versions = arena_array(c->arena, lines.count, sizeof *versions);
	for (size_t i = 0; i < lines.count; i++)
		versions[i] = lines.first[i]->fingerprint_id;
	struct spread_ask spread_ask = {
		.service_id = service_id,
		.lives = series_route_chart_lives(&lives, &lines, c->arena),
		.count = lives.count,
		.line_count = lines.count,
		.versions = versions,
		.metric = ask->metric.number,
		.kind = ask->metric.kind,
		.from_ms = steps->from_ms,
		.step_ms = steps->step_ms,
		.steps = steps->count,
		.interval_ms = lines.interval_ms,
	};
	if (spread_read(c->db, &spread_ask, c->arena, out, e))
		return true;
	return out->sources.damaged ? series_route_damaged(c, e) : false;
}

bool series_route_bands(struct call *c, struct err *e)
{
	struct series_route_ask ask;
	struct spread spread;
	int64_t id;
	if (!call_service(c, &id, e) ||
		!series_route_read(c, metric_process, METRIC_PROCESS_COUNT, &ask, e) ||
		!query_finish(&c->query, e) || !call_take_turn(c, e) || !call_db(c, e))
		return false;
	int part_s = series_route_is_far(c, &ask) ? SPREAD_HOUR_S : SPREAD_PART_S;
	struct steps steps = steps_choose_whole(
		ask.from_ms, ask.to_ms, ask.points, part_s * INT64_C(1000));
	if (!series_route_spread(c, id, &ask, &steps, &spread, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	json_put_string(j, "metric", ask.name);
	json_put_string(j, "unit", ask.metric.unit);
	json_put_int(j, "from_ms", steps.from_ms);
	json_put_int(j, "to_ms", steps.to_ms);
	json_put_int(j, "step_ms", steps.step_ms);
	if (!series_route_put_bands(c, &ask, &spread, &steps, e))
		return false;
	json_end(j);
	return true;
}
