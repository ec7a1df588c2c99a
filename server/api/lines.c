#include "server/api/lines.h"

#include "common/err.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool lines_find_metric(const char *name, const struct metric *metrics, size_t count,
	struct arena *a, struct lines_metric *out)
{
	bool is_host = metrics == metric_host;
	if (strcmp(name, "cpu_ratio") == 0) {
		*out = (struct lines_metric){
			.number = is_host ? (int)HOST_cpu_busy_ms : (int)PROCESS_cpu_ms,
			.kind = METRIC_COUNTER,
			.over = is_host ? (int)HOST_cpu_total_ms : -1,
			.is_ratio = true,
			.unit = is_host ? "ratio" : "cores",
		};
		return true;
	}
	if (!is_host && strcmp(name, "heap_ratio") == 0) {
		*out = (struct lines_metric){
			.number = PROCESS_heap_used_kb,
			.kind = METRIC_GAUGE,
			.over = PROCESS_heap_limit_kb,
			.is_ratio = true,
			.unit = "ratio",
		};
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(metrics[i].name, name) != 0)
			continue;
		bool is_counter = metrics[i].kind == METRIC_COUNTER;
		*out = (struct lines_metric){
			.number = (int)i,
			.kind = metrics[i].kind,
			.over = -1,
			.unit = is_counter ? arena_printf(a, "%s/s", metrics[i].unit)
					   : metrics[i].unit,
		};
		return true;
	}
	return false;
}

/* The line of this life among those of its seat, which are the last ones; or a new
 * one. */
static size_t lines_place(struct lines *l, const struct series_life *life)
{
	for (size_t i = l->count; i > 0; i--) {
		const struct series_life *first = l->first[i - 1];
		if (first->slot_id != life->slot_id)
			break;
		if (first->fingerprint_id == life->fingerprint_id)
			return i - 1;
	}
	l->first[l->count] = life;
	return l->count++;
}

static void lines_add_host(struct lines *l, int64_t *hosts, int64_t host_id)
{
	for (size_t i = l->host_count; i > 0; i--)
		if (hosts[i - 1] == host_id)
			return;
	hosts[l->host_count++] = host_id;
}

struct lines lines_make(const struct series_life *lives, size_t count, struct arena *a)
{
	struct lines l = {.first = arena_array(a, count, sizeof *l.first)};
	size_t *line = arena_array(a, count, sizeof *line);
	int64_t *hosts = arena_array(a, count, sizeof *hosts);
	for (size_t i = 0; i < count; i++) {
		line[i] = lines_place(&l, &lives[i]);
		if (lives[i].interval_ms > l.interval_ms)
			l.interval_ms = lives[i].interval_ms;
		/* Lives are in order of host, so that a repeat is found at once. */
		lines_add_host(&l, hosts, lives[i].host_id);
	}
	l.line = line;
	l.hosts = hosts;
	return l;
}

/* To the sixth place: what is behind it is noise of the clock. */
static double lines_round(double value)
{
	return round(value * 1e6) / 1e6;
}

double *lines_values(const struct downsample *line, enum downsample_aggregate aggregate,
	const struct lines_metric *metric, struct arena *a)
{
	double *values = arena_array(a, line->count, sizeof *values);
	/* Counters grow against milliseconds and are told per second. */
	double scale = metric->is_ratio ? 1 : 1000;
	for (size_t i = 0; i < line->count; i++) {
		values[i] = downsample_value(line, i, aggregate);
		if (aggregate == DOWNSAMPLE_RATE)
			values[i] = lines_round(values[i] * scale);
		else if (metric->is_ratio)
			values[i] = lines_round(values[i] / CHART_WHOLE);
		else if (aggregate == DOWNSAMPLE_MEAN)
			values[i] = lines_round(values[i]);
	}
	return values;
}

static bool lines_within(const struct steps *steps, int64_t at_ms)
{
	return at_ms >= steps->from_ms && at_ms < steps->to_ms;
}

/* Also experiments that began before: they go on. */
static bool lines_touches(const struct steps *steps, const struct lines_mark *mark)
{
	if (strcmp(mark->kind, "experiment") != 0)
		return lines_within(steps, mark->at_ms);
	return mark->at_ms < steps->to_ms &&
	       (mark->to_ms == 0 || mark->to_ms > steps->from_ms);
}

