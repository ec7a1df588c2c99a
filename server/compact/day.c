#include "server/compact/day_inside.h"

#include "common/log.h"
#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/store/chunks.h"
#include "server/store/segments.h"
#include "server/store/storage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a batch: 8 bytes of time, 9 of a value each, twice for those that are merged.
 */
enum { DAY_ROW_BYTES = 24 };

void day_damaged(struct day *d, const char *where, int32_t subject, int64_t at_ms,
	int metric, const struct err *e)
{
	d->step->counts.damaged++;
	log_warn("storage: %s of %" PRId64 " (ms), service %d, block %d, %s %d, metric "
		 "%d is left out: %s",
		where, at_ms, d->group->service, d->group->block,
		d->hosts ? "host" : "process", subject, metric, e->text);
}

static bool day_take_times(
	void *context, const struct segments_segment *s, struct err *e)
{
	struct day *d = context;
	struct segment_reader reader;
	struct segment_column column;
	struct column_head head;
	struct err damage;
	bool found = true;
	(void)e;
	bool ok = segment_open(&reader, s->bytes, s->length, &damage);
	while (ok && (ok = segment_next(&reader, &column, &found, &damage)) && found) {
		if (d->piece_count == d->piece_capacity) {
			d->piece_capacity = d->piece_capacity ? 2 * d->piece_capacity
							      : 1024;
			d->pieces = realloc(
				d->pieces, d->piece_capacity * sizeof *d->pieces);
			BUG_ON(!d->pieces);
		}
		struct life_piece *piece = &d->pieces[d->piece_count++];
		*piece = (struct life_piece){.subject = column.subject,
			.at_ms = s->at_ms,
			.offset = d->piece_bytes.length,
			.length = column.length};
		buf_append(&d->piece_bytes, column.bytes, column.length);
		if (column_check(column.bytes, column.length, &head, &damage))
			piece->rows = head.rows;
		else
			day_damaged(d, "segment", column.subject, s->at_ms,
				SEGMENT_TIMES, &damage);
	}
	if (!ok)
		day_damaged(d, "segment", 0, s->at_ms, SEGMENT_TIMES, &damage);
	return true;
}

