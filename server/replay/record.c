#include "server/replay/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a row says, before it is known what was not reported throughout. */
enum record_field {
	RECORD_AT,
	RECORD_MEMORY,
	RECORD_HEAP,
	RECORD_HEAP_USED,
	RECORD_LIVE,
	RECORD_COLLECTIONS,
	RECORD_LOAD, /* per second */
	RECORD_IN,   /* per second; of the second format, in all */
	RECORD_OUT,
	RECORD_DEPTH,
	RECORD_PROCESS, /* its age in seconds; of the second format, its pid */
	RECORD_VERSION,
	RECORD_FIELDS,
};

struct record_format {
	const char *columns[RECORD_FIELDS]; /* the first two must be there */
	double ms;                          /* of one unit of time */
	double kb;                          /* of one unit of memory */
	double limit_kb;                    /* where the labels say none */
	bool has_totals;                    /* and pids */
};

static const struct record_format record_formats[] = {
	{
		.columns = {"ts", "rss_kb", "heap_total_kb", "heap_used_kb",
			"post_gc_kb", "gc_count", "req_s", "q_in_s", "q_out_s",
			"q_depth", "uptime_s", "ver"},
		.ms = 1000,
		.kb = 1,
	},
	{
		.columns = {"t_ms", "rss", "heap_total", "heap_used", "post_gc_heap",
			"major_gcs", NULL, "req_in", "req_done", "queue_depth", "pid",
			NULL},
		.ms = 1,
		.kb = 1.0 / 1024,
		.limit_kb = 256 * 1024,
		.has_totals = true,
	},
};

/* Times beyond the year 33,000 are no times, and would not survive stretching. */
static const double record_time_max_ms = 1e15;

struct record_values {
	double field[RECORD_FIELDS];
};

struct record_reader {
	struct csv *csv;
	const struct record_format *format;
	int columns[RECORD_FIELDS];
	struct record_values *rows;
	size_t count, room;
};

static bool record_find_format(struct record_reader *r, const char *file, struct err *e)
{
	size_t known = sizeof record_formats / sizeof *record_formats;
	for (size_t i = 0; i < known && !r->format; i++)
		if (csv_column(r->csv, record_formats[i].columns[RECORD_AT]) >= 0)
			r->format = &record_formats[i];
	if (!r->format)
		return err_set(e, ERR_INPUT,
			"%s: line 1: there is no column 'ts' or 't_ms'", file);
	for (int i = 0; i < RECORD_FIELDS; i++) {
		const char *name = r->format->columns[i];
		r->columns[i] = name ? csv_column(r->csv, name) : -1;
		if (r->columns[i] < 0 && i <= RECORD_MEMORY)
			return err_set(e, ERR_INPUT,
				"%s: line 1: there is no column '%s'", file, name);
	}
	return true;
}

static bool record_values(struct record_reader *r, struct record_values *out)
{
	for (int i = 0; i < RECORD_FIELDS; i++)
		if (!csv_number(r->csv, r->columns[i], &out->field[i]))
			return false;
	for (int i = 0; i <= RECORD_MEMORY; i++) {
		if (!isnan(out->field[i]) && out->field[i] >= 0)
			continue;
		csv_fault(r->csv, r->columns[i],
			isnan(out->field[i]) ? "is empty" : "is negative");
		return false;
	}
	if (out->field[RECORD_AT] * r->format->ms > record_time_max_ms) {
		csv_fault(r->csv, r->columns[RECORD_AT], "is beyond all time");
		return false;
	}
	if (r->count > 0 &&
		out->field[RECORD_AT] <= r->rows[r->count - 1].field[RECORD_AT]) {
		csv_fault(r->csv, r->columns[RECORD_AT], "is not after the row before");
		return false;
	}
	return true;
}

static void record_read_rows(struct record_reader *r)
{
	while (csv_next(r->csv)) {
		struct record_values v;
		if (!record_values(r, &v))
			continue;
		if (r->count == r->room) {
			r->room = r->room ? r->room * 2 : 4096;
			r->rows = realloc(r->rows, r->room * sizeof *r->rows);
			BUG_ON(!r->rows);
		}
		r->rows[r->count++] = v;
	}
}

