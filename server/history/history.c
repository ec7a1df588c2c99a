#include "server/history/history.h"

#include "server/history/pieces.h"
#include "server/history/segment.h"
#include "server/store/partitions.h"
#include "server/store/past.h"
#include "server/store/shards.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_INTERVAL_MS INT64_C(10000)

/* A day of three columns, and what it takes to decode them. */
enum { HISTORY_SCRATCH_BYTES = 768 * 1024 };

/* What was read of one database. */
struct history_found {
	struct past_bounds bounds;
	struct past_rows rows;
	struct db_rows segments, chunks;
};

/* What was read, before it is decoded. */
struct history {
	const struct history_ask *ask;
	struct past_ask past; /* but for its subjects */
	struct pieces *pieces;
	struct history_found read[SHARDS_MAX + 1];
	struct past_rows rows; /* of all of them */
	struct arena arena;
};

static int64_t *history_ids(const struct history_ask *ask, struct arena *a)
{
	int64_t *ids = arena_array(a, ask->count, sizeof *ids);
	for (size_t i = 0; i < ask->count; i++)
		ids[i] = ask->subjects[i].id;
	return ids;
}

/* How many values the ask is about. */
static int64_t history_estimate(const struct history_ask *ask)
{
	int64_t interval_ms = ask->interval_ms ? ask->interval_ms : HISTORY_INTERVAL_MS;
	int64_t readings = 0;
	for (size_t i = 0; i < ask->count; i++) {
		const struct history_subject *s = &ask->subjects[i];
		int64_t from_ms = ask->from_ms, to_ms = ask->to_ms;
		if (s->from_ms > from_ms)
			from_ms = s->from_ms;
		if (s->to_ms && s->to_ms < to_ms)
			to_ms = s->to_ms;
		if (to_ms > from_ms)
			readings += (to_ms - from_ms) / interval_ms + 1;
	}
	return readings * (int64_t)ask->metric_count;
}

static bool history_check(const struct history_ask *ask, struct err *e)
{
	BUG_ON(ask->metric_count == 0 || ask->metric_count > HISTORY_METRICS_MAX);
	int64_t values = history_estimate(ask);
	if (values <= HISTORY_VALUES_MAX)
		return true;
	return err_set(e, ERR_INPUT,
		"about %lld million values would have to be read, and %lld million is "
		"the most; ask for a shorter span or for fewer instances",
		(long long)(values >> 20), (long long)(HISTORY_VALUES_MAX >> 20));
}

static int history_compare_blocks(const void *a, const void *b)
{
	const struct past_block *x = a, *y = b;
	if (x->service_id != y->service_id)
		return x->service_id < y->service_id ? -1 : 1;
	return (x->block > y->block) - (x->block < y->block);
}

/* Where the subjects' segments are, each once. */
static struct past_block *history_blocks(
	const struct history_ask *ask, struct arena *a, size_t *count)
{
	struct past_block *blocks = arena_array(a, ask->count, sizeof *blocks);
	for (size_t i = 0; i < ask->count; i++)
		blocks[i] = (struct past_block){ask->subjects[i].service_id,
			ask->subjects[i].host_id / SEGMENT_HOSTS};
	qsort(blocks, ask->count, sizeof *blocks, history_compare_blocks);
	*count = 0;
	for (size_t i = 0; i < ask->count; i++)
		if (i == 0 || history_compare_blocks(&blocks[i], &blocks[i - 1]) != 0)
			blocks[(*count)++] = blocks[i];
	return blocks;
}

static int64_t history_floor(int64_t at_ms, int64_t step_ms)
{
	int64_t rest = at_ms % step_ms;
	return at_ms - (rest < 0 ? rest + step_ms : rest);
}

static int64_t history_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* In this order: what moves on meanwhile is met again further on. */
static bool history_collect(struct history *h, struct db *db,
	const struct history_ask *ask, struct history_found *read, struct err *e)
{
	struct past_blob *blobs;
	struct past_ask past = h->past;
	size_t count;
	past.subjects = history_ids(ask, &h->arena);
	past.subject_count = ask->count;
	if (!past_bounds(db, &read->bounds, e))
		return false;
	past.hot_ms = history_later(ask->from_ms, read->bounds.compacted_ms);
	if (!past_rows(db, &past, &h->arena, &read->rows, e))
		return false;

	past.blocks = history_blocks(ask, &h->arena, &past.block_count);
	past.from_ms = history_later(
		history_floor(ask->from_ms, SEGMENT_MS), read->bounds.sealed_ms);
	if (past.from_ms < ask->to_ms &&
		(!past_segments(
			 db, &past, &h->arena, &read->segments, &blobs, &count, e) ||
			!pieces_add_segments(h->pieces, blobs, count, e)))
		return false;

	past.from_ms = history_floor(ask->from_ms, PARTITIONS_DAY_MS);
	if (!past_chunks(db, &past, &h->arena, &read->chunks, &blobs, &count, e))
		return false;
	pieces_add_chunks(h->pieces, blobs, count);
	return true;
}

