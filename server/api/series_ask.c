#include "server/api/series_ask.h"

#include "common/log.h"
#include "server/api/shared.h"
#include "server/history/rollup.h"
#include "server/store/deploys.h"
#include "server/store/experiments.h"
#include "server/store/partitions.h"
#include "server/store/shards.h"
#include "server/store/snapshots.h"

#include <math.h>
#include <string.h>

#define SERIES_SPAN_MAX     (INT64_C(400) * 86400 * 1000)
#define SERIES_SPAN_DEFAULT (INT64_C(3600) * 1000)

/* Heap snapshots and experiments that are marked, the newest. */
enum { SERIES_ASK_SNAPSHOTS_MAX = 200, SERIES_ASK_EXPERIMENTS_MAX = 100 };

/* ?agg= of gauges; a counter has its rate and nothing else. */
static bool series_ask_aggregate(struct call *c, struct series_ask *ask, struct err *e)
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
static bool series_ask_source(struct call *c, struct series_ask *ask, struct err *e)
{
	static const char *const allowed[] = {"raw"};
	const char **words;
	size_t count;
	if (!query_words(&c->query, "source", allowed, 1, &words, &count, e))
		return false;
	ask->raw = count > 0;
	return true;
}

bool series_ask_span(struct call *c, struct series_ask *ask, struct err *e)
{
	struct query_range to = {1, QUERY_TIME_MAX, c->now_ms};
	static const struct query_range points = {STEPS_MIN, STEPS_MAX, STEPS_DEFAULT};
	if (!query_int(&c->query, "to", &to, &ask->to_ms, e))
		return false;
	struct query_range from = {0, QUERY_TIME_MAX, ask->to_ms - SERIES_SPAN_DEFAULT};
	if (!query_int(&c->query, "from", &from, &ask->from_ms, e) ||
		!query_int(&c->query, "points", &points, &ask->points, e))
		return false;
	if (ask->from_ms < 0 || ask->from_ms >= ask->to_ms)
		return err_set(e, ERR_INPUT, "from: must lie before `to`");
	if (ask->to_ms - ask->from_ms > SERIES_SPAN_MAX)
		return err_set(e, ERR_INPUT, "from: more than 400 days before `to`");
	return true;
}

bool series_ask_read(struct call *c, const struct metric *metrics, size_t metric_count,
	struct series_ask *ask, struct err *e)
{
	*ask = (struct series_ask){0};
	if (!query_text(&c->query, "metric", 64, &ask->name, e) ||
		!series_ask_span(c, ask, e))
		return false;
	if (!ask->name)
		return err_set(e, ERR_INPUT, "metric: is missing");
	if (!lines_find_metric(
		    ask->name, metrics, metric_count, c->arena, &ask->metric))
		return err_set(
			e, ERR_INPUT, "metric: '%s' is not known here", ask->name);
	return series_ask_aggregate(c, ask, e) && series_ask_source(c, ask, e);
}

