#include "common/log.h"
#include "server/api/handlers.h"
#include "server/api/selection.h"
#include "server/api/shape.h"
#include "server/api/shared.h"
#include "server/api/sides.h"
#include "server/store/partitions.h"
#include "server/store/selections.h"
#include "server/store/shards.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define COMPARE_ROUTE_SPAN_MAX     (INT64_C(400) * 86400 * 1000)
#define COMPARE_ROUTE_SPAN_DEFAULT (INT64_C(3600) * 1000)

static const char *const compare_route_letters[COMPARE_SIDES_MAX] = {
	"a", "b", "c", "d"};

/* Told with every answer: what the figures are. */
static const char compare_route_method[] =
	"Growth of each instance: one line through its process lives by generalised "
	"least squares, wild residuals clipped, start-ups left out, with load beside "
	"it "
	"where load is known and varies. Of several instances: random-effects mean "
	"over "
	"hosts. Difference: Student's t with Satterthwaite's degrees of freedom, "
	"intervals of 95 %, p two-sided; below `detectable` a true difference would be "
	"missed more often than once in five times.";

struct compare_route_ask {
	const char *metric_name;
	struct sides_ask sides;
	struct selection selections[COMPARE_SIDES_MAX];
	struct selections_names names[COMPARE_SIDES_MAX];
	const char *label[COMPARE_SIDES_MAX];
	bool by_age;
};

static bool compare_route_span(struct call *c, struct sides_ask *sides, struct err *e)
{
	struct query_range to = {1, QUERY_TIME_MAX, c->now_ms};
	static const struct query_range points = {
		STEPS_MIN, COMPARE_STEPS_MAX, COMPARE_STEPS_MAX};
	if (!query_int(&c->query, "to", &to, &sides->to_ms, e))
		return false;
	struct query_range from = {
		0, QUERY_TIME_MAX, sides->to_ms - COMPARE_ROUTE_SPAN_DEFAULT};
	if (!query_int(&c->query, "from", &from, &sides->from_ms, e) ||
		!query_int(&c->query, "points", &points, &sides->points, e))
		return false;
	if (sides->from_ms < 0 || sides->from_ms >= sides->to_ms)
		return err_set(e, ERR_INPUT, "from: must lie before `to`");
	if (sides->to_ms - sides->from_ms > COMPARE_ROUTE_SPAN_MAX)
		return err_set(e, ERR_INPUT, "from: more than 400 days before `to`");
	sides->kept_ms = partitions_oldest_ms(
		c->now_ms, c->shared->options.raw_retention_ms);
	return true;
}

static bool compare_route_align(
	struct call *c, struct compare_route_ask *ask, struct err *e)
{
	static const char *const aligns[] = {"time", "start"};
	const char **align;
	size_t count;
	if (!query_words(&c->query, "align", aligns, 2, &align, &count, e))
		return false;
	if (count > 1)
		return err_set(e, ERR_INPUT, "align: time or start, not both");
	ask->by_age = count && strcmp(align[0], "start") == 0;
	return true;
}

/* The first two must be given, and none be left out between. */
static bool compare_route_selections(
	const char *const texts[], struct compare_route_ask *ask, struct err *e)
{
	struct sides_ask *sides = &ask->sides;
	sides->selections = ask->selections;
	for (size_t i = 0; i < COMPARE_SIDES_MAX; i++) {
		const char *name = compare_route_letters[i];
		struct selection *s = &ask->selections[i];
		if (!texts[i] && i < 2)
			return err_set(e, ERR_INPUT, "%s: is missing", name);
		if (!texts[i])
			continue;
		if (sides->count < i)
			return err_set(e, ERR_INPUT,
				"%s: comes after %s, which is missing", name,
				compare_route_letters[sides->count]);
		if (!selection_parse(name, texts[i], s, e))
			return false;
		if (s->offset_ms >= sides->from_ms)
			return err_set(
				e, ERR_INPUT, "%s: offset: leads before 1970", name);
		sides->count++;
	}
	return true;
}