/* The first process of a seat is a deploy, unless it was there before we were. */
static bool lines_has_mark(const struct series_life *life, const struct steps *steps)
{
	bool was_there = life->previous_fingerprint_id == 0 &&
			 life->started_ms < life->watched_ms;
	return !was_there && lines_within(steps, life->started_ms);
}

static struct lines_mark lines_start_mark(
	const struct series_life *life, struct arena *a)
{
	bool is_restart = life->previous_fingerprint_id == life->fingerprint_id;
	struct lines_mark mark = {
		.at_ms = life->started_ms,
		.instance = life->slot_id,
		.kind = is_restart ? "restart" : "deploy",
		.text = life->version,
	};
	if (is_restart)
		mark.text = arena_printf(a, "pid %" PRId64, life->pid);
	return mark;
}

/* Where the rows of one life start, or the end. */
static size_t lines_find_kills(const struct lines_events *events, int64_t generation_id)
{
	size_t i = 0;
	while (i < events->kill_count &&
		events->kills[i].generation_id != generation_id)
		i++;
	return i;
}

static int lines_compare_marks(const void *a, const void *b)
{
	const struct lines_mark *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	if (x->instance != y->instance)
		return x->instance < y->instance ? -1 : 1;
	return strcmp(x->kind, y->kind);
}

/* The marks of kills that a life's readings show: each rise of the count, also against
 * the last reading of the life before in the same seat (the process that was killed
 * could not tell). */
static size_t lines_kill_marks(const struct lines_events *events,
	const struct series_life *life, int64_t *seen, struct lines_mark *marks,
	struct arena *a)
{
	size_t count = 0;
	for (size_t i = lines_find_kills(events, life->id);
		i < events->kill_count && events->kills[i].generation_id == life->id;
		i++) {
		int64_t more = *seen < 0 ? 0 : events->kills[i].kills - *seen;
		*seen = events->kills[i].kills;
		if (more <= 0)
			continue;
		marks[count++] = (struct lines_mark){
			.at_ms = events->kills[i].at_ms,
			.instance = life->slot_id,
			.kind = "oom",
			.text = arena_printf(a,
				"%" PRId64 " process%s killed for lack of memory", more,
				more == 1 ? "" : "es"),
		};
	}
	return count;
}

/* Whether `mark` happened with `before`: one deploy or restart of many seats. */
static bool lines_belongs(
	const struct lines_mark *before, const struct lines_mark *mark, int64_t step_ms)
{
	return before->instance && mark->at_ms - before->at_ms < step_ms &&
	       strcmp(before->kind, mark->kind) == 0 &&
	       (strcmp(mark->kind, "deploy") != 0 ||
		       strcmp(before->text, mark->text) == 0);
}

/* In order of time; the first of each keeps its place and counts the others.  Few are
 * within a step of one another that are not one. */
static size_t lines_merge(struct lines_mark *marks, size_t count, int64_t step_ms)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = n;
		while (marks[i].instance && at > 0 &&
			marks[i].at_ms - marks[at - 1].at_ms < step_ms &&
			!lines_belongs(&marks[at - 1], &marks[i], step_ms))
			at--;
		if (marks[i].instance && at > 0 &&
			lines_belongs(&marks[at - 1], &marks[i], step_ms)) {
			marks[at - 1].count++;
			continue;
		}
		marks[n] = marks[i];
		marks[n++].count = 1;
	}
	return n;
}

struct lines_mark *lines_marks(const struct series_life *lives, size_t life_count,
	const struct lines_events *events, const struct steps *steps, struct arena *a,
	size_t *count)
{
	struct lines_mark *marks = arena_array(
		a, life_count + events->kill_count + events->said_count, sizeof *marks);
	size_t n = 0;
	int64_t seen = -1;
	for (size_t i = 0; i < events->said_count; i++)
		if (lines_touches(steps, &events->said[i]))
			marks[n++] = events->said[i];
	for (size_t i = 0; i < life_count; i++) {
		if (i == 0 || lives[i].slot_id != lives[i - 1].slot_id)
			seen = -1;
		if (lines_has_mark(&lives[i], steps))
			marks[n++] = lines_start_mark(&lives[i], a);
		n += lines_kill_marks(events, &lives[i], &seen, marks + n, a);
	}
	if (n)
		qsort(marks, n, sizeof *marks, lines_compare_marks);
	if (events->one)
		n = lines_merge(marks, n, steps->step_ms);
	size_t skipped = n > LINES_MARKS_MAX ? n - LINES_MARKS_MAX : 0;
	*count = n - skipped;
	return marks + skipped;
}
