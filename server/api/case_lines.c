#include "server/api/case_lines.h"

#include "server/api/lines.h"
#include "server/api/series_ask.h"
#include "server/history/rollup.h"
#include "server/store/queues.h"

#include <math.h>
#include <string.h>

#define CASE_LINES_HOUR_MS (INT64_C(3600) * 1000)
#define CASE_LINES_SPAN_MS (INT64_C(30) * 86400 * 1000)

struct case_lines_work {
	struct call *call;
	const struct alerts_row *alert;
	const int64_t *leaking; /* seats */
	size_t leaking_count;
	struct series_ask_lives lives;
	struct lines lines;
	struct case_lines *out;
};

static bool case_lines_has(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool case_lines_is_inside(const struct case_lines_work *w, int64_t version)
{
	const struct findings_row *f = &w->alert->finding;
	return version == f->version.id ||
	       case_lines_has(f->version_ids.ids, f->version_ids.count, version);
}

/* Where no seat leaks by itself, all of the versions inside do. */
static bool case_lines_leaks(
	const struct case_lines_work *w, const struct series_life *l)
{
	return case_lines_is_inside(w, l->fingerprint_id) &&
	       (!w->leaking_count ||
		       case_lines_has(w->leaking, w->leaking_count, l->slot_id));
}

static void case_lines_span(const struct case_lines_work *w, struct series_ask *ask)
{
	const struct findings_row *f = &w->alert->finding;
	int64_t now_ms = w->call->now_ms;
	int64_t onset_ms = f->onset.at_ms ? f->onset.at_ms : f->first_ms;
	int64_t to_ms = f->active ? now_ms : f->last_ms + CASE_LINES_HOUR_MS;
	if (to_ms > now_ms)
		to_ms = now_ms;
	if (onset_ms >= to_ms)
		onset_ms = to_ms - CASE_LINES_HOUR_MS;
	int64_t before_ms = (to_ms - onset_ms) / 4;
	if (before_ms < CASE_LINES_HOUR_MS)
		before_ms = CASE_LINES_HOUR_MS;
	ask->to_ms = to_ms;
	ask->from_ms = onset_ms - before_ms;
	if (ask->from_ms < to_ms - CASE_LINES_SPAN_MS)
		ask->from_ms = to_ms - CASE_LINES_SPAN_MS;
	ask->points = CASE_LINES_STEPS;
}

static size_t case_lines_seat_end(const struct series_ask_lives *l, size_t from)
{
	size_t to = from;
	while (to < l->count && l->rows[to].slot_id == l->rows[from].slot_id)
		to++;
	return to;
}

static bool case_lines_seat_leaks(
	const struct case_lines_work *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (case_lines_leaks(w, &w->lives.rows[i]))
			return true;
	return false;
}

/* Keeps some seats with all that ran in them, because the hours that are kept of a seat
 * tell of all of it: the leaking ones that were asked for, others evenly. */
static void case_lines_choose(struct case_lines_work *w)
{
	struct series_ask_lives *l = &w->lives;
	size_t others = 0, other = 0, leaking = 0, kept = 0;
	for (size_t from = 0, to; from < l->count; from = to) {
		to = case_lines_seat_end(l, from);
		others += !case_lines_seat_leaks(w, from, to);
	}
	for (size_t from = 0, to; from < l->count; from = to) {
		to = case_lines_seat_end(l, from);
		bool taken;
		if (case_lines_seat_leaks(w, from, to)) {
			taken = leaking++ < CASE_LINES_SEATS;
		} else {
			size_t most = others < CASE_LINES_SEATS ? others
								: CASE_LINES_SEATS;
			taken = (other + 1) * most / others > other * most / others;
			other++;
		}
		if (!taken)
			continue;
		memmove(l->rows + kept, l->rows + from, (to - from) * sizeof *l->rows);
		kept += to - from;
	}
	l->count = kept;
}

static struct steps case_lines_steps(
	const struct case_lines_work *w, const struct series_ask *ask)
{
	if (series_ask_is_far(w->call, ask) ||
		ask->to_ms - ask->from_ms >= 4 * 24 * CASE_LINES_HOUR_MS)
		return steps_choose_whole(
			ask->from_ms, ask->to_ms, ask->points, CASE_LINES_HOUR_MS);
	return steps_choose(
		ask->from_ms, ask->to_ms, ask->points, w->lines.interval_ms);
}

/* The values of a metric for each line; *known: there are any. */
static bool case_lines_metric(struct case_lines_work *w, const char *name,
	const double ***values, bool *known, struct err *e)
{
	const struct steps *steps = &w->out->steps;
	struct arena *a = w->call->arena;
	struct lines_metric metric;
	struct chart chart;
	lines_find_metric(name, metric_process, METRIC_PROCESS_COUNT, a, &metric);
	enum downsample_aggregate aggregate = metric.kind == METRIC_COUNTER
						      ? DOWNSAMPLE_RATE
						      : DOWNSAMPLE_MEAN;
	struct chart_ask ask = {
		.lives = series_ask_chart_lives(&w->lives, &w->lines, a),
		.count = w->lives.count,
		.line_count = w->lines.count,
		.metric = metric.number,
		.over = metric.over,
		.kind = metric.kind,
		.aggregate = aggregate,
		.from_ms = steps->from_ms,
		.step_ms = steps->step_ms,
		.steps = steps->count,
		.interval_ms = w->lines.interval_ms,
	};
	*known = false;
	*values = arena_array(a, w->lines.count, sizeof **values);
	if (!series_ask_chart(w->call, &ask, &chart, e))
		return false;
	for (size_t i = 0; i < w->lines.count; i++) {
		(*values)[i] = lines_values(&chart.lines[i], aggregate, &metric, a);
		for (size_t k = 0; k < steps->count && !*known; k++)
			*known = isfinite((*values)[i][k]) && (*values)[i][k] != 0;
	}
	return true;
}

static bool case_lines_values(struct case_lines_work *w, struct err *e)
{
	const double **memory, **heap, **load;
	bool known;
	struct case_lines *out = w->out;
	out->memory = "rss_anon_kb";
	if (!case_lines_metric(w, out->memory, &memory, &known, e))
		return false;
	if (!known) {
		out->memory = "rss_kb";
		if (!case_lines_metric(w, out->memory, &memory, &known, e))
			return false;
	}
	if (!case_lines_metric(w, "heap_used_kb", &heap, &known, e) ||
		!case_lines_metric(w, "requests", &load, &out->load_is_requests, e) ||
		(!out->load_is_requests &&
			!case_lines_metric(w, "cpu_ratio", &load, &known, e)))
		return false;
	for (size_t i = 0; i < out->count; i++) {
		out->lines[i].memory_kb = memory[i];
		out->lines[i].heap_kb = heap[i];
		out->lines[i].load = load[i];
	}
	return true;
}

static size_t case_lines_step(const struct steps *s, int64_t at_ms)
{
	if (at_ms <= s->from_ms)
		return 0;
	size_t step = (size_t)((at_ms - s->from_ms) / s->step_ms);
	return step < s->count ? step : s->count;
}

/* What its processes were: the longest of them, and how often it was restarted. */
static void case_lines_add_life(const struct steps *steps, const struct series_life *l,
	bool is_first, struct suspects_line *line)
{
	line->restarts += !is_first;
	if (l->last_ms - l->started_ms <= line->age_ms)
		return;
	line->age_ms = l->last_ms - l->started_ms;
	line->from = case_lines_step(steps, l->started_ms + steps->step_ms - 1);
	line->to = case_lines_step(steps, l->last_ms);
	if (line->to < line->from)
		line->to = line->from;
}

static void case_lines_describe(struct case_lines_work *w)
{
	struct case_lines *out = w->out;
	out->first = w->lines.first;
	out->count = w->lines.count;
	out->lines = arena_array(w->call->arena, out->count, sizeof *out->lines);
	for (size_t i = 0; i < out->count; i++)
		out->lines[i].leaks = case_lines_leaks(w, out->first[i]);
	for (size_t i = 0; i < w->lives.count; i++) {
		size_t line = w->lines.line[i];
		case_lines_add_life(&out->steps, &w->lives.rows[i],
			&w->lives.rows[i] == out->first[line], &out->lines[line]);
	}
}

static bool case_lines_queue(struct case_lines_work *w, const struct queues_row *row,
	struct suspects_queue *queue, struct err *e)
{
	const struct steps *s = &w->out->steps;
	const struct queues_window window = {row->id, s->from_ms, s->to_ms, s->step_ms};
	struct queues_step *rows;
	size_t count;
	if (!queues_series(w->call->db, &window, w->call->arena, &rows, &count, e))
		return false;
	double *depth = arena_array(w->call->arena, s->count, sizeof *depth);
	for (size_t i = 0; i < s->count; i++)
		depth[i] = (double)NAN;
	for (size_t i = 0; i < count; i++)
		if (rows[i].step >= 0 && (size_t)rows[i].step < s->count &&
			rows[i].depth >= 0)
			depth[rows[i].step] = (double)rows[i].depth;
	*queue = (struct suspects_queue){row->name, depth};
	return true;
}

static bool case_lines_queues(struct case_lines_work *w, struct err *e)
{
	struct call *c = w->call;
	const struct queues_filter filter = {
		.service_id = w->alert->finding.service.id, .limit = CASE_LINES_QUEUES};
	struct queues_row *rows;
	size_t count;
	if (!queues_page(c->db, &filter, c->now_ms, c->arena, &rows, &count, e))
		return false;
	w->out->queue_count = count;
	w->out->queues = arena_array(c->arena, count, sizeof *w->out->queues);
	for (size_t i = 0; i < count; i++)
		if (!case_lines_queue(w, &rows[i], &w->out->queues[i], e))
			return false;
	return true;
}

bool case_lines_read(struct call *c, const struct alerts_row *alert,
	const struct alerts_instance *instances, size_t instance_count,
	struct case_lines *out, struct err *e)
{
	int64_t *leaking = arena_array(c->arena, instance_count, sizeof *leaking);
	for (size_t i = 0; i < instance_count; i++)
		leaking[i] = instances[i].id;
	*out = (struct case_lines){0};
	struct case_lines_work w = {.call = c,
		.alert = alert,
		.leaking = leaking,
		.leaking_count = instance_count,
		.out = out};
	struct series_ask ask = {0};
	case_lines_span(&w, &ask);
	lines_find_metric("rss_anon_kb", metric_process, METRIC_PROCESS_COUNT, c->arena,
		&ask.metric);
	const struct series_scope scope = {.service_id = alert->finding.service.id,
		.from_ms = ask.from_ms,
		.to_ms = ask.to_ms,
		.limit = LINES_LIVES_MAX};
	if (!series_lives(c->db, &scope, c->arena, &w.lives.rows, &w.lives.count, e))
		return false;
	case_lines_choose(&w);
	w.lines = lines_make(w.lives.rows, w.lives.count, c->arena);
	out->steps = case_lines_steps(&w, &ask);
	case_lines_describe(&w);
	return case_lines_values(&w, e) && case_lines_queues(&w, e);
}