/* What was given wrongly is told before what is missing. */
static bool compare_route_read(
	struct call *c, struct compare_route_ask *ask, struct err *e)
{
	const char *texts[COMPARE_SIDES_MAX];
	for (size_t i = 0; i < COMPARE_SIDES_MAX; i++)
		if (!query_text(&c->query, compare_route_letters[i], SELECTION_TEXT_MAX,
			    &texts[i], e))
			return false;
	if (!query_text(&c->query, "metric", 64, &ask->metric_name, e) ||
		!compare_route_align(c, ask, e) ||
		!compare_route_span(c, &ask->sides, e) || !query_finish(&c->query, e) ||
		!compare_route_selections(texts, ask, e))
		return false;
	if (!ask->metric_name)
		return err_set(e, ERR_INPUT, "metric: is missing");
	if (!lines_find_metric(ask->metric_name, metric_process, METRIC_PROCESS_COUNT,
		    c->arena, &ask->sides.metric))
		return err_set(e, ERR_INPUT, "metric: '%s' is not known here",
			ask->metric_name);
	return true;
}

/* "checkout 1.1.0 on web-1 #2 (7 days before)". */
static const char *compare_route_label(const struct selection *s,
	const struct selections_names *names, struct arena *a)
{
	const char *text = names->service;
	const char *before = selection_offset_words(s->offset_ms, a);
	if (names->version)
		text = arena_printf(a, "%s %s", text, names->version);
	if (names->instance_host)
		text = arena_printf(a, "%s on %s #%" PRId64, text, names->instance_host,
			names->ordinal);
	else if (names->host)
		text = arena_printf(a, "%s on %s", text, names->host);
	return before ? arena_printf(a, "%s (%s)", text, before) : text;
}

static bool compare_route_name(
	struct call *c, struct compare_route_ask *ask, size_t i, struct err *e)
{
	const struct selection *s = &ask->selections[i];
	struct selections_names *names = &ask->names[i];
	struct selections_key key = {s->service, s->version, s->host, s->instance};
	if (!selections_names(c->db, &key, c->arena, names, e))
		return false;
	const struct {
		const char *what, *name;
		int64_t id;
	} parts[] = {
		{"service", names->service, s->service},
		{"version of the service", names->version, s->version},
		{"host", names->host, s->host},
		{"instance of the service", names->instance_host, s->instance},
	};
	for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
		if (parts[p].id && !parts[p].name)
			return call_problem(c, 404, e, "%s: no %s has the id %" PRId64,
				compare_route_letters[i], parts[p].what, parts[p].id);
	ask->label[i] = compare_route_label(s, names, c->arena);
	return true;
}

/* To so many digits: what is behind them is noise. */
static double compare_route_round(double value, int digits)
{
	if (!isfinite(value) || value == 0)
		return value;
	double scale = pow(10, digits - ceil(log10(fabs(value))));
	return round(value * scale) / scale;
}

/* All three to what counts of the widest. */
static double compare_route_round_in(const struct compare_rate *rate, double value)
{
	double size = fmax(fabs(rate->low), fabs(rate->high));
	double unit = size > 0 ? pow(10, ceil(log10(size)) - 6) : 1;
	return round(value / unit) * unit + 0.0;
}

static void compare_route_put_rate(
	struct json *j, const char *key, const struct compare_rate *rate)
{
	json_key(j, key);
	if (!rate->known) {
		json_null(j);
		return;
	}
	json_object(j);
	json_put_double(j, "value", compare_route_round_in(rate, rate->value));
	json_put_double(j, "low", compare_route_round_in(rate, rate->low));
	json_put_double(j, "high", compare_route_round_in(rate, rate->high));
	json_end(j);
}

