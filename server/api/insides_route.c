#include "server/api/handlers.h"
#include "server/api/newest.h"
#include "server/api/shape.h"
#include "server/store/insides.h"
#include "server/store/instances.h"

#include "schema/metric.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define INSIDES_HOUR_MS INT64_C(3600000)
enum { INSIDES_HOURS_DEFAULT = 24, INSIDES_HOURS_MAX = 24 * 30 };

static const struct newest_value *insides_route_find(
	const struct newest_value *rows, size_t count, int metric)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].metric == metric)
			return &rows[i];
	return NULL;
}

/* To the third place. */
static double insides_route_round(double value)
{
	return round(value * 1e3) / 1e3;
}

/* Of the limit that the runtime really has: of what it has committed, nearly all is
 * always in use. */
static void insides_route_put_share(struct json *j, const char *key,
	const struct newest_value *part, const struct newest_value *limit)
{
	if (part && limit && limit->value > 0)
		json_put_double(j, key,
			insides_route_round(
				100.0 * (double)part->value / (double)limit->value));
	else
		json_put_null(j, key);
}

static void insides_route_put_value(
	struct json *j, const char *key, const struct newest_value *value)
{
	if (value)
		json_put_int(j, key, value->value);
	else
		json_put_null(j, key);
}

static void insides_route_put_values(
	struct json *j, const struct newest_value *rows, size_t count)
{
	json_key(j, "values");
	json_object(j);
	for (size_t i = 0; i < count; i++)
		json_put_int(j, metric_process[rows[i].metric].name, rows[i].value);
	json_end(j);
	json_key(j, "read_at_ms");
	json_object(j);
	for (size_t i = 0; i < count; i++)
		json_put_int(j, metric_process[rows[i].metric].name, rows[i].at_ms);
	json_end(j);
	json_key(j, "per_second");
	json_object(j);
	for (size_t i = 0; i < count; i++) {
		const struct newest_value *v = &rows[i];
		const struct metric *metric = &metric_process[v->metric];
		if (metric->kind != METRIC_COUNTER)
			continue;
		if (v->at_ms > v->first_ms && v->value >= v->first_value)
			json_put_double(j, metric->name,
				insides_route_round(
					(double)(v->value - v->first_value) * 1e3 /
					(double)(v->at_ms - v->first_ms)));
		else
			json_put_null(j, metric->name);
	}
	json_end(j);
}

static void insides_route_put(struct json *j, const struct instances_row *instance,
	const struct insides_way *way, const struct newest_value *rows, size_t count)
{
	const struct newest_value *of[METRIC_PROCESS_COUNT];
	int64_t newest_ms = 0;
	for (int i = 0; i < METRIC_PROCESS_COUNT; i++)
		of[i] = insides_route_find(rows, count, i);
	for (size_t i = 0; i < count; i++)
		if (rows[i].at_ms > newest_ms)
			newest_ms = rows[i].at_ms;
	json_object(j);
	json_put_int(j, "instance", instance->id);
	json_put_int(j, "pid", instance->pid);
	json_put_string(j, "route", way->route);
	json_put_string(j, "problem", way->problem);
	shape_put_time(j, "at_ms", newest_ms);
	insides_route_put_share(
		j, "heap_pct", of[PROCESS_heap_used_kb], of[PROCESS_heap_limit_kb]);
	insides_route_put_share(j, "heap_floor_pct", of[PROCESS_heap_floor_kb],
		of[PROCESS_heap_limit_kb]);
	insides_route_put_values(j, rows, count);
	json_key(j, "cost");
	json_object(j);
	insides_route_put_value(j, "took_us", of[PROCESS_insides_us]);
	insides_route_put_value(j, "bytes", of[PROCESS_insides_bytes]);
	insides_route_put_value(j, "pause_us", of[PROCESS_insides_pause_us]);
	json_end(j);
	json_end(j);
}

bool insides_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct instances_row *instance;
	struct newest_value *rows;
	struct insides_way way;
	size_t count;
	if (!query_finish(&c->query, e) || !call_id(c, "instance", &id, e) ||
		!call_take_turn(c, e) || !call_db(c, e) ||
		!instances_one(c->db, id, c->now_ms, c->arena, &instance, e))
		return false;
	if (!instance)
		return call_missing(c, "instance", e);
	if (!newest_read(c->db, instance, c->arena, &rows, &count, e) ||
		!insides_way(c->db, id, c->arena, &way, e))
		return false;
	insides_route_put(&c->json, instance, &way, rows, count);
	return true;
}