bool series_ask_scope(struct call *c, const struct series_ask *ask,
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

int64_t series_ask_kept_ms(const struct call *c)
{
	return partitions_oldest_ms(c->now_ms, c->shared->options.raw_retention_ms);
}

bool series_ask_is_far(const struct call *c, const struct series_ask *ask)
{
	return !ask->raw && rollup_has(ask->metric.number) && ask->metric.over < 0 &&
	       ask->from_ms < series_ask_kept_ms(c);
}

void series_ask_put_head(
	struct json *j, const struct series_ask *ask, const struct steps *steps)
{
	json_put_string(j, "metric", ask->name);
	json_put_string(j, "unit", ask->metric.unit);
	json_put_int(j, "from_ms", steps->from_ms);
	json_put_int(j, "to_ms", steps->to_ms);
	json_put_int(j, "step_ms", steps->step_ms);
	json_put_string(j, "aggregate", downsample_name(ask->aggregate));
}

void series_ask_put_sources(struct json *j, const struct chart *chart)
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

bool series_ask_put_missing(struct call *c, uint64_t missing, struct err *e)
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

/* No fault of who asks: 500, with the name of what it is. */
bool series_ask_damaged(struct call *c, struct err *e)
{
	struct err damage = *e;
	log_warn("api: %s: %s", c->request->path, damage.text);
	return call_problem(c, 500, e, "what is stored is damaged: %s", damage.text);
}

bool series_ask_chart(
	struct call *c, const struct chart_ask *ask, struct chart *chart, struct err *e)
{
	if (chart_read(c->db, ask, c->arena, chart, e))
		return true;
	if (!chart->sources.damaged)
		return false;
	return series_ask_damaged(c, e);
}

const struct chart_life *series_ask_chart_lives(const struct series_ask_lives *lives,
	const struct lines *lines, struct arena *a)
{
	struct chart_life *out = arena_array(a, lives->count, sizeof *out);
	for (size_t i = 0; i < lives->count; i++)
		out[i] = (struct chart_life){
			.id = lives->rows[i].id,
			.slot_id = lives->rows[i].slot_id,
			.service_id = lives->rows[i].service_id,
			.host_id = lives->rows[i].host_id,
			.line = lines->line[i],
			.from_ms = lives->rows[i].started_ms - SERIES_ASK_SLACK_MS,
			.to_ms = lives->rows[i].last_ms + SERIES_ASK_SLACK_MS,
		};
	return out;
}

bool series_ask_check_size(const struct series_ask_lives *lives,
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

void series_ask_put_values(struct json *j, const double *values, size_t count)
{
	json_key(j, "values");
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_double(j, values[i]);
	json_end(j);
}

const double *series_ask_values(
	const struct series_ask *ask, const struct downsample *line, struct arena *a)
{
	double *values = lines_values(line, ask->aggregate, &ask->metric, a);
	double first = NAN;
	for (size_t i = 0; ask->delta && i < line->count; i++) {
		if (isnan(first))
			first = values[i];
		values[i] -= first;
	}
	return values;
}

/* What people or their pipeline said of the service; what was seen of it shows in its
 * lives. */
static bool series_ask_said(struct call *c, int64_t service_id,
	const struct steps *steps, struct lines_mark *marks, size_t *count,
	struct err *e)
{
	struct deploys_filter filter = {.service_id = service_id,
		.from_ms = steps->from_ms,
		.to_ms = steps->to_ms,
		.origin = "api",
		.limit = LINES_MARKS_MAX};
	struct deploys_row *rows;
	size_t rows_count;
	if (!deploys_page(c->db, &filter, c->arena, &rows, &rows_count, e))
		return false;
	for (size_t i = 0; i < rows_count; i++) {
		const char *text = *rows[i].version ? rows[i].version : rows[i].note;
		if (*rows[i].version && *rows[i].note)
			text = arena_printf(
				c->arena, "%s: %s", rows[i].version, rows[i].note);
		marks[(*count)++] = (struct lines_mark){
			.at_ms = rows[i].at_ms, .kind = rows[i].kind, .text = text};
	}
	return true;
}

/* Heap snapshots of the seats that the answer is about. */
static bool series_ask_snapshots(struct call *c, const struct series_ask_lives *lives,
	const struct steps *steps, struct lines_mark *marks, size_t *count,
	struct err *e)
{
	struct snapshots_filter filter = {.service_id = lives->rows[0].service_id,
		.after_ms = steps->to_ms,
		.after_id = INT64_MAX,
		.limit = SERIES_ASK_SNAPSHOTS_MAX};
	struct snapshots_row *rows;
	size_t rows_count;
	if (!snapshots_page(c->db, &filter, c->arena, &rows, &rows_count, e))
		return false;
	for (size_t i = 0; i < rows_count; i++) {
		size_t life = 0;
		if (rows[i].taken_ms < steps->from_ms)
			break;
		while (life < lives->count &&
			lives->rows[life].slot_id != rows[i].place.instance)
			life++;
		if (life < lives->count)
			marks[(*count)++] = (struct lines_mark){
				.at_ms = rows[i].taken_ms,
				.instance = rows[i].place.instance,
				.id = rows[i].id,
				.kind = "snapshot",
				.text = arena_printf(c->arena, "%.1f MiB",
					(double)rows[i].total_bytes / 1048576)};
	}
	return true;
}

static bool series_ask_experiments(struct call *c, int64_t service_id,
	const struct steps *steps, struct lines_mark *marks, size_t *count,
	struct err *e)
{
	struct experiments_filter filter = {.service_id = service_id,
		.from_ms = steps->from_ms,
		.to_ms = steps->to_ms,
		.limit = SERIES_ASK_EXPERIMENTS_MAX};
	struct experiments_row *rows;
	size_t rows_count;
	if (!experiments_page(c->db, &filter, c->arena, &rows, &rows_count, e))
		return false;
	for (size_t i = 0; i < rows_count; i++)
		marks[(*count)++] = (struct lines_mark){.at_ms = rows[i].from_ms,
			.to_ms = rows[i].to_ms,
			.id = rows[i].id,
			.kind = "experiment",
			.text = rows[i].name};
	return true;
}

/* What is known of the service beside its lives. */
static bool series_ask_beside(struct call *c, const struct series_ask_lives *lives,
	const struct steps *steps, struct lines_events *events, struct err *e)
{
	size_t count = 0;
	if (lives->count == 0)
		return true;
	struct lines_mark *marks = arena_array(c->arena,
		LINES_MARKS_MAX + SERIES_ASK_SNAPSHOTS_MAX + SERIES_ASK_EXPERIMENTS_MAX,
		sizeof *marks);
	int64_t service_id = lives->rows[0].service_id;
	if (!series_ask_said(c, service_id, steps, marks, &count, e) ||
		!series_ask_experiments(c, service_id, steps, marks, &count, e) ||
		!series_ask_snapshots(c, lives, steps, marks, &count, e))
		return false;
	events->said = marks;
	events->said_count = count;
	return true;
}

static void series_ask_put_mark(struct json *j, const struct lines_mark *mark, bool one)
{
	json_object(j);
	json_put_int(j, "at_ms", mark->at_ms);
	json_put_string(j, "kind", mark->kind);
	json_put_int(j, "instance", mark->instance);
	json_put_string(j, "text", mark->text);
	if (mark->id)
		json_put_int(j, "id", mark->id);
	if (mark->to_ms)
		json_put_int(j, "to_ms", mark->to_ms);
	if (one)
		json_put_int(j, "count", mark->count);
	json_end(j);
}

bool series_ask_put_marks(struct call *c, const struct series_ask_lives *lives,
	const struct chart *chart, const struct steps *steps, bool one, struct err *e)
{
	struct lines_events events = {
		.kills = chart->kills, .kill_count = chart->kill_count, .one = one};
	if (!series_ask_beside(c, lives, steps, &events, e))
		return false;
	size_t count;
	struct lines_mark *marks = lines_marks(
		lives->rows, lives->count, &events, steps, c->arena, &count);
	json_key(&c->json, "marks");
	json_array(&c->json);
	for (size_t i = 0; i < count; i++)
		series_ask_put_mark(&c->json, &marks[i], one);
	json_end(&c->json);
	return true;
}

bool series_ask_put_gaps(struct call *c, const struct series_scope *window,
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
