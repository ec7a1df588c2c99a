#include "server/api/handlers.h"
#include "server/api/lines.h"
#include "server/api/steps.h"
#include "server/store/deploys.h"
#include "server/store/series.h"

#include <math.h>
#include <string.h>

#define SERIES_SPAN_MAX     (INT64_C(400) * 86400 * 1000)
#define SERIES_SPAN_DEFAULT (INT64_C(3600) * 1000)

/* What was asked for. */
struct series_route_ask {
	const char *name;
	struct lines_metric metric;
	int64_t from_ms, to_ms, points;
};

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

static void series_route_put_head(
	struct json *j, const struct series_route_ask *ask, const struct steps *steps)
{
	json_put_string(j, "metric", ask->name);
	json_put_string(j, "unit", ask->metric.unit);
	json_put_int(j, "from_ms", steps->from_ms);
	json_put_int(j, "to_ms", steps->to_ms);
	json_put_int(j, "step_ms", steps->step_ms);
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

static bool series_route_put_gaps(struct call *c, const struct series_window *window,
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

static bool series_route_put_lines(struct call *c, const struct lines *lines,
	const struct lines_metric *metric, const struct steps *steps, bool *has_kills,
	struct err *e)
{
	struct series_window window = {
		steps->from_ms, steps->to_ms, steps->step_ms, metric->number};
	struct series_points *points;
	size_t count;
	bool is_counter = metric->kind == METRIC_COUNTER;
	if (!(is_counter ? series_counter : series_gauge)(
		    c->db, &window, &lines->members, c->arena, &points, &count, e))
		return false;
	static const struct series_points nothing;
	const struct series_points **of = arena_array(
		c->arena, lines->count, sizeof *of);
	for (size_t i = 0; i < lines->count; i++)
		of[i] = &nothing;
	*has_kills = is_counter; /* may have: a counter's query does not tell */
	for (size_t i = 0; i < count; i++) {
		of[points[i].line] = &points[i];
		*has_kills |= points[i].kills > 0;
	}
	json_key(&c->json, "series");
	json_array(&c->json);
	for (size_t i = 0; i < lines->count; i++)
		series_route_line(&c->json, lines->first[i],
			lines_values(of[i], metric, steps, c->arena), steps->count);
	json_end(&c->json);
	return true;
}

/* The lives of a seat or service, with what belongs to them. */
struct series_route_lives {
	struct series_life *rows;
	size_t count;
	bool has_kills; /* or may have: whether to look for them */
};

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
	const struct series_route_lives *lives, const struct lines *lines,
	const struct steps *steps, struct err *e)
{
	struct lines_events events = {0};
	if (lives->count &&
		!series_route_said(c, lives->rows[0].service_id, steps, &events, e))
		return false;
	struct series_window window = {steps->from_ms, steps->to_ms, steps->step_ms, 0};
	struct series_kills *rows = NULL;
	size_t count = 0;
	if (lives->has_kills && !series_kills(c->db, &window, &lines->members, c->arena,
					&rows, &count, e))
		return false;
	events.kills = rows;
	events.kill_count = count;
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
	const struct lines *lines, struct err *e)
{
	if (lives->count > LINES_LIVES_MAX)
		return err_set(e, ERR_INPUT,
			"from, to: more than %d process lives; ask for a shorter span",
			LINES_LIVES_MAX);
	if (lines->count > LINES_MAX)
		return err_set(e, ERR_INPUT,
			"service, instance: %zu lines; ask for up to %d instances by "
			"id",
			lines->count, LINES_MAX);
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
	if (!series_route_check_size(&lives, &lines, e))
		return false;
	struct steps steps = steps_choose(
		ask.from_ms, ask.to_ms, ask.points, lines.interval_ms);
	struct series_window window = {steps.from_ms, steps.to_ms, steps.step_ms, 0};
	struct figures_ids hosts = {lines.hosts, lines.host_count};
	json_object(&c->json);
	series_route_put_head(&c->json, &ask, &steps);
	if (!series_route_put_lines(
		    c, &lines, &ask.metric, &steps, &lives.has_kills, e) ||
		!series_route_put_marks(c, &lives, &lines, &steps, e) ||
		!series_route_put_gaps(c, &window, hosts, e))
		return false;
	json_end(&c->json);
	return true;
}

/* The busy share of all cores: one counter's increase by another's. */
static bool series_route_busy(struct call *c, int64_t host_id,
	struct series_window *window, struct series_points *busy, struct err *e)
{
	struct series_points total;
	window->metric = HOST_cpu_busy_ms;
	if (!series_host_counter(c->db, host_id, window, c->arena, busy, e))
		return false;
	window->metric = HOST_cpu_total_ms;
	if (!series_host_counter(c->db, host_id, window, c->arena, &total, e))
		return false;
	int64_t *spans = arena_array(c->arena, busy->count, sizeof *spans);
	size_t n = 0, at = 0;
	for (size_t i = 0; i < total.count; i++) {
		while (at < busy->count && busy->steps[at] < total.steps[i])
			at++;
		if (at == busy->count || busy->steps[at] != total.steps[i] ||
			total.values[i] <= 0)
			continue;
		((int64_t *)(uintptr_t)busy->steps)[n] = busy->steps[at];
		((int64_t *)(uintptr_t)busy->values)[n] = busy->values[at];
		spans[n++] = total.values[i];
	}
	busy->spans_ms = spans;
	busy->count = n;
	return true;
}

static bool series_route_host_points(struct call *c, const struct lines_metric *metric,
	int64_t host_id, struct series_window *window, struct series_points *points,
	struct err *e)
{
	if (metric->is_ratio)
		return series_route_busy(c, host_id, window, points, e);
	if (metric->kind == METRIC_COUNTER)
		return series_host_counter(c->db, host_id, window, c->arena, points, e);
	return series_host_gauge(c->db, host_id, window, c->arena, points, e);
}

bool series_route_host(struct call *c, struct err *e)
{
	struct series_route_ask ask;
	struct series_points points;
	struct series_host *host;
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
	struct series_window window = {
		steps.from_ms, steps.to_ms, steps.step_ms, ask.metric.number};
	if (!series_route_host_points(c, &ask.metric, id, &window, &points, e))
		return false;
	struct series_life line = {.host = host->name, .version = ""};
	struct json *j = &c->json;
	json_object(j);
	series_route_put_head(j, &ask, &steps);
	json_key(j, "series");
	json_array(j);
	series_route_line(j, &line,
		lines_values(&points, &ask.metric, &steps, c->arena), steps.count);
	json_end(j);
	json_key(j, "marks");
	json_array(j);
	json_end(j);
	if (!series_route_put_gaps(c, &window, (struct figures_ids){&id, 1}, e))
		return false;
	json_end(j);
	return true;
}
