#include "server/compact/window.h"

#include "schema/metric.h"
#include "server/compact/bands.h"
#include "server/compact/gather.h"
#include "server/compact/members.h"
#include "server/history/column.h"
#include "server/history/rollup.h"
#include "server/history/segment.h"
#include "server/store/partitions.h"
#include "server/store/segments.h"
#include "server/store/storage.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_HOUR_MS INT64_C(3600000)

/* Columns of one metric of a group on their way into its segment. */
struct window_metric {
	struct buf bytes;
	struct segment_column *columns; /* bytes: offsets until the group is whole */
	size_t count;
};

/* What a seat had in the window. */
struct window_instance {
	int32_t fingerprint, slot;
	uint64_t used;                       /* metrics, bit by bit */
	int64_t value[METRIC_PROCESS_COUNT]; /* greatest, or increase */
	int64_t span_ms[METRIC_PROCESS_COUNT];
};

struct window {
	struct step *step;
	int64_t from_ms;
	struct copier segments, rollups;
	struct bands *bands;
	struct arena arena;   /* of the scope */
	struct arena subject; /* of one subject */
	struct window_metric times, metrics[HOT_METRICS_MAX];
};

static void window_add_column(struct window_metric *m, struct arena *a, size_t most,
	int32_t subject, size_t from)
{
	if (!m->columns)
		m->columns = arena_array(a, most, sizeof *m->columns);
	m->columns[m->count++] = (struct segment_column){
		subject, (const void *)(uintptr_t)from, m->bytes.length - from};
}

static void window_put_metric(struct window *w, const struct members_member *group,
	struct window_metric *m, int metric)
{
	struct buf out = {0};
	if (m->count == 0)
		return;
	for (size_t i = 0; i < m->count; i++)
		m->columns[i].bytes = m->bytes.data + (uintptr_t)m->columns[i].bytes;
	segment_put(&out, m->columns, m->count);
	segments_put(&w->segments, w->from_ms, group->service, group->block, metric,
		out.data, out.length);
	w->step->counts.segments++;
	w->step->counts.segment_bytes += out.length;
	buf_finish(&out);
	buf_reset(&m->bytes);
	m->columns = NULL;
	m->count = 0;
}

/* What one life adds to its seat: the greatest reading, of a counter the increase. */
static void window_add_value(
	struct window_instance *in, int metric, const struct gather_columns *c)
{
	int64_t value = 0, span_ms = 0, before = 0;
	bool any = false;
	size_t last = 0;
	bool counter = metric_process[metric].kind == METRIC_COUNTER;
	for (size_t i = 0; i < c->rows; i++) {
		if (!c->has[metric][i])
			continue;
		int64_t now = c->values[metric][i];
		if (counter && any && now >= before) {
			value += now - before;
			span_ms += c->at_ms[i] - c->at_ms[last];
		} else if (!counter && (!any || now > value)) {
			value = now;
		}
		before = now;
		last = i;
		any = true;
	}
	if (!any || (counter && span_ms == 0))
		return;
	bool first = !(in->used >> metric & 1);
	in->used |= UINT64_C(1) << metric;
	in->span_ms[metric] += span_ms;
	if (counter)
		in->value[metric] += value;
	else if (first || value > in->value[metric])
		in->value[metric] = value;
}

static int window_compare_instances(const void *left, const void *right)
{
	const struct window_instance *a = left, *b = right;
	if (a->fingerprint != b->fingerprint)
		return a->fingerprint < b->fingerprint ? -1 : 1;
	return (a->slot > b->slot) - (a->slot < b->slot);
}

/* Two lives of a seat in the same five minutes are one instance. */
static void window_join(struct window_instance *to, const struct window_instance *more)
{
	for (uint64_t left = more->used; left; left &= left - 1) {
		int m = __builtin_ctzll(left);
		bool counter = metric_process[m].kind == METRIC_COUNTER;
		bool first = !(to->used >> m & 1);
		to->span_ms[m] += more->span_ms[m];
		if (counter)
			to->value[m] += more->value[m];
		else if (first || more->value[m] > to->value[m])
			to->value[m] = more->value[m];
	}
	to->used |= more->used;
}