static void record_forget(struct record_reader *r, int field)
{
	for (size_t i = 0; i < r->count; i++)
		r->rows[i].field[field] = NAN;
}

static bool record_is_zero(const struct record_reader *r, int field)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].field[field] != 0 && !isnan(r->rows[i].field[field]))
			return false;
	return true;
}

/* Whether what is called a heap could be one. */
static bool record_has_heap(const struct record_reader *r)
{
	if (record_is_zero(r, RECORD_HEAP_USED))
		return false;
	if (!record_is_zero(r, RECORD_COLLECTIONS) || !record_is_zero(r, RECORD_LIVE))
		return true;
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].field[RECORD_HEAP] <= r->rows[i].field[RECORD_MEMORY])
			return true;
	return record_is_zero(r, RECORD_HEAP);
}

static void record_forget_unreported(struct record_reader *r)
{
	bool has_heap = record_has_heap(r);
	for (int i = RECORD_HEAP; i <= RECORD_COLLECTIONS; i++)
		if (!has_heap)
			record_forget(r, i);
	/* No full collection so far is something else than none reported. */
	if (record_is_zero(r, RECORD_COLLECTIONS) && record_is_zero(r, RECORD_LIVE))
		record_forget(r, RECORD_COLLECTIONS);
	if (record_is_zero(r, RECORD_HEAP))
		record_forget(r, RECORD_HEAP);
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].field[RECORD_LIVE] == 0)
			r->rows[i].field[RECORD_LIVE] = NAN;
	bool has_queue = !record_is_zero(r, RECORD_DEPTH);
	bool has_load = !record_is_zero(r, RECORD_LOAD);
	if (!has_load)
		record_forget(r, RECORD_LOAD);
	if (!has_queue)
		record_forget(r, RECORD_DEPTH);
}

/* Half of the steps are no longer than this. */
static double record_step_s(const struct record_reader *r)
{
	double shortest = INFINITY;
	if (r->count < 2)
		return 0;
	/* Gaps only ever make steps longer: the shortest of a few in the middle will
	 * do. */
	size_t from = r->count / 2, to = from + 9 < r->count ? from + 9 : r->count;
	for (size_t i = from > 0 ? from : 1; i < to; i++)
		shortest = fmin(shortest, (r->rows[i].field[RECORD_AT] -
						  r->rows[i - 1].field[RECORD_AT]) *
						  r->format->ms / 1000);
	return shortest;
}

static bool record_is_same_process(const struct record_reader *r, size_t row)
{
	const double *now = r->rows[row].field, *then = r->rows[row - 1].field;
	bool same_version = now[RECORD_VERSION] == then[RECORD_VERSION] ||
			    (isnan(now[RECORD_VERSION]) && isnan(then[RECORD_VERSION]));
	if (!same_version)
		return false;
	if (isnan(now[RECORD_PROCESS]) || isnan(then[RECORD_PROCESS]))
		return true;
	if (r->format->has_totals)
		return now[RECORD_PROCESS] == then[RECORD_PROCESS];
	if (now[RECORD_PROCESS] < then[RECORD_PROCESS])
		return false;
	/* Restarted in a gap, and by now older than the one before was. */
	double elapsed_s = (now[RECORD_AT] - then[RECORD_AT]) * r->format->ms / 1000;
	double slack_s = fmax(60, elapsed_s / 10);
	return elapsed_s - (now[RECORD_PROCESS] - then[RECORD_PROCESS]) < slack_s;
}

static void record_add_life(
	struct record *out, const struct record_reader *r, size_t row)
{
	const double *now = r->rows[row].field;
	double at_ms = now[RECORD_AT] * r->format->ms;
	double age_ms = r->format->has_totals || isnan(now[RECORD_PROCESS])
				? 0
				: fmax(0, now[RECORD_PROCESS]) * 1000;
	double started_ms = fmax(0, at_ms - age_ms);
	if (row > 0)
		started_ms = fmax(
			started_ms, r->rows[row - 1].field[RECORD_AT] * r->format->ms);
	if ((out->life_count & (out->life_count - 1)) == 0) {
		size_t room = out->life_count ? out->life_count * 2 : 1;
		out->lives = realloc(out->lives, room * sizeof *out->lives);
		BUG_ON(!out->lives);
	}
	out->lives[out->life_count++] = (struct record_life){
		.started_ms = (int64_t)started_ms,
		.version = now[RECORD_VERSION],
	};
}