/* The subjects that may have readings in a database. */
static struct history_ask history_part(
	struct history *h, const struct shards *shards, size_t database)
{
	struct history_ask part = *h->ask;
	if (shards_count(shards) == 1)
		return part;
	struct history_subject *subjects = arena_array(
		&h->arena, part.count, sizeof *subjects);
	part.count = 0;
	for (size_t i = 0; i < h->ask->count; i++)
		if (shards_may_have(shards, database, h->ask->subjects[i].host_id))
			subjects[part.count++] = h->ask->subjects[i];
	part.subjects = subjects;
	return part;
}

/* The rows of all databases as one. */
static struct past_rows history_join_rows(struct history *h, size_t databases)
{
	struct past_rows all = {0};
	size_t metrics = h->ask->metric_count;
	if (databases == 1)
		return h->read[0].rows;
	for (size_t i = 0; i < databases; i++)
		all.count += h->read[i].rows.count;
	all.subject = arena_array(&h->arena, all.count, sizeof *all.subject);
	all.at_ms = arena_array(&h->arena, all.count, sizeof *all.at_ms);
	all.late = arena_array(&h->arena, all.count, sizeof *all.late);
	all.values = arena_array(&h->arena, metrics, sizeof *all.values);
	all.has = arena_array(&h->arena, metrics, sizeof *all.has);
	for (size_t m = 0; m < metrics; m++) {
		all.values[m] = arena_array(
			&h->arena, all.count, sizeof *all.values[m]);
		all.has[m] = arena_array(&h->arena, all.count, sizeof *all.has[m]);
	}
	for (size_t i = 0, at = 0; i < databases; at += h->read[i++].rows.count) {
		const struct past_rows *rows = &h->read[i].rows;
		if (rows->count == 0)
			continue;
		memcpy(all.subject + at, rows->subject,
			rows->count * sizeof *all.subject);
		memcpy(all.at_ms + at, rows->at_ms, rows->count * sizeof *all.at_ms);
		memcpy(all.late + at, rows->late, rows->count * sizeof *all.late);
		for (size_t m = 0; m < metrics; m++) {
			memcpy(all.values[m] + at, rows->values[m],
				rows->count * sizeof *all.values[m]);
			memcpy(all.has[m] + at, rows->has[m],
				rows->count * sizeof *all.has[m]);
		}
	}
	return all;
}

/* A shard that is away is left out; the main database must answer. */
static bool history_collect_all(struct history *h, struct db *main,
	struct history_sources *sources, struct err *e)
{
	struct shards *shards;
	if (!shards_get(main, &shards, e))
		return false;
	size_t databases = shards_count(shards);
	for (size_t i = 0; i < databases; i++) {
		struct history_ask part = history_part(h, shards, i);
		struct db *db = shards_db(shards, i);
		if (part.count == 0 ||
			(db && history_collect(h, db, &part, &h->read[i], e)))
			continue;
		if (i == 0 || (db && e->kind != ERR_IO))
			return false;
		if (db)
			shards_failed(shards, i);
		h->read[i].rows.count = 0;
		sources->missing |= UINT64_C(1) << i;
	}
	h->rows = history_join_rows(h, databases);
	pieces_add_rows(h->pieces, &h->rows);
	pieces_sort(h->pieces);
	return true;
}

static bool history_give(struct history *h, history_take *take, void *context,
	struct history_sources *sources, struct err *e)
{
	struct arena scratch;
	bool ok = true;
	const struct pieces_taker taker = {take, context, sources};
	arena_init(&scratch);
	arena_keep(&scratch, HISTORY_SCRATCH_BYTES);
	for (size_t i = 0; i < h->ask->count && ok; i++)
		ok = pieces_give(h->pieces, i, &scratch, &taker, e);
	arena_finish(&scratch);
	return ok;
}

bool history_read(struct db *db, const struct history_ask *ask, history_take *take,
	void *context, struct history_sources *sources, struct err *e)
{
	struct history_sources ignored;
	if (!sources)
		sources = &ignored;
	*sources = (struct history_sources){0};
	if (ask->count == 0 || ask->from_ms >= ask->to_ms)
		return true;
	if (!history_check(ask, e))
		return false;
	struct history h = {.ask = ask};
	arena_init(&h.arena);
	bool is_host = ask->subjects[0].service_id == 0;
	h.past = (struct past_ask){
		.is_host = is_host,
		.metrics = ask->metrics,
		.metric_count = ask->metric_count,
		.from_ms = ask->from_ms,
		.to_ms = ask->to_ms,
	};
	h.pieces = pieces_create(ask, is_host, &h.arena);
	bool ok = history_collect_all(&h, db, sources, e) &&
		  history_give(&h, take, context, sources, e);
	for (size_t i = 0; i <= SHARDS_MAX; i++) {
		db_rows_finish(&h.read[i].segments);
		db_rows_finish(&h.read[i].chunks);
	}
	arena_finish(&h.arena);
	return ok;
}
