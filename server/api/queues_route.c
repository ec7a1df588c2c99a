#include "server/api/handlers.h"
#include "server/api/insight_shape.h"
#include "server/api/shape.h"
#include "server/api/steps.h"
#include "server/store/queues.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define QUEUES_SPAN_DEFAULT (INT64_C(3600) * 1000)
#define QUEUES_SPAN_MAX     (INT64_C(400) * 86400 * 1000)
enum { QUEUES_NAME_PART_MAX = 256 };

/* To the third place; NaN becomes null. */
static double queues_route_round(double value)
{
	return round(value * 1e3) / 1e3;
}

/* Reads ?limit= and ?after= into the filter, and answers.  A cursor is "<id> <name>".
 */
static bool queues_route_page(
	struct call *c, struct queues_filter *filter, struct err *e)
{
	struct queues_row *rows;
	size_t count;
	if (!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &filter->after_name, e) ||
		!query_finish(&c->query, e))
		return false;
	if (filter->after_name &&
		!query_after_int(&filter->after_name, 1, INT32_MAX, &filter->after_id))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	if (!call_take_turn(c, e) || !call_db(c, e) ||
		!queues_page(c->db, filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter->limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		insight_shape_queue(&c->json, &rows[i]);
	call_items_end(c, shown < count
				  ? arena_printf(c->arena, "%" PRId64 " %s",
					    rows[shown - 1].id, rows[shown - 1].name)
				  : NULL);
	return true;
}

bool queues_route_list(struct call *c, struct err *e)
{
	struct queues_filter filter = {0};
	return query_text(&c->query, "q", QUEUES_NAME_PART_MAX, &filter.name_part, e) &&
	       queues_route_page(c, &filter, e);
}

bool queues_route_service(struct call *c, struct err *e)
{
	struct queues_filter filter = {0};
	return call_service(c, &filter.service_id, e) &&
	       queues_route_page(c, &filter, e);
}

static bool queues_route_find(
	struct call *c, int64_t id, struct queues_row **row, struct err *e)
{
	struct queues_filter filter = {.queue_id = id, .limit = 1};
	size_t count;
	if (!call_take_turn(c, e) || !call_db(c, e) ||
		!queues_page(c->db, &filter, c->now_ms, c->arena, row, &count, e))
		return false;
	return count > 0 || call_missing(c, "queue", e);
}

bool queues_route_get(struct call *c, struct err *e)
{
	int64_t id;
	struct queues_row *row;
	if (!query_finish(&c->query, e) || !call_id(c, "queue", &id, e) ||
		!queues_route_find(c, id, &row, e))
		return false;
	insight_shape_queue(&c->json, row);
	return true;
}

static bool queues_route_span(
	struct call *c, struct queues_window *window, int64_t *points, struct err *e)
{
	struct query_range to = {1, QUERY_TIME_MAX, c->now_ms};
	static const struct query_range range = {STEPS_MIN, STEPS_MAX, STEPS_DEFAULT};
	if (!query_int(&c->query, "to", &to, &window->to_ms, e))
		return false;
	struct query_range from = {
		0, QUERY_TIME_MAX, window->to_ms - QUEUES_SPAN_DEFAULT};
	if (!query_int(&c->query, "from", &from, &window->from_ms, e) ||
		!query_int(&c->query, "points", &range, points, e) ||
		!query_finish(&c->query, e))
		return false;
	if (window->from_ms < 0 || window->from_ms >= window->to_ms)
		return err_set(e, ERR_INPUT, "from: must lie before `to`");
	if (window->to_ms - window->from_ms > QUEUES_SPAN_MAX)
		return err_set(e, ERR_INPUT, "from: more than 400 days before `to`");
	return true;
}

enum { LINE_IN, LINE_OUT, LINE_DEPTH, LINE_OLDEST, LINES };

static double queues_route_per_min(int64_t increase, int64_t span_ms)
{
	if (increase < 0 || span_ms <= 0)
		return NAN;
	return queues_route_round((double)increase * 60000 / (double)span_ms);
}

static void queues_route_put_lines(struct call *c, const struct steps *steps,
	const struct queues_step *rows, size_t count)
{
	static const char *const names[LINES] = {
		"in_per_min", "out_per_min", "depth", "oldest_ms"};
	double *lines[LINES];
	for (int line = 0; line < LINES; line++) {
		lines[line] = arena_array(c->arena, steps->count, sizeof **lines);
		for (size_t i = 0; i < steps->count; i++)
			lines[line][i] = NAN;
	}
	for (size_t i = 0; i < count; i++) {
		const struct queues_step *s = &rows[i];
		BUG_ON(s->step < 0 || s->step >= (int64_t)steps->count);
		lines[LINE_IN][s->step] = queues_route_per_min(s->came, s->came_ms);
		lines[LINE_OUT][s->step] = queues_route_per_min(s->went, s->went_ms);
		if (s->depth >= 0)
			lines[LINE_DEPTH][s->step] = (double)s->depth;
		if (s->oldest_ms >= 0)
			lines[LINE_OLDEST][s->step] = (double)s->oldest_ms;
	}
	for (int line = 0; line < LINES; line++) {
		json_key(&c->json, names[line]);
		json_array(&c->json);
		for (size_t i = 0; i < steps->count; i++)
			json_double(&c->json, lines[line][i]);
		json_end(&c->json);
	}
}

bool queues_route_series(struct call *c, struct err *e)
{
	struct queues_window window = {0};
	struct queues_row *queue;
	struct queues_step *rows;
	int64_t points;
	size_t count;
	if (!call_id(c, "queue", &window.queue_id, e) ||
		!queues_route_span(c, &window, &points, e) ||
		!queues_route_find(c, window.queue_id, &queue, e))
		return false;
	struct steps steps = steps_choose(
		window.from_ms, window.to_ms, points, queue->interval_ms);
	window.from_ms = steps.from_ms;
	window.to_ms = steps.to_ms;
	window.step_ms = steps.step_ms;
	if (!queues_series(c->db, &window, c->arena, &rows, &count, e))
		return false;
	struct json *j = &c->json;
	json_object(j);
	json_put_int(j, "from_ms", steps.from_ms);
	json_put_int(j, "to_ms", steps.to_ms);
	json_put_int(j, "step_ms", steps.step_ms);
	queues_route_put_lines(c, &steps, rows, count);
	json_end(j);
	return true;
}

static void queues_route_source(struct json *j, const struct queues_source *s)
{
	json_object(j);
	json_put_int(j, "id", s->id);
	shape_put_name(j, "host", "name", &s->host);
	json_put_string(j, "name", s->name);
	json_put_string(j, "kind", s->kind);
	json_put_bool(j, "works", s->works);
	json_put_string(j, "text", s->text);
	json_put_int(j, "took_us", s->took_us);
	json_put_int(j, "at_ms", s->at_ms);
	json_put_int(j, "changed_at_ms", s->changed_ms);
	json_end(j);
}

/* A cursor is "<id> <length of the host> <host><name>". */
static bool queues_route_sources_filter(
	struct call *c, struct queues_sources_filter *filter, struct err *e)
{
	const char *after;
	int64_t length;
	if (!query_bool(&c->query, "works", &filter->works, e) ||
		!call_limit(c, &filter->limit, e) ||
		!query_after(&c->query, &after, e) || !query_finish(&c->query, e))
		return false;
	if (!after)
		return true;
	if (!query_after_int(&after, 1, INT32_MAX, &filter->after_id) ||
		!query_after_int(&after, 0, QUERY_CURSOR_MAX, &length) ||
		(size_t)length > strlen(after))
		return err_set(e, ERR_INPUT, "after: not a cursor of this list");
	filter->after_host = arena_strndup(c->arena, after, (size_t)length);
	filter->after_name = after + length;
	return true;
}

bool queues_route_sources(struct call *c, struct err *e)
{
	struct queues_sources_filter filter = {0};
	struct queues_source *rows;
	size_t count;
	if (!queues_route_sources_filter(c, &filter, e) || !call_db(c, e) ||
		!queues_sources(c->db, &filter, c->arena, &rows, &count, e))
		return false;
	size_t shown = call_page_size(count, filter.limit);
	call_items_begin(c);
	for (size_t i = 0; i < shown; i++)
		queues_route_source(&c->json, &rows[i]);
	const struct queues_source *last = &rows[shown ? shown - 1 : 0];
	call_items_end(c, shown < count ? arena_printf(c->arena, "%" PRId64 " %zu %s%s",
						  last->id, strlen(last->host.name),
						  last->host.name, last->name)
					: NULL);
	return true;
}