static int day_compare_pieces(const void *left, const void *right)
{
	const struct life_piece *a = left, *b = right;
	if (a->subject != b->subject)
		return a->subject < b->subject ? -1 : 1;
	return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

static bool day_read_segments(struct day *d, struct err *e)
{
	struct segments_span span = day_span(d);
	struct db *db = d->step->readings;
	int *metrics;
	size_t count;
	if (!d->group->segments)
		return true;
	if (!segments_read(db, &span, SEGMENT_TIMES, day_take_times, d, e) ||
		!segments_metrics(db, &span, &d->arena, &metrics, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (metrics[i] < HOT_METRICS_MAX)
			d->segment_metrics |= UINT64_C(1) << metrics[i];
	if (d->piece_count)
		qsort(d->pieces, d->piece_count, sizeof *d->pieces, day_compare_pieces);
	return true;
}

static int day_compare_ids(const void *left, const void *right)
{
	int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
	return (a > b) - (a < b);
}

/* Sorts and makes each be there once; how many are left. */
static size_t day_unique(int32_t *ids, size_t count)
{
	size_t left = 0;
	qsort(ids, count, sizeof *ids, day_compare_ids);
	for (size_t i = 0; i < count; i++)
		if (left == 0 || ids[left - 1] != ids[i])
			ids[left++] = ids[i];
	return left;
}

/* Everybody that segments and late rows are of. */
static size_t day_subjects_of(struct day *d, int32_t **out)
{
	size_t count = 0;
	int32_t *ids = arena_array(
		&d->arena, d->piece_count + d->group->late_count + 1, sizeof *ids);
	for (size_t i = 0; i < d->piece_count; i++)
		if (count == 0 || ids[count - 1] != d->pieces[i].subject)
			ids[count++] = d->pieces[i].subject;
	for (size_t i = 0; i < d->group->late_count; i++)
		ids[count++] = d->group->late[i];
	*out = ids;
	return day_unique(ids, count);
}

/* Processes with all others of their seats: hours are made of them together. */
static bool day_find_lives(struct day *d, const int32_t *ids, size_t count,
	struct lives_life **out, size_t *found, struct err *e)
{
	struct lives_life *own;
	struct lives_list all;
	size_t slots = 0;
	int64_t day_ms = d->group->day_ms;
	if (!lives_find(d->step->main, ids, count, &d->arena, &own, e))
		return false;
	int32_t *slot = arena_array(&d->arena, count + 1, sizeof *slot);
	for (size_t i = 0; i < count; i++)
		if (own[i].service > 0)
			slot[slots++] = own[i].slot;
	slots = day_unique(slot, slots);
	if (!lives_of_slots(d->step->main, slot, slots, day_ms,
		    day_ms + PARTITIONS_DAY_MS, &d->arena, &all, e))
		return false;
	*out = arena_array(&d->arena, count + all.count + 1, sizeof **out);
	if (count)
		memcpy(*out, own, count * sizeof *own);
	*found = count;
	for (size_t i = 0; i < all.count; i++)
		if (!bsearch(&all.list[i].generation, ids, count, sizeof *ids,
			    day_compare_ids))
			(*out)[(*found)++] = all.list[i];
	return true;
}

static int day_compare_lives(const void *left, const void *right)
{
	const struct life *a = left, *b = right;
	if (a->is.service != b->is.service)
		return a->is.service < b->is.service ? -1 : 1;
	if (a->is.slot != b->is.slot)
		return a->is.slot < b->is.slot ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

static bool day_take_chunk(
	void *context, const struct chunks_chunk *chunk, struct err *e)
{
	struct day *d = context;
	struct column_head head;
	int32_t subject = d->hosts ? -chunk->subject : chunk->subject;
	(void)e;
	/* Few have chunks of the day already. */
	for (size_t i = 0; i < d->life_count; i++) {
		struct err damage;
		if (d->lives[i].subject != subject)
			continue;
		d->lives[i].chunked = true;
		if (column_check(chunk->bytes, chunk->length, &head, &damage))
			d->lives[i].most += head.rows;
	}
	return true;
}

static bool day_find_chunks(struct day *d, struct err *e)
{
	int32_t *ids = arena_array(&d->arena, d->life_count + 1, sizeof *ids);
	for (size_t i = 0; i < d->life_count; i++)
		ids[i] = day_subject(d, d->lives[i].subject);
	return chunks_read_times(d->step->readings, d->group->day_ms, ids,
		d->life_count, day_take_chunk, d, e);
}

static void day_find_pieces(struct day *d, struct life *l)
{
	struct life_piece key = {.subject = l->subject, .at_ms = INT64_MIN};
	size_t low = 0, high = d->piece_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (day_compare_pieces(&d->pieces[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	l->pieces = d->pieces + low;
	for (; low + l->piece_count < d->piece_count &&
		l->pieces[l->piece_count].subject == l->subject;
		l->piece_count++)
		l->most += l->pieces[l->piece_count].rows;
}

/* Those whom nothing is known of on this day are left out. */
static void day_drop_strangers(struct day *d)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->life_count; i++)
		if (d->lives[i].touched || d->lives[i].chunked)
			d->lives[kept++] = d->lives[i];
	d->life_count = kept;
}

static bool day_find(struct day *d, struct err *e)
{
	int32_t *ids;
	struct lives_life *lives = NULL;
	size_t count = day_subjects_of(d, &ids), all = count;
	if (!d->hosts && !day_find_lives(d, ids, count, &lives, &all, e))
		return false;
	d->lives = arena_array(&d->arena, all + 1, sizeof *d->lives);
	d->life_count = all;
	for (size_t i = 0; i < all; i++) {
		struct life *l = &d->lives[i];
		l->subject = lives ? lives[i].generation : ids[i];
		if (lives)
			l->is = lives[i];
		l->touched = i < count;
		l->late = SIZE_MAX;
		if (bsearch(&l->subject, d->group->late, d->group->late_count,
			    sizeof *d->group->late, day_compare_ids))
			l->late = 0;
		day_find_pieces(d, l);
	}
	if (!day_find_chunks(d, e))
		return false;
	day_drop_strangers(d);
	qsort(d->lives, d->life_count, sizeof *d->lives, day_compare_lives);
	return true;
}

/* The end of the batch that begins at `first`: whole seats of one service. */
static size_t day_batch_end(const struct day *d, size_t first)
{
	const struct life *l = d->lives;
	size_t limit = d->step->pass_bytes ? d->step->pass_bytes : STEP_PASS_BYTES;
	size_t rows = 0, end = first;
	while (end < d->life_count && l[end].is.service == l[first].is.service) {
		bool seat = !d->hosts && l[end].is.service > 0 && end > first &&
			    l[end].is.slot == l[end - 1].is.slot;
		if (!seat && end > first && rows * DAY_ROW_BYTES >= limit)
			break;
		/* Late rows are not counted: a usual day of them. */
		rows += l[end].most + (l[end].late != SIZE_MAX ? 8640 : 0);
		end++;
	}
	return end;
}

static bool day_batches(struct day *d, struct err *e)
{
	for (size_t first = 0; first < d->life_count;) {
		size_t end = day_batch_end(d, first);
		arena_reset(&d->batch_arena);
		d->batch = d->lives + first;
		d->batch_count = end - first;
		if (!day_columns_run(d, e))
			return false;
		step_at("day: a batch");
		first = end;
	}
	return true;
}

/* The transaction's inside. */
static bool day_write(struct day *d, struct err *e)
{
	const struct day_group *g = d->group;
	struct db *db = d->step->readings;
	struct segments_span span = day_span(d);
	struct hot_ask late = day_late(d, g->late, g->late_count);
	if (!day_read_segments(d, e) || !day_find(d, e) || !day_batches(d, e) ||
		!day_rollups_end(d, e))
		return false;
	step_at("day: before the last rows");
	if (!copier_end(&d->chunks, e) || !copier_end(&d->hours, e) ||
		!copier_end(&d->band_rows, e))
		return false;
	step_at("day: before what is replaced goes");
	if (g->segments && !segments_forget(db, &span, e))
		return false;
	step_at("day: before the late rows go");
	bool ok = g->late_count == 0 || hot_forget(db, &late, e);
	step_at("day: before the commit");
	return ok;
}

bool day_run(struct step *s, const struct day_group *group, struct err *e)
{
	struct day d = {.step = s, .group = group, .hosts = group->service == 0};
	struct step_counts before = s->counts;
	if (!storage_begin(s->readings, e))
		return false;
	arena_init(&d.arena);
	arena_init(&d.batch_arena);
	copier_init(&d.chunks, s->readings, CHUNKS_TARGET);
	copier_init(&d.hours, s->readings, ROLLUPS_SLOT_TARGET);
	copier_init(&d.band_rows, s->readings, ROLLUPS_BAND_TARGET);
	bool ok = day_write(&d, e);
	if (ok)
		ok = db_commit(s->readings, e);
	else
		db_rollback(s->readings);
	if (!ok)
		s->counts = before;
	else if (group->late_count)
		s->counts.late_groups++;
	copier_finish(&d.chunks);
	copier_finish(&d.hours);
	copier_finish(&d.band_rows);
	bands_destroy(d.bands);
	free(d.pieces);
	free(d.olds);
	buf_finish(&d.piece_bytes);
	buf_finish(&d.old_bytes);
	buf_finish(&d.column);
	arena_finish(&d.arena);
	arena_finish(&d.batch_arena);
	return ok;
}
