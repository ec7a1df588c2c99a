#include "server/compact/day_inside.h"

#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/store/chunks.h"
#include "server/store/segments.h"

#include <stdlib.h>
#include <string.h>

static int day_columns_compare(const void *left, const void *right)
{
	const struct life *a = *(struct life *const *)left,
			  *b = *(struct life *const *)right;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

static struct life *day_columns_find(struct day *d, int32_t subject)
{
	struct life key = {.subject = subject}, *own = &key;
	struct life **found = bsearch(&own, d->by_subject, d->batch_count,
		sizeof *d->by_subject, day_columns_compare);
	return found ? *found : NULL;
}

static void day_columns_index(struct day *d)
{
	d->by_subject = arena_array(
		&d->batch_arena, d->batch_count + 1, sizeof *d->by_subject);
	for (size_t i = 0; i < d->batch_count; i++)
		d->by_subject[i] = &d->batch[i];
	qsort(d->by_subject, d->batch_count, sizeof *d->by_subject,
		day_columns_compare);
}

static bool day_columns_take_old(
	void *context, const struct chunks_chunk *chunk, struct err *e)
{
	struct day *d = context;
	(void)e;
	if (d->old_count == d->old_capacity) {
		d->old_capacity = d->old_capacity ? 2 * d->old_capacity : 256;
		d->olds = realloc(d->olds, d->old_capacity * sizeof *d->olds);
		BUG_ON(!d->olds);
	}
	d->olds[d->old_count++] = (struct day_old){
		.subject = d->hosts ? -chunk->subject : chunk->subject,
		.metric = chunk->metric,
		.offset = d->old_bytes.length,
		.length = chunk->length,
	};
	buf_append(&d->old_bytes, chunk->bytes, chunk->length);
	return true;
}

/* Chunks of the batch that are there already; those of touched lives are written anew.
 */
static bool day_columns_read_old(struct day *d, struct err *e)
{
	int32_t *chunked = arena_array(
		&d->batch_arena, d->batch_count + 1, sizeof *chunked);
	int32_t *touched = arena_array(
		&d->batch_arena, d->batch_count + 1, sizeof *touched);
	size_t chunked_count = 0, touched_count = 0;
	buf_reset(&d->old_bytes);
	d->old_count = 0;
	for (size_t i = 0; i < d->batch_count; i++) {
		const struct life *l = &d->batch[i];
		if (!l->chunked)
			continue;
		chunked[chunked_count++] = day_subject(d, l->subject);
		if (l->touched)
			touched[touched_count++] = day_subject(d, l->subject);
	}
	if (chunked_count == 0)
		return true;
	return chunks_read(d->step->readings, d->group->day_ms, chunked, chunked_count,
		       day_columns_take_old, d, e) &&
	       chunks_forget(
		       d->step->readings, d->group->day_ms, touched, touched_count, e);
}

static bool day_columns_take_late(
	void *context, const struct hot_row *row, struct err *e)
{
	(void)e;
	gather_add(context, row);
	return true;
}

static bool day_columns_read_late(struct day *d, struct err *e)
{
	int32_t *subjects = arena_array(
		&d->batch_arena, d->batch_count + 1, sizeof *subjects);
	size_t count = 0;
	for (size_t i = 0; i < d->batch_count; i++) {
		if (d->batch[i].late == SIZE_MAX)
			continue;
		d->batch[i].late = count;
		subjects[count++] = d->batch[i].subject;
	}
	if (count == 0)
		return true;
	struct hot_ask ask = day_late(d, subjects, count);
	d->late = gather_create(subjects, NULL, count, hot_metric_count(ask.table));
	return hot_read(d->step->readings, &ask, day_columns_take_late, d->late, e);
}

/* Times of the segments of one life; pieces that are damaged have no rows. */
static void day_columns_segment_times(struct day *d, struct life *l)
{
	int64_t *all = arena_array(&d->batch_arena, l->most + 1, sizeof *all);
	size_t rows = 0;
	for (size_t i = 0; i < l->piece_count; i++) {
		struct life_piece *piece = (struct life_piece *)&l->pieces[i];
		struct arena a;
		struct err e;
		int64_t *at_ms;
		size_t count = 0;
		piece->first_row = rows;
		if (piece->rows == 0)
			continue;
		arena_init(&a);
		if (column_get_times(d->piece_bytes.data + piece->offset, piece->length,
			    &a, &at_ms, &count, &e))
			memcpy(all + rows, at_ms, count * sizeof *all);
		else
			day_damaged(d, "segment", l->subject, piece->at_ms,
				SEGMENT_TIMES, &e);
		arena_finish(&a);
		piece->rows = count;
		rows += count;
	}
	l->source[LIFE_SEGMENTS].at_ms = all;
	l->source[LIFE_SEGMENTS].rows = rows;
}

static void day_columns_chunk_times(struct day *d)
{
	for (size_t i = 0; i < d->old_count; i++) {
		const struct day_old *old = &d->olds[i];
		struct life *l = day_columns_find(d, old->subject);
		int64_t *at_ms;
		size_t rows;
		struct err e;
		if (!l || old->metric != SEGMENT_TIMES)
			continue;
		if (!column_get_times(d->old_bytes.data + old->offset, old->length,
			    &d->batch_arena, &at_ms, &rows, &e)) {
			day_damaged(d, "chunk", old->subject, d->group->day_ms,
				SEGMENT_TIMES, &e);
			continue;
		}
		l->source[LIFE_CHUNK].at_ms = at_ms;
		l->source[LIFE_CHUNK].rows = rows;
	}
}

/* Which metrics the batch may have. */
static uint64_t day_columns_times(struct day *d)
{
	uint64_t metrics = d->segment_metrics;
	d->rows = 0;
	day_columns_chunk_times(d);
	for (size_t i = 0; i < d->batch_count; i++) {
		struct life *l = &d->batch[i];
		day_columns_segment_times(d, l);
		if (l->late != SIZE_MAX) {
			gather_take(
				d->late, l->late, &d->batch_arena, &l->late_columns);
			l->source[LIFE_LATE].at_ms = l->late_columns.at_ms;
			l->source[LIFE_LATE].rows = l->late_columns.rows;
			d->step->counts.late_rows += l->late_columns.rows;
			metrics |= l->late_columns.used;
		}
		life_merge(l, &d->batch_arena);
		l->first = d->rows;
		d->rows += l->rows;
	}
	for (size_t i = 0; i < d->old_count; i++)
		if (d->olds[i].metric >= 0 && d->olds[i].metric < HOT_METRICS_MAX)
			metrics |= UINT64_C(1) << d->olds[i].metric;
	return metrics;
}

static void day_columns_put(
	struct day *d, const struct life *l, int metric, const struct buf *column)
{
	chunks_put(&d->chunks, d->group->day_ms, day_subject(d, l->subject), metric,
		column->data, column->length);
	d->step->counts.chunks++;
	d->step->counts.chunk_bytes += column->length;
}

static void day_columns_put_times(struct day *d)
{
	for (size_t i = 0; i < d->batch_count; i++) {
		const struct life *l = &d->batch[i];
		if (!l->touched || l->rows == 0)
			continue;
		buf_reset(&d->column);
		column_put_times(&d->column, l->at_ms, l->rows, true);
		day_columns_put(d, l, SEGMENT_TIMES, &d->column);
	}
}

/* A metric of chunks that were there, and the hours that they had. */
static void day_columns_chunk_values(struct day *d, int metric)
{
	for (size_t i = 0; i < d->old_count; i++) {
		const struct day_old *old = &d->olds[i];
		struct life *l = day_columns_find(d, old->subject);
		size_t rows = l ? l->source[LIFE_CHUNK].rows : 0;
		struct arena a;
		struct err e;
		int64_t *values;
		bool *has;
		if (old->metric != metric || rows == 0)
			continue;
		arena_init(&a);
		if (column_get_values(d->old_bytes.data + old->offset, old->length, &a,
			    rows, &values, &has, &e)) {
			life_scatter(
				l, LIFE_CHUNK, 0, values, has, rows, d->values, d->has);
			if (!d->hosts && rollup_has(metric))
				rollup_day(d->old_hours[l - d->batch],
					metric_process[metric].kind, d->group->day_ms,
					l->source[LIFE_CHUNK].at_ms, values, has, rows);
		} else {
			day_damaged(
				d, "chunk", old->subject, d->group->day_ms, metric, &e);
		}
		arena_finish(&a);
	}
}

static const struct life_piece *day_columns_piece(const struct life *l, int64_t at_ms)
{
	size_t low = 0, high = l->piece_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->pieces[middle].at_ms < at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->piece_count && l->pieces[low].at_ms == at_ms ? &l->pieces[low]
								     : NULL;
}

/* One metric of five minutes of the group. */
static bool day_columns_take_segment(
	void *context, const struct segments_segment *s, struct err *e)
{
	struct day *d = context;
	struct segment_reader reader;
	struct segment_column column;
	struct err damage;
	struct arena a;
	bool found = true;
	(void)e;
	arena_init(&a);
	bool ok = segment_open(&reader, s->bytes, s->length, &damage);
	while (ok && (ok = segment_next(&reader, &column, &found, &damage)) && found) {
		struct life *l = day_columns_find(d, column.subject);
		const struct life_piece *piece = l ? day_columns_piece(l, s->at_ms)
						   : NULL;
		int64_t *values;
		bool *has;
		if (!piece || piece->rows == 0)
			continue;
		arena_reset(&a);
		if (column_get_values(column.bytes, column.length, &a, piece->rows,
			    &values, &has, &damage))
			life_scatter(l, LIFE_SEGMENTS, piece->first_row, values, has,
				piece->rows, d->values, d->has);
		else
			day_damaged(d, "segment", column.subject, s->at_ms, s->metric,
				&damage);
	}
	if (!ok)
		day_damaged(d, "segment", 0, s->at_ms, s->metric, &damage);
	arena_finish(&a);
	return true;
}

static void day_columns_late_values(struct day *d, int metric)
{
	for (size_t i = 0; i < d->batch_count; i++) {
		const struct life *l = &d->batch[i];
		const struct gather_columns *c = &l->late_columns;
		if (l->late == SIZE_MAX || !(c->used >> metric & 1))
			continue;
		life_scatter(l, LIFE_LATE, 0, c->values[metric], c->has[metric],
			c->rows, d->values, d->has);
	}
}

static void day_columns_put_metric(struct day *d, int metric)
{
	for (size_t i = 0; i < d->batch_count; i++) {
		const struct life *l = &d->batch[i];
		if (!l->touched || !memchr(d->has + l->first, true, l->rows))
			continue;
		buf_reset(&d->column);
		column_put_values(&d->column, d->values + l->first, d->has + l->first,
			l->rows, true);
		day_columns_put(d, l, metric, &d->column);
	}
}

static bool day_columns_metric(struct day *d, int metric, struct err *e)
{
	struct segments_span span = day_span(d);
	memset(d->values, 0, d->rows * sizeof *d->values);
	memset(d->has, 0, d->rows * sizeof *d->has);
	memset(d->old_hours, 0, d->batch_count * sizeof *d->old_hours);
	day_columns_chunk_values(d, metric);
	if (d->segment_metrics >> metric & 1 &&
		!segments_read(d->step->readings, &span, metric,
			day_columns_take_segment, d, e))
		return false;
	day_columns_late_values(d, metric);
	day_columns_put_metric(d, metric);
	day_rollups_metric(d, metric);
	return true;
}

bool day_columns_run(struct day *d, struct err *e)
{
	day_columns_index(d);
	bool ok = day_columns_read_old(d, e) && day_columns_read_late(d, e) &&
		  day_rollups_begin(d, e);
	uint64_t metrics = ok ? day_columns_times(d) : 0;
	d->values = calloc(d->rows + 1, sizeof *d->values);
	d->has = calloc(d->rows + 1, sizeof *d->has);
	d->old_hours = calloc(d->batch_count + 1, sizeof *d->old_hours);
	BUG_ON(!d->values || !d->has || !d->old_hours);
	if (ok)
		day_columns_put_times(d);
	for (; ok && metrics; metrics &= metrics - 1)
		ok = day_columns_metric(d, __builtin_ctzll(metrics), e);
	free(d->values);
	free(d->has);
	free(d->old_hours);
	gather_destroy(d->late);
	d->late = NULL;
	return ok;
}
