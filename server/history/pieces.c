#include "server/history/pieces.h"

#include "schema/metric.h"
#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/store/partitions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One column of one subject, where it is stored. */
struct pieces_column {
	uint32_t subject; /* its place in the ask */
	uint32_t length;
	int64_t at_ms;
	const void *bytes;
	int8_t slot; /* the place of its metric in the ask, or SEGMENT_TIMES */
	bool is_chunk;
};

struct pieces_key {
	int64_t id;
	uint32_t subject;
};

struct pieces {
	const struct history_ask *ask;
	bool is_host;
	struct arena *arena;
	int8_t slot[METRIC_MAX]; /* of each metric, or SEGMENT_TIMES */
	struct pieces_key *keys; /* rising by id */
	struct pieces_column *columns;
	size_t count, room;
	size_t *first; /* of each subject, its first column; count + 1 of them */

	const struct past_rows *rows;
	uint32_t *row;     /* in order of subject */
	size_t *row_first; /* as `first` */
};

static int pieces_compare_keys(const void *a, const void *b)
{
	const struct pieces_key *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

struct pieces *pieces_create(
	const struct history_ask *ask, bool is_host, struct arena *a)
{
	struct pieces *p = arena_alloc(a, sizeof *p);
	*p = (struct pieces){.ask = ask, .is_host = is_host, .arena = a};
	memset(p->slot, SEGMENT_TIMES, sizeof p->slot);
	for (size_t m = 0; m < ask->metric_count; m++)
		p->slot[ask->metrics[m]] = (int8_t)m;
	p->keys = arena_array(a, ask->count, sizeof *p->keys);
	for (size_t i = 0; i < ask->count; i++)
		p->keys[i] = (struct pieces_key){ask->subjects[i].id, (uint32_t)i};
	qsort(p->keys, ask->count, sizeof *p->keys, pieces_compare_keys);
	return p;
}

/* The place of the first key that is not below `id`. */
static size_t pieces_find(const struct pieces *p, int64_t id)
{
	size_t low = 0, high = p->ask->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (p->keys[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void pieces_add(struct pieces *p, const struct pieces_column *column)
{
	if (p->count == p->room) {
		size_t room = p->room ? 2 * p->room : 256;
		struct pieces_column *more = arena_array(p->arena, room, sizeof *more);
		if (p->count)
			memcpy(more, p->columns, p->count * sizeof *more);
		p->columns = more;
		p->room = room;
	}
	p->columns[p->count++] = *column;
}

/* By time; the times first. */
static int pieces_compare_blobs(const void *a, const void *b)
{
	const struct past_blob *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->metric - y->metric;
}

static const char *pieces_metric(const struct pieces *p, int metric)
{
	if (metric == SEGMENT_TIMES)
		return "the times";
	return (p->is_host ? metric_host : metric_process)[metric].name;
}

static void pieces_print_time(int64_t at_ms, char out[20])
{
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm utc;
	gmtime_r(&seconds, &utc);
	strftime(out, 20, "%Y-%m-%d %H:%M", &utc);
}

static bool pieces_add_segment(
	struct pieces *p, const struct past_blob *blob, struct err *e)
{
	struct segment_reader r;
	struct segment_column column;
	bool found;
	size_t key = 0;
	struct pieces_column piece = {.at_ms = blob->at_ms,
		.slot = blob->metric < 0 ? SEGMENT_TIMES : p->slot[blob->metric]};
	if (!segment_open(&r, blob->bytes, blob->length, e))
		return false;
	while (key < p->ask->count) {
		if (!segment_next(&r, &column, &found, e))
			return false;
		if (!found)
			break;
		if (p->keys[key].id < column.subject)
			key = pieces_find(p, column.subject);
		if (key == p->ask->count || p->keys[key].id != column.subject)
			continue;
		piece.subject = p->keys[key].subject;
		piece.bytes = column.bytes;
		piece.length = (uint32_t)column.length;
		pieces_add(p, &piece);
	}
	return true;
}

bool pieces_add_segments(
	struct pieces *p, struct past_blob *blobs, size_t count, struct err *e)
{
	char at[20];
	if (count)
		qsort(blobs, count, sizeof *blobs, pieces_compare_blobs);
	for (size_t i = 0; i < count; i++) {
		if (pieces_add_segment(p, &blobs[i], e))
			continue;
		pieces_print_time(blobs[i].at_ms, at);
		return err_wrap(e,
			"segment of %s, service %" PRId64 ", block %" PRId64 ", %s", at,
			blobs[i].service_id, blobs[i].block,
			pieces_metric(p, blobs[i].metric));
	}
	return true;
}

void pieces_add_chunks(struct pieces *p, struct past_blob *blobs, size_t count)
{
	if (count)
		qsort(blobs, count, sizeof *blobs, pieces_compare_blobs);
	for (size_t i = 0; i < count; i++) {
		size_t key = pieces_find(p, blobs[i].subject);
		BUG_ON(key == p->ask->count || p->keys[key].id != blobs[i].subject);
		pieces_add(p,
			&(struct pieces_column){
				.subject = p->keys[key].subject,
				.length = (uint32_t)blobs[i].length,
				.at_ms = blobs[i].at_ms,
				.bytes = blobs[i].bytes,
				.slot = blobs[i].metric < 0 ? SEGMENT_TIMES
							    : p->slot[blobs[i].metric],
				.is_chunk = true,
			});
	}
}

/* Turns counts of subjects into the places where each begins; `first` has one more. */
static void pieces_sum(size_t *first, size_t count)
{
	size_t sum = 0;
	for (size_t i = 0; i <= count; i++) {
		size_t own = first[i];
		first[i] = sum;
		sum += own;
	}
}

void pieces_add_rows(struct pieces *p, const struct past_rows *rows)
{
	size_t subjects = p->ask->count;
	uint32_t *subject = arena_array(p->arena, rows->count, sizeof *subject);
	size_t *at = arena_array(p->arena, subjects + 1, sizeof *at);
	p->rows = rows;
	p->row = arena_array(p->arena, rows->count, sizeof *p->row);
	p->row_first = arena_array(p->arena, subjects + 1, sizeof *p->row_first);
	for (size_t i = 0; i < rows->count; i++) {
		size_t key = pieces_find(p, rows->subject[i]);
		BUG_ON(key == subjects || p->keys[key].id != rows->subject[i]);
		subject[i] = p->keys[key].subject;
		p->row_first[subject[i]]++;
	}
	pieces_sum(p->row_first, subjects);
	memcpy(at, p->row_first, (subjects + 1) * sizeof *at);
	for (size_t i = 0; i < rows->count; i++)
		p->row[at[subject[i]]++] = (uint32_t)i;
}

void pieces_sort(struct pieces *p)
{
	size_t subjects = p->ask->count;
	struct pieces_column *sorted = arena_array(p->arena, p->count, sizeof *sorted);
	size_t *at = arena_array(p->arena, subjects + 1, sizeof *at);
	p->first = arena_array(p->arena, subjects + 1, sizeof *p->first);
	for (size_t i = 0; i < p->count; i++)
		p->first[p->columns[i].subject]++;
	pieces_sum(p->first, subjects);
	memcpy(at, p->first, (subjects + 1) * sizeof *at);
	/* Days are older than what is not sealed yet. */
	for (int chunks = 1; chunks >= 0; chunks--)
		for (size_t i = 0; i < p->count; i++)
			if (p->columns[i].is_chunk == chunks)
				sorted[at[p->columns[i].subject]++] = p->columns[i];
	p->columns = sorted;
}

/* The columns of one subject while they grow. */
struct pieces_line {
	size_t rows, room, metrics;
	int64_t *at_ms, *values[HISTORY_METRICS_MAX];
	bool *has[HISTORY_METRICS_MAX];
};

static void pieces_reserve(struct pieces_line *line, size_t more, struct arena *a)
{
	if (line->rows + more <= line->room)
		return;
	struct pieces_line old = *line;
	line->room = 2 * old.room > old.rows + more ? 2 * old.room : old.rows + more;
	line->at_ms = arena_array(a, line->room, sizeof *line->at_ms);
	if (old.rows)
		memcpy(line->at_ms, old.at_ms, old.rows * sizeof *old.at_ms);
	for (size_t m = 0; m < line->metrics; m++) {
		line->values[m] = arena_array(a, line->room, sizeof *line->values[m]);
		line->has[m] = arena_array(a, line->room, sizeof *line->has[m]);
		if (!old.rows)
			continue;
		memcpy(line->values[m], old.values[m],
			old.rows * sizeof *old.values[m]);
		memcpy(line->has[m], old.has[m], old.rows * sizeof *old.has[m]);
	}
}

static bool pieces_damaged(const struct pieces *p, const struct pieces_column *column,
	struct history_sources *sources, struct err *e)
{
	char at[20];
	pieces_print_time(column->at_ms, at);
	sources->damaged = true;
	return err_wrap(e, "%s of %s, %s %" PRId64 ", %s",
		column->is_chunk ? "chunk" : "segment", at,
		p->is_host ? "host" : "process", p->ask->subjects[column->subject].id,
		pieces_metric(p, column->slot < 0 ? SEGMENT_TIMES
						  : p->ask->metrics[column->slot]));
}

/* How many columns the piece has that begins with `column`. */
static size_t pieces_width(
	const struct pieces_column *column, const struct pieces_column *end)
{
	size_t count = 1;
	/* Of another database there may be the same time again. */
	while (column + count < end && column[count].at_ms == column->at_ms &&
		column[count].is_chunk == column->is_chunk &&
		column[count].slot != SEGMENT_TIMES)
		count++;
	return count;
}

/* The columns of one piece, as they are decoded; of metrics that it has not, has[] is
 * NULL. */
static bool pieces_decode(const struct pieces *p, const struct pieces_column *column,
	size_t count, struct arena *a, struct pieces_line *piece,
	struct history_sources *sources, struct err *e)
{
	*piece = (struct pieces_line){.metrics = p->ask->metric_count};
	if (column->slot != SEGMENT_TIMES) {
		err_set(e, ERR_INPUT, "there are no times for it");
		return pieces_damaged(p, column, sources, e);
	}
	if (!column_get_times(
		    column->bytes, column->length, a, &piece->at_ms, &piece->rows, e))
		return pieces_damaged(p, column, sources, e);
	for (size_t i = 1; i < count; i++) {
		const struct pieces_column *c = &column[i];
		if (!column_get_values(c->bytes, c->length, a, piece->rows,
			    &piece->values[c->slot], &piece->has[c->slot], e))
			return pieces_damaged(p, c, sources, e);
	}
	*(column->is_chunk ? &sources->chunks : &sources->segments) = true;
	return true;
}

static void pieces_append(
	struct pieces_line *line, const struct pieces_line *piece, struct arena *a)
{
	size_t n = piece->rows;
	pieces_reserve(line, n, a);
	memcpy(line->at_ms + line->rows, piece->at_ms, n * sizeof *line->at_ms);
	for (size_t m = 0; m < line->metrics; m++) {
		if (!piece->has[m])
			continue;
		memcpy(line->values[m] + line->rows, piece->values[m],
			n * sizeof *line->values[m]);
		memcpy(line->has[m] + line->rows, piece->has[m],
			n * sizeof *line->has[m]);
	}
	line->rows += n;
}

static void pieces_add_line_rows(const struct pieces *p, size_t subject,
	struct arena *a, struct pieces_line *line, struct history_sources *sources)
{
	size_t first = p->row_first[subject], count = p->row_first[subject + 1] - first;
	pieces_reserve(line, count, a);
	for (size_t i = 0; i < count; i++) {
		uint32_t row = p->row[first + i];
		line->at_ms[line->rows + i] = p->rows->at_ms[row];
		for (size_t m = 0; m < line->metrics; m++) {
			line->values[m][line->rows + i] = p->rows->values[m][row];
			line->has[m][line->rows + i] = p->rows->has[m][row];
		}
		*(p->rows->late[row] ? &sources->late : &sources->hot) = true;
	}
	line->rows += count;
}

struct pieces_order {
	int64_t at_ms;
	size_t row;
};

static int pieces_compare_order(const void *a, const void *b)
{
	const struct pieces_order *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Puts the rows in order of time; of equal times the first stays. */
static void pieces_line_sort(struct pieces_line *line, struct arena *a)
{
	bool sorted = true;
	for (size_t i = 1; i < line->rows && sorted; i++)
		sorted = line->at_ms[i - 1] < line->at_ms[i];
	if (sorted)
		return;
	struct pieces_order *order = arena_array(a, line->rows, sizeof *order);
	struct pieces_line old = *line;
	for (size_t i = 0; i < line->rows; i++)
		order[i] = (struct pieces_order){line->at_ms[i], i};
	qsort(order, line->rows, sizeof *order, pieces_compare_order);
	line->rows = line->room = 0;
	pieces_reserve(line, old.rows, a);
	for (size_t i = 0; i < old.rows; i++) {
		if (i && order[i].at_ms == order[i - 1].at_ms)
			continue;
		line->at_ms[line->rows] = order[i].at_ms;
		for (size_t m = 0; m < line->metrics; m++) {
			line->values[m][line->rows] = old.values[m][order[i].row];
			line->has[m][line->rows] = old.has[m][order[i].row];
		}
		line->rows++;
	}
}

/* The place of the first time that is not before `at_ms`. */
static size_t pieces_line_find(const struct pieces_line *line, int64_t at_ms)
{
	size_t low = 0, high = line->rows;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (line->at_ms[middle] < at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Gives what of the line is in the ask's span. */
static bool pieces_give_line(const struct pieces *p, size_t subject,
	const struct pieces_line *line, struct arena *scratch,
	const struct pieces_taker *taker, struct err *e)
{
	size_t from = pieces_line_find(line, p->ask->from_ms),
	       to = pieces_line_find(line, p->ask->to_ms);
	struct history_columns out = {.subject = subject, .rows = to - from};
	taker->sources->values += (int64_t)(line->rows * line->metrics);
	if (from == to)
		return true;
	out.at_ms = line->at_ms + from;
	for (size_t m = 0; m < line->metrics; m++) {
		out.values[m] = line->values[m] + from;
		out.has[m] = line->has[m] + from;
		if (line->has[m])
			continue;
		out.values[m] = arena_array(scratch, out.rows, sizeof *out.values[m]);
		out.has[m] = arena_array(scratch, out.rows, sizeof *out.has[m]);
	}
	return taker->take(taker->context, &out, e);
}

/* Whether each piece ends before the next begins, and rows come last. */
static bool pieces_follow(const struct pieces *p, size_t subject)
{
	const struct pieces_column *column = p->columns + p->first[subject],
				   *end = p->columns + p->first[subject + 1];
	int64_t end_ms = INT64_MIN;
	for (; column < end; column += pieces_width(column, end)) {
		if (column->at_ms < end_ms)
			return false;
		end_ms = column->at_ms +
			 (column->is_chunk ? PARTITIONS_DAY_MS : SEGMENT_MS);
	}
	for (size_t i = p->row_first[subject]; i < p->row_first[subject + 1]; i++) {
		int64_t at_ms = p->rows->at_ms[p->row[i]];
		if (at_ms < end_ms)
			return false;
		end_ms = at_ms + 1;
	}
	return true;
}

bool pieces_give(struct pieces *p, size_t subject, struct arena *scratch,
	const struct pieces_taker *taker, struct err *e)
{
	struct pieces_line line = {.metrics = p->ask->metric_count}, piece;
	const struct pieces_column *column = p->columns + p->first[subject],
				   *end = p->columns + p->first[subject + 1];
	bool piecewise = p->ask->piecewise && pieces_follow(p, subject);
	arena_reset(scratch);
	for (size_t count; column < end; column += count) {
		count = pieces_width(column, end);
		if (piecewise)
			arena_reset(scratch);
		if (!pieces_decode(
			    p, column, count, scratch, &piece, taker->sources, e))
			return false;
		if (!piecewise)
			pieces_append(&line, &piece, scratch);
		else if (!pieces_give_line(p, subject, &piece, scratch, taker, e))
			return false;
	}
	if (p->rows)
		pieces_add_line_rows(p, subject, scratch, &line, taker->sources);
	pieces_line_sort(&line, scratch);
	return pieces_give_line(p, subject, &line, scratch, taker, e);
}
