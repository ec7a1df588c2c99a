#include "server/history/history.h"

#include "server/history/pieces.h"
#include "server/history/segment.h"
#include "server/store/past.h"

#include <stdlib.h>

#define HISTORY_DAY_MS      INT64_C(86400000)
#define HISTORY_INTERVAL_MS INT64_C(10000)

/* What was read, before it is decoded. */
struct history {
	const struct history_ask *ask;
	struct past_ask past;
	struct past_bounds bounds;
	struct pieces *pieces;
	struct past_rows read;
	struct db_rows segments, chunks;
	struct arena arena;
};

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
static bool history_collect(struct history *h, struct db *db, struct err *e)
{
	const struct history_ask *ask = h->ask;
	struct past_blob *blobs;
	struct past_ask past = h->past;
	size_t count, block_count;
	if (!past_bounds(db, &h->bounds, e))
		return false;
	past.hot_ms = history_later(ask->from_ms, h->bounds.compacted_ms);
	if (!past_rows(db, &past, &h->arena, &h->read, e))
		return false;
	pieces_add_rows(h->pieces, &h->read);

	struct past_block *blocks = history_blocks(ask, &h->arena, &block_count);
	past.from_ms = history_later(
		history_floor(ask->from_ms, SEGMENT_MS), h->bounds.sealed_ms);
	if (past.from_ms < ask->to_ms &&
		(!past_segments(db, &past, blocks, block_count, &h->arena, &h->segments,
			 &blobs, &count, e) ||
			!pieces_add_segments(h->pieces, blobs, count, e)))
		return false;

	past.from_ms = history_floor(ask->from_ms, HISTORY_DAY_MS);
	if (!past_chunks(db, &past, &h->arena, &h->chunks, &blobs, &count, e))
		return false;
	pieces_add_chunks(h->pieces, blobs, count);
	pieces_sort(h->pieces);
	return true;
}

static bool history_give(struct history *h, history_take *take, void *context,
	struct history_sources *sources, struct err *e)
{
	struct arena scratch;
	bool ok = true;
	arena_init(&scratch);
	for (size_t i = 0; i < h->ask->count && ok; i++) {
		struct history_columns columns;
		arena_reset(&scratch);
		ok = pieces_take(h->pieces, i, &scratch, &columns, sources, e);
		if (ok && columns.rows)
			ok = take(context, &columns, e);
	}
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
	int64_t *ids = arena_array(&h.arena, ask->count, sizeof *ids);
	for (size_t i = 0; i < ask->count; i++)
		ids[i] = ask->subjects[i].id;
	h.past = (struct past_ask){
		.is_host = is_host,
		.subjects = ids,
		.subject_count = ask->count,
		.metrics = ask->metrics,
		.metric_count = ask->metric_count,
		.from_ms = ask->from_ms,
		.to_ms = ask->to_ms,
	};
	h.pieces = pieces_create(ask, is_host, &h.arena);
	bool ok = history_collect(&h, db, e) &&
		  history_give(&h, take, context, sources, e);
	db_rows_finish(&h.segments);
	db_rows_finish(&h.chunks);
	arena_finish(&h.arena);
	return ok;
}