static void compare_route_put_bands(
	struct json *j, const struct compare_found *found, size_t steps)
{
	static const struct {
		const char *name;
		size_t at;
	} bands[] = {
		{"median", offsetof(struct compare_band, median)},
		{"p10", offsetof(struct compare_band, low)},
		{"p90", offsetof(struct compare_band, high)},
	};
	json_key(j, "n");
	json_array(j);
	for (size_t k = 0; k < steps; k++)
		json_int(j, (int64_t)found->bands[k].n);
	json_end(j);
	for (size_t i = 0; i < sizeof bands / sizeof *bands; i++) {
		json_key(j, bands[i].name);
		json_array(j);
		for (size_t k = 0; k < steps; k++) {
			const struct compare_band *band = &found->bands[k];
			double value = *(
				const double *)(const void *)((const char *)band +
							      bands[i].at);
			json_double(j, band->n ? compare_route_round(value, 8) : NAN);
		}
		json_end(j);
	}
}

static void compare_route_put_part(
	struct json *j, const char *key, const char *word, int64_t id, const char *name)
{
	struct figures_name part = {id, name};
	if (name)
		shape_put_name(j, key, word, &part);
	else
		json_put_null(j, key);
}

static void compare_route_put_who(
	struct json *j, const struct compare_route_ask *ask, size_t i)
{
	const struct selection *s = &ask->selections[i];
	const struct selections_names *names = &ask->names[i];
	compare_route_put_part(j, "service", "name", s->service, names->service);
	compare_route_put_part(j, "version", "version", s->version, names->version);
	compare_route_put_part(j, "host", "name", s->host, names->host);
	json_key(j, "instance");
	if (!names->instance_host) {
		json_null(j);
	} else {
		json_object(j);
		json_put_int(j, "id", s->instance);
		json_put_string(j, "host", names->instance_host);
		json_put_int(j, "ordinal", names->ordinal);
		json_end(j);
	}
	json_put_int(j, "offset_ms", s->offset_ms);
}

static void compare_route_put_selection(struct call *c,
	const struct compare_route_ask *ask, const struct sides *sides, size_t i,
	const struct compare_found *found)
{
	struct json *j = &c->json;
	json_object(j);
	json_put_string(j, "name", compare_route_letters[i]);
	json_put_string(j, "selection", selection_text(&ask->selections[i], c->arena));
	json_put_string(j, "label", ask->label[i]);
	compare_route_put_who(j, ask, i);
	json_put_int(j, "from_ms", sides->from_ms[i]);
	json_put_int(j, "to_ms",
		sides->from_ms[i] + (int64_t)sides->steps.count * sides->steps.step_ms);
	json_put_int(j, "instances", (int64_t)sides->instances[i]);
	json_put_int(j, "instances_read", (int64_t)sides->read[i]);
	json_put_int(j, "hosts", (int64_t)found->hosts);
	json_put_int(j, "lives", (int64_t)found->lives);
	json_put_double(j, "instance_hours", compare_route_round(found->hours, 6));
	json_put_double(j, "span_hours", compare_route_round(found->span_h, 6));
	json_put_double(j, "age_hours",
		found->lives ? compare_route_round(found->age_h, 4) : NAN);
	compare_route_put_rate(j, "growth", &found->growth);
	json_put_int(j, "growth_instances", (int64_t)found->growth_instances);
	json_put_int(j, "growth_hosts", (int64_t)found->growth_hosts);
	json_put_int(j, "hosts_rising", (int64_t)found->hosts_rising);
	json_put_double(j, "load_per_s", compare_route_round(found->load, 5));
	json_put_bool(j, "load_used", found->load_used);
	compare_route_put_rate(j, "growth_per_1000_requests", &found->per_load);
	compare_route_put_bands(j, found, sides->steps.count);
	json_end(j);
}