static void insides_route_count(struct json *j, const struct insides_count *n)
{
	json_object(j);
	json_put_string(j, "kind", n->kind);
	json_put_string(j, "name", n->name);
	json_put_string(j, "location", n->location);
	json_put_int(j, "first", n->first);
	json_put_int(j, "newest", n->newest);
	if (n->has_growth)
		json_put_double(j, "per_hour", insides_route_round(n->per_hour));
	else
		json_put_null(j, "per_hour");
	json_put_int(j, "processes", n->processes);
	json_put_int(j, "total", n->total);
	shape_put_name(j, "host", "name", &n->host);
	json_put_int(j, "instance", n->slot_id);
	json_put_int(j, "pid", n->pid);
	json_key(j, "series");
	json_array(j);
	for (size_t i = 0; i < n->points; i++) {
		json_array(j);
		json_int(j, n->times_ms[i]);
		json_int(j, n->counts[i]);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

/* ?hours= back from now. */
static bool insides_route_since(struct call *c, int64_t *from_ms, struct err *e)
{
	static const struct query_range range = {
		1, INSIDES_HOURS_MAX, INSIDES_HOURS_DEFAULT};
	int64_t hours;
	if (!query_int(&c->query, "hours", &range, &hours, e))
		return false;
	*from_ms = c->now_ms - hours * INSIDES_HOUR_MS;
	return true;
}

static bool insides_route_census_filter(
	struct call *c, struct insides_census_filter *filter, struct err *e)
{
	const char **kinds;
	size_t count;
	if (!call_service(c, &filter->service_id, e) ||
		!insides_route_since(c, &filter->from_ms, e) ||
		!query_words(&c->query, "kind", insides_census_kind_name,
			INSIDES_CENSUS_KINDS, &kinds, &count, e) ||
		!call_limit(c, &filter->limit, e) || !query_finish(&c->query, e))
		return false;
	if (count > 1)
		return err_set(e, ERR_INPUT, "kind: only one can be asked for");
	filter->to_ms = c->now_ms;
	filter->limit--; /* there is no next page: what grows least is left out */
	for (int i = 0; count && i < INSIDES_CENSUS_KINDS; i++)
		if (strcmp(kinds[0], insides_census_kind_name[i]) == 0)
			filter->kind = i + 1;
	return true;
}

bool insides_route_census(struct call *c, struct err *e)
{
	struct insides_census_filter filter = {0};
	struct insides_count *rows;
	size_t count;
	if (!insides_route_census_filter(c, &filter, e) || !call_take_turn(c, e) ||
		!call_db(c, e) ||
		!insides_census(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	call_items_begin(c);
	for (size_t i = 0; i < count; i++)
		insides_route_count(&c->json, &rows[i]);
	call_items_end(c, NULL);
	return true;
}

static void insides_route_warning(struct json *j, const struct insides_warning *w)
{
	json_object(j);
	json_put_int(j, "id", w->id);
	json_put_string(j, "kind", w->kind);
	json_put_string(j, "source", w->source);
	json_put_raw(j, "fields", w->fields);
	shape_put_name(j, "host", "name", &w->host);
	if (w->slot_id) {
		json_put_int(j, "instance", w->slot_id);
		json_put_int(j, "ordinal", w->ordinal);
		json_put_int(j, "pid", w->pid);
		shape_put_name(j, "version", "version", &w->version);
	}
	json_put_int(j, "first_at_ms", w->first_ms);
	json_put_int(j, "last_at_ms", w->last_ms);
	json_put_int(j, "count", w->count);
	json_end(j);
}

/* A cursor is "<last at> <id>".  Without ?hours= everything that is kept. */
static bool insides_route_warnings_filter(
	struct call *c, struct insides_warnings_filter *filter, struct err *e)
{
	static const struct query_range range = {0, INSIDES_HOURS_MAX, 0};
	const char *after;
	int64_t hours;
	if (!query_int(&c->query, "hours", &range, &hours, e) ||
		!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	filter->from_ms = hours ? c->now_ms - hours * INSIDES_HOUR_MS : 1;
	if (after &&
		(!query_after_int(&after, 1, QUERY_TIME_MAX, &filter->after_ms) ||
			!query_after_int(&after, 1, INT64_MAX, &filter->after_id) ||
			*after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	return true;
}

static bool insides_route_warnings_page(
	struct call *c, struct insides_warnings_filter *filter, struct err *e)
{
	struct insides_warning *rows;
	size_t count;
	if (!insides_route_warnings_filter(c, filter, e) || !call_db(c, e) ||
		!insides_warnings(c->db, filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter->limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		insides_route_warning(&c->json, &rows[i]);
	call_items_end(c, shown < count
				  ? arena_printf(c->arena, "%" PRId64 " %" PRId64,
					    rows[shown - 1].last_ms, rows[shown - 1].id)
				  : NULL);
	return true;
}

bool insides_route_warnings(struct call *c, struct err *e)
{
	struct insides_warnings_filter filter = {0};
	return call_service(c, &filter.service_id, e) &&
	       insides_route_warnings_page(c, &filter, e);
}

bool insides_route_stray(struct call *c, struct err *e)
{
	static const struct query_range range = {1, INT32_MAX, 0};
	struct insides_warnings_filter filter = {0};
	return query_int(&c->query, "host", &range, &filter.host_id, e) &&
	       insides_route_warnings_page(c, &filter, e);
}