/* How often something happened since the row before.  Of rates: they speak for their
 * own step, so nothing is made up for a gap.  Of totals: unknown when they fell. */
static double record_since(
	const struct record_reader *r, size_t row, int field, double step_s)
{
	double now = r->rows[row].field[field];
	if (row == 0)
		return NAN;
	if (r->format->has_totals) {
		double more = now - r->rows[row - 1].field[field];
		return more >= 0 ? more : NAN;
	}
	double elapsed_s = (r->rows[row].field[RECORD_AT] -
				   r->rows[row - 1].field[RECORD_AT]) *
			   r->format->ms / 1000;
	return now * fmin(elapsed_s, 2 * step_s);
}

static double record_load(const struct record_reader *r, size_t row)
{
	if (!r->format->has_totals || row == 0)
		return r->rows[row].field[RECORD_LOAD];
	double elapsed_s = (r->rows[row].field[RECORD_AT] -
				   r->rows[row - 1].field[RECORD_AT]) *
			   r->format->ms / 1000;
	return record_since(r, row, RECORD_IN, 0) / elapsed_s;
}

static void record_make(const struct record_reader *r, struct record *out)
{
	double kb = r->format->kb, step_s = record_step_s(r);
	out->rows = calloc(r->count, sizeof *out->rows);
	BUG_ON(!out->rows);
	out->count = r->count;
	for (size_t i = 0; i < r->count; i++) {
		const double *v = r->rows[i].field;
		bool has_queue = !isnan(v[RECORD_DEPTH]);
		bool same = i > 0 && record_is_same_process(r, i);
		if (!same)
			record_add_life(out, r, i);
		out->rows[i].life = (uint32_t)(out->life_count - 1);
		out->rows[i].reading = (struct reading){
			.at_ms = (int64_t)(v[RECORD_AT] * r->format->ms),
			.memory_kb = v[RECORD_MEMORY] * kb,
			.heap_kb = v[RECORD_HEAP] * kb,
			.heap_used_kb = v[RECORD_HEAP_USED] * kb,
			.live_kb = v[RECORD_LIVE] * kb,
			.collections = v[RECORD_COLLECTIONS],
			.load = record_load(r, i),
			.arrivals = has_queue ? record_since(r, i, RECORD_IN, step_s)
					      : NAN,
			.completions = has_queue
					       ? record_since(r, i, RECORD_OUT, step_s)
					       : NAN,
			.depth = v[RECORD_DEPTH],
		};
	}
}

bool record_read(const char *folder, const struct labels_series *label,
	struct record *out, struct err *e)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, label->file);
	struct record_reader r = {.csv = csv_open(path, e)};
	if (!r.csv || !record_find_format(&r, path, e)) {
		csv_close(r.csv);
		return false;
	}
	*out = (struct record){0};
	record_read_rows(&r);
	record_forget_unreported(&r);
	out->faults = *csv_faults(r.csv);
	out->limit_kb = isnan(label->limit_kb) ? r.format->limit_kb : label->limit_kb;
	if (r.count > 0)
		record_make(&r, out);
	else
		err_set(e, ERR_INPUT, "%s: no row of it can be used%s%s", path,
			out->faults.rows ? "; the first: " : "", out->faults.first);
	free(r.rows);
	csv_close(r.csv);
	return out->count > 0;
}

void record_finish(struct record *r)
{
	free(r->rows);
	free(r->lives);
	*r = (struct record){0};
}

static int64_t record_later(int64_t at_ms, int64_t origin_ms, double factor)
{
	return origin_ms + (int64_t)round((double)(at_ms - origin_ms) * factor);
}

void record_stretch(struct record *r, int64_t origin_ms, double factor)
{
	for (size_t i = 0; i < r->count; i++) {
		struct reading *reading = &r->rows[i].reading;
		reading->at_ms = record_later(reading->at_ms, origin_ms, factor);
		reading->load /= factor;
	}
	for (size_t i = 0; i < r->life_count; i++)
		r->lives[i].started_ms = record_later(
			r->lives[i].started_ms, origin_ms, factor);
}