static void compare_route_put_remarks(struct json *j, unsigned remarks)
{
	static const struct {
		enum compare_remark remark;
		const char *name;
	} names[] = {
		{COMPARE_FEW_HOSTS, "few_hosts"},
		{COMPARE_ONE_INSTANCE, "one_instance"},
		{COMPARE_LOAD_DIFFERS, "load_differs"},
		{COMPARE_LOAD_UNKNOWN, "load_unknown"},
		{COMPARE_AGE_DIFFERS, "age_differs"},
	};
	json_key(j, "remarks");
	json_array(j);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (remarks & names[i].remark)
			json_string(j, names[i].name);
	json_end(j);
}

static void compare_route_put_difference(struct call *c,
	const struct compare_route_ask *ask, size_t i,
	const struct compare_found *found)
{
	struct json *j = &c->json;
	struct compare_difference d;
	const char *unit = ask->sides.metric.unit;
	struct compare_names names = {ask->label[0], ask->label[i], unit,
		strcmp(unit, "KiB") == 0, ask->by_age};
	compare_pair(&found[0], &found[i], &names, c->arena, &d);
	json_object(j);
	json_put_string(j, "name", compare_route_letters[i]);
	json_put_string(j, "verdict", compare_verdict_name(d.verdict));
	compare_route_put_rate(j, "growth", &d.growth);
	json_put_double(j, "p",
		d.growth.known ? compare_route_round(fmax(d.p, 1e-12), 3) : NAN);
	json_put_double(j, "detectable",
		d.growth.known ? compare_route_round(d.detectable, 4) : NAN);
	compare_route_put_rate(j, "growth_per_1000_requests", &d.per_load);
	compare_route_put_remarks(j, d.remarks);
	json_put_string(j, "text", d.text);
	json_end(j);
}

/* Shards that were away: what they have is not in the answer. */
static bool compare_route_put_missing(struct call *c, uint64_t missing, struct err *e)
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

static bool compare_route_answer(struct call *c, const struct compare_route_ask *ask,
	const struct sides *sides, struct err *e)
{
	struct compare_found found[COMPARE_SIDES_MAX];
	struct compare_input in = {.sides = sides->side,
		.count = ask->sides.count,
		.steps = sides->steps.count,
		.step_ms = sides->steps.step_ms,
		.by_age = ask->by_age,
		.floor = strcmp(ask->sides.metric.unit, "KiB") == 0 ? 16 : 0};
	struct json *j = &c->json;
	compare_sides(&in, c->arena, found);
	json_object(j);
	json_put_string(j, "metric", ask->metric_name);
	json_put_string(j, "unit", ask->sides.metric.unit);
	json_put_string(j, "align", ask->by_age ? "start" : "time");
	json_put_int(j, "from_ms", sides->steps.from_ms);
	json_put_int(j, "to_ms", sides->steps.to_ms);
	json_put_int(j, "step_ms", sides->steps.step_ms);
	json_put_string(j, "method", compare_route_method);
	if (!compare_route_put_missing(c, sides->missing, e))
		return false;
	json_key(j, "selections");
	json_array(j);
	for (size_t i = 0; i < in.count; i++)
		compare_route_put_selection(c, ask, sides, i, &found[i]);
	json_end(j);
	json_key(j, "differences");
	json_array(j);
	for (size_t i = 1; i < in.count; i++)
		compare_route_put_difference(c, ask, i, found);
	json_end(j);
	json_end(j);
	return true;
}

bool compare_route_get(struct call *c, struct err *e)
{
	struct compare_route_ask ask = {0};
	struct sides sides;
	if (!compare_route_read(c, &ask, e) || !call_db(c, e))
		return false;
	for (size_t i = 0; i < ask.sides.count; i++)
		if (!compare_route_name(c, &ask, i, e))
			return false;
	if (!call_take_turn(c, e))
		return false;
	if (sides_read(c->db, &ask.sides, c->arena, &sides, e))
		return compare_route_answer(c, &ask, &sides, e);
	if (!sides.damaged)
		return false;
	struct err damage = *e;
	log_warn("api: %s: %s", c->request->path, damage.text);
	return call_problem(c, 500, e, "what is stored is damaged: %s", damage.text);
}