static void window_put_instances(
	struct window *w, struct window_instance *list, size_t count)
{
	qsort(list, count, sizeof *list, window_compare_instances);
	for (size_t i = 0; i < count;) {
		struct window_instance *in = &list[i];
		for (i++; i < count && window_compare_instances(in, &list[i]) == 0; i++)
			window_join(in, &list[i]);
		for (uint64_t left = in->used; left; left &= left - 1) {
			int m = __builtin_ctzll(left);
			double value = (double)in->value[m];
			if (metric_process[m].kind == METRIC_COUNTER)
				value = value * WINDOW_HOUR_MS / (double)in->span_ms[m];
			bands_add(w->bands, w->from_ms, in->fingerprint, m,
				metric_process[m].kind == METRIC_COUNTER
					? (value < 0x1p62 ? (int64_t)(value + 0.5)
							  : INT64_MAX)
					: in->value[m]);
		}
	}
}

static void window_put_subject(struct window *w, const struct members_member *m,
	const struct gather_columns *c, size_t most, struct window_instance *instance)
{
	size_t from = w->times.bytes.length;
	column_put_times(&w->times.bytes, c->at_ms, c->rows, false);
	window_add_column(&w->times, &w->arena, most, m->subject, from);
	for (uint64_t left = c->used; left; left &= left - 1) {
		int metric = __builtin_ctzll(left);
		struct window_metric *to = &w->metrics[metric];
		from = to->bytes.length;
		column_put_values(
			&to->bytes, c->values[metric], c->has[metric], c->rows, false);
		window_add_column(to, &w->arena, most, m->subject, from);
		if (instance && rollup_has(metric))
			window_add_value(instance, metric, c);
	}
}

/* The group list[first, end), whose subjects are gathered from `index` on. */
static void window_put_group(struct window *w, const struct members_member *first,
	size_t count, const struct gather *g, size_t index)
{
	bool processes = first->service > 0;
	struct window_instance *instances = processes ? calloc(count, sizeof *instances)
						      : NULL;
	BUG_ON(processes && !instances);
	for (size_t i = 0; i < count; i++) {
		struct gather_columns columns;
		arena_reset(&w->subject);
		gather_take(g, index + i, &w->subject, &columns);
		if (instances) {
			instances[i].fingerprint = first[i].fingerprint;
			instances[i].slot = first[i].slot;
		}
		window_put_subject(w, &first[i], &columns, count,
			instances ? &instances[i] : NULL);
	}
	if (instances)
		window_put_instances(w, instances, count);
	free(instances);
	window_put_metric(w, first, &w->times, SEGMENT_TIMES);
	for (int i = 0; i < HOT_METRICS_MAX; i++)
		window_put_metric(w, first, &w->metrics[i], i);
	w->step->counts.groups++;
}

static bool window_take_row(void *context, const struct hot_row *row, struct err *e)
{
	(void)e;
	gather_add(context, row);
	return true;
}

