#include "server/api/handlers.h"
#include "server/api/series_ask.h"
#include "server/api/steps.h"
#include "server/history/spread.h"
#include "server/store/series.h"

#include <math.h>
#include <stdlib.h>

/* A span so short is told in finer steps than those that are kept, from the readings,
 * when they are not too many. */
#define BANDS_FINE_MS (INT64_C(6) * 3600 * 1000)
enum { BANDS_FINE_VALUES_MAX = 200000 };

enum {
	BANDS_N,
	BANDS_MEDIAN,
	BANDS_P10,
	BANDS_P90,
	BANDS_LOW,
	BANDS_HIGH,
	BANDS_COUNT
};
static const char *const bands_route_names[BANDS_COUNT] = {
	"n", "median", "p10", "p90", "min", "max"};

/* A version over time: of each step BANDS_COUNT figures. */
struct bands_version {
	int64_t id;
	const char *name;
	double (*steps)[BANDS_COUNT];
};

struct bands {
	struct series_ask ask;
	struct steps steps;
	struct series_ask_lives lives;
	struct lines lines;
	struct bands_version *versions;
	size_t count;
	struct chart chart; /* kills, where readings were read */
};

static const char *bands_route_name(
	const struct figures_name *names, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].id == id)
			return names[i].name;
	return "";
}

/* Counters are kept per hour and told per second, as everywhere. */
static double bands_route_told(const struct bands *b, int64_t value)
{
	if (b->ask.metric.kind != METRIC_COUNTER)
		return (double)value;
	double scale = b->ask.metric.is_ratio ? 3600 * 1000 : 3600;
	return round((double)value / scale * 1e6) / 1e6;
}

/* From what is kept of versions. */
static bool bands_route_take(
	struct call *c, struct bands *b, const struct spread *spread, struct err *e)
{
	struct figures_name *names;
	size_t count;
	int64_t *ids = arena_array(c->arena, spread->count, sizeof *ids);
	for (size_t i = 0; i < spread->count; i++)
		ids[i] = spread->versions[i].id;
	if (!series_versions(c->db, ids, spread->count, c->arena, &names, &count, e))
		return false;
	b->versions = arena_array(c->arena, spread->count, sizeof *b->versions);
	b->count = spread->count;
	for (size_t i = 0; i < spread->count; i++) {
		struct bands_version *v = &b->versions[i];
		v->id = ids[i];
		v->name = bands_route_name(names, count, ids[i]);
		v->steps = arena_array(c->arena, b->steps.count, sizeof *v->steps);
		for (size_t k = 0; k < b->steps.count; k++) {
			const struct spread_step *s = &spread->versions[i].steps[k];
			double *out = v->steps[k];
			out[BANDS_N] = (double)s->n;
			out[BANDS_MEDIAN] = bands_route_told(b, s->median);
			out[BANDS_P10] = bands_route_told(b, s->p10);
			out[BANDS_P90] = bands_route_told(b, s->p90);
			out[BANDS_LOW] = bands_route_told(b, s->low);
			out[BANDS_HIGH] = bands_route_told(b, s->high);
		}
	}
	return true;
}

static bool bands_route_kept(
	struct call *c, struct bands *b, int64_t service_id, struct err *e)
{
	struct spread spread;
	int64_t *versions = arena_array(c->arena, b->lines.count, sizeof *versions);
	for (size_t i = 0; i < b->lines.count; i++)
		versions[i] = b->lines.first[i]->fingerprint_id;
	struct spread_ask ask = {
		.service_id = service_id,
		.lives = series_ask_chart_lives(&b->lives, &b->lines, c->arena),
		.count = b->lives.count,
		.line_count = b->lines.count,
		.versions = versions,
		.metric = b->ask.metric.number,
		.kind = b->ask.metric.kind,
		.from_ms = b->steps.from_ms,
		.step_ms = b->steps.step_ms,
		.steps = b->steps.count,
		.interval_ms = b->lines.interval_ms,
	};
	if (!spread_read(c->db, &ask, c->arena, &spread, e))
		return spread.sources.damaged ? series_ask_damaged(c, e) : false;
	b->chart.kills_from_ms = b->steps.to_ms;
	return bands_route_take(c, b, &spread, e);
}

static int bands_route_compare(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* The value that `part` of the sorted ones are not above. */
static double bands_route_quantile(const double *sorted, size_t count, double part)
{
	size_t at = (size_t)ceil(part * (double)count);
	return sorted[at > 0 ? at - 1 : 0];
}

/* One version, of lines whose values are rows of `values`. */
static void bands_route_spread(const struct bands *b, struct bands_version *v,
	double *const *values, double *scratch)
{
	for (size_t k = 0; k < b->steps.count; k++) {
		size_t n = 0;
		for (size_t i = 0; i < b->lines.count; i++)
			if (b->lines.first[i]->fingerprint_id == v->id &&
				!isnan(values[i][k]))
				scratch[n++] = values[i][k];
		double *out = v->steps[k];
		out[BANDS_N] = (double)n;
		if (n == 0)
			continue;
		qsort(scratch, n, sizeof *scratch, bands_route_compare);
		out[BANDS_MEDIAN] = bands_route_quantile(scratch, n, 0.5);
		out[BANDS_P10] = bands_route_quantile(scratch, n, 0.1);
		out[BANDS_P90] = bands_route_quantile(scratch, n, 0.9);
		out[BANDS_LOW] = scratch[0];
		out[BANDS_HIGH] = scratch[n - 1];
	}
}

static struct bands_version *bands_route_version(
	struct bands *b, const struct series_life *life, struct arena *a)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->versions[i].id == life->fingerprint_id)
			return &b->versions[i];
	struct bands_version *v = &b->versions[b->count++];
	*v = (struct bands_version){.id = life->fingerprint_id,
		.name = life->version,
		.steps = arena_array(a, b->steps.count, sizeof *v->steps)};
	return v;
}