/* Members list[first, end), which are whole groups. */
static bool window_pass(struct window *w, enum hot_table table, const struct members *m,
	size_t first, size_t end, struct err *e)
{
	size_t count = end - first;
	int32_t *subjects = calloc(count, sizeof *subjects);
	int64_t *rows = calloc(count, sizeof *rows);
	BUG_ON(!subjects || !rows);
	for (size_t i = 0; i < count; i++) {
		subjects[i] = m->list[first + i].subject;
		rows[i] = m->list[first + i].rows;
	}
	struct gather *g = gather_create(
		subjects, rows, count, hot_metric_count(table));
	struct hot_ask ask = {table, w->from_ms, w->from_ms + SEGMENT_MS,
		count == m->count ? NULL : subjects, count};
	bool ok = hot_read(w->step->readings, &ask, window_take_row, g, e);
	for (size_t at = first; ok && at < end;) {
		size_t next = members_group_end(m, at);
		window_put_group(w, m->list + at, next - at, g, at - first);
		/* Bands are of a whole service, whatever the passes are. */
		bool last = next == m->count ||
			    m->list[next].service != m->list[at].service;
		if (last && m->list[at].service > 0)
			bands_put(w->bands, m->list[at].service, &w->rollups);
		at = next;
	}
	gather_destroy(g);
	free(subjects);
	free(rows);
	return ok;
}

static bool window_passes(
	struct window *w, enum hot_table table, const struct members *m, struct err *e)
{
	size_t limit = w->step->pass_bytes ? w->step->pass_bytes : STEP_PASS_BYTES;
	for (size_t first = 0; first < m->count;) {
		size_t end = first, bytes = 0;
		while (end < m->count && (end == first || bytes < limit)) {
			size_t next = members_group_end(m, end);
			for (; end < next; end++)
				bytes += GATHER_SUBJECT_BYTES +
					 (size_t)m->list[end].rows * GATHER_ROW_BYTES;
		}
		if (!window_pass(w, table, m, first, end, e))
			return false;
		step_at("window: a pass");
		first = end;
	}
	return true;
}

static bool window_scope(struct window *w, enum hot_table table, struct err *e)
{
	struct hot_count *counts;
	size_t count;
	struct members members = {0};
	arena_reset(&w->arena);
	struct hot_ask ask = {table, w->from_ms, w->from_ms + SEGMENT_MS, NULL, 0};
	if (!hot_count(w->step->readings, &ask, &w->arena, &counts, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		w->step->counts.rows += (uint64_t)counts[i].rows;
	if (table == HOT_HOST)
		members_of_hosts(counts, count, &w->arena, &members);
	else if (!members_of_processes(
			 w->step->main, counts, count, &w->arena, &members, e))
		return false;
	return window_passes(w, table, &members, e);
}

/* The transaction's inside. */
static bool window_write(struct window *w, struct err *e)
{
	bool ok = window_scope(w, HOT_PROCESS, e) && window_scope(w, HOT_HOST, e);
	step_at("window: before the last rows");
	ok = ok && copier_end(&w->segments, e) && copier_end(&w->rollups, e);
	step_at("window: before the bound");
	ok = ok && storage_move_compacted(
			   w->step->readings, w->from_ms, w->from_ms + SEGMENT_MS, e);
	step_at("window: before the commit");
	return ok;
}

bool window_run(struct step *s, int64_t from_ms, struct err *e)
{
	struct window w = {.step = s, .from_ms = from_ms};
	if (!partitions_make_kept(s->readings, from_ms, e) ||
		!storage_begin(s->readings, e))
		return false;
	struct step_counts before = s->counts;
	w.bands = bands_create(SEGMENT_MS / 1000);
	arena_init(&w.arena);
	arena_init(&w.subject);
	copier_init(&w.segments, s->readings, SEGMENTS_TARGET);
	copier_init(&w.rollups, s->readings, ROLLUPS_BAND_TARGET);
	bool ok = window_write(&w, e);
	if (ok)
		ok = db_commit(s->readings, e);
	else
		db_rollback(s->readings);
	if (ok)
		s->counts.windows++;
	else
		s->counts = before;
	copier_finish(&w.segments);
	copier_finish(&w.rollups);
	for (int i = 0; i < HOT_METRICS_MAX; i++)
		buf_finish(&w.metrics[i].bytes);
	buf_finish(&w.times.bytes);
	arena_finish(&w.arena);
	arena_finish(&w.subject);
	bands_destroy(w.bands);
	return ok || err_wrap(e, "window");
}