/* From the readings. */
static bool bands_route_fine(struct call *c, struct bands *b, struct err *e)
{
	struct chart_ask ask = {
		.lives = series_ask_chart_lives(&b->lives, &b->lines, c->arena),
		.count = b->lives.count,
		.line_count = b->lines.count,
		.metric = b->ask.metric.number,
		.over = b->ask.metric.over,
		.kind = b->ask.metric.kind,
		.aggregate = b->ask.aggregate,
		.from_ms = b->steps.from_ms,
		.step_ms = b->steps.step_ms,
		.steps = b->steps.count,
		.interval_ms = b->lines.interval_ms,
		.raw = true,
		.kills = true,
	};
	if (!series_ask_chart(c, &ask, &b->chart, e))
		return false;
	size_t count = b->lines.count;
	double **values = arena_array(c->arena, count, sizeof *values);
	double *scratch = arena_array(c->arena, count, sizeof *scratch);
	b->versions = arena_array(c->arena, count, sizeof *b->versions);
	for (size_t i = 0; i < count; i++) {
		values[i] = lines_values(
			&b->chart.lines[i], b->ask.aggregate, &b->ask.metric, c->arena);
		bands_route_version(b, b->lines.first[i], c->arena);
	}
	for (size_t i = 0; i < b->count; i++)
		bands_route_spread(b, &b->versions[i], values, scratch);
	return true;
}

/* Whether the steps are those of the readings; chooses them. */
static bool bands_route_is_fine(const struct call *c, struct bands *b)
{
	const struct series_ask *ask = &b->ask;
	bool derived = ask->metric.over >= 0;
	int64_t span_ms = ask->to_ms - ask->from_ms;
	b->steps = steps_choose(
		ask->from_ms, ask->to_ms, ask->points, b->lines.interval_ms);
	size_t values = b->lines.count * b->steps.count;
	if (derived || (span_ms <= BANDS_FINE_MS && values <= BANDS_FINE_VALUES_MAX &&
			       ask->from_ms >= series_ask_kept_ms(c) &&
			       b->steps.step_ms < SPREAD_PART_S * INT64_C(1000)))
		return true;
	int part_s = series_ask_is_far(c, ask) ? SPREAD_HOUR_S : SPREAD_PART_S;
	b->steps = steps_choose_whole(
		ask->from_ms, ask->to_ms, ask->points, part_s * INT64_C(1000));
	return false;
}

static void bands_route_put(struct json *j, const struct bands *b)
{
	json_key(j, "versions");
	json_array(j);
	for (size_t i = 0; i < b->count; i++) {
		const struct bands_version *v = &b->versions[i];
		json_object(j);
		json_key(j, "version");
		json_object(j);
		json_put_int(j, "id", v->id);
		json_put_string(j, "version", v->name);
		json_end(j);
		for (int k = 0; k < BANDS_COUNT; k++) {
			json_key(j, bands_route_names[k]);
			json_array(j);
			for (size_t s = 0; s < b->steps.count; s++)
				json_double(j, v->steps[s][BANDS_N] > 0 ? v->steps[s][k]
									: NAN);
			json_end(j);
		}
		json_end(j);
	}
	json_end(j);
}

static bool bands_route_answer(struct call *c, struct bands *b, struct err *e)
{
	struct json *j = &c->json;
	json_object(j);
	json_put_string(j, "metric", b->ask.name);
	json_put_string(j, "unit", b->ask.metric.unit);
	json_put_int(j, "from_ms", b->steps.from_ms);
	json_put_int(j, "to_ms", b->steps.to_ms);
	json_put_int(j, "step_ms", b->steps.step_ms);
	json_put_int(j, "kills_from_ms", b->chart.kills_from_ms);
	bands_route_put(j, b);
	if (!series_ask_put_marks(c, &b->lives, &b->chart, &b->steps, true, e))
		return false;
	json_end(j);
	return true;
}

bool bands_route_get(struct call *c, struct err *e)
{
	struct bands b = {0};
	struct series_scope scope = {.limit = LINES_LIVES_MAX + 1};
	if (!call_service(c, &scope.service_id, e) ||
		!series_ask_read(c, metric_process, METRIC_PROCESS_COUNT, &b.ask, e) ||
		!query_finish(&c->query, e) || !call_take_turn(c, e) || !call_db(c, e))
		return false;
	scope.from_ms = b.ask.from_ms;
	scope.to_ms = b.ask.to_ms;
	if (!series_lives(c->db, &scope, c->arena, &b.lives.rows, &b.lives.count, e))
		return false;
	b.lines = lines_make(b.lives.rows, b.lives.count, c->arena);
	bool fine = bands_route_is_fine(c, &b);
	if (fine && !series_ask_check_size(&b.lives, &b.lines, &b.steps, e))
		return false;
	return (fine ? bands_route_fine(c, &b, e)
		     : bands_route_kept(c, &b, scope.service_id, e)) &&
	       bands_route_answer(c, &b, e);
}
