#include "server/history/spread.h"

#include "server/history/sketch.h"
#include "server/store/past.h"
#include "server/store/shards.h"

#include <stdlib.h>
#include <string.h>

#define SPREAD_PART_MS INT64_C(300000)
#define SPREAD_HOUR_MS INT64_C(3600000)

struct spread_reader {
	const struct spread_ask *ask;
	struct db *db;
	struct arena *arena;
	struct past_band *bands;
	size_t count;
	struct db_rows rows[2 * (SHARDS_MAX + 1)]; /* whose bytes the bands are */
	size_t row_count;
	int64_t compacted_ms; /* by all databases that say so; INT64_MIN: by none */
};

static void spread_add(
	struct spread_reader *r, const struct past_band *bands, size_t count)
{
	struct past_band *all = arena_array(r->arena, r->count + count, sizeof *all);
	if (r->count)
		memcpy(all, r->bands, r->count * sizeof *all);
	if (count)
		memcpy(all + r->count, bands, count * sizeof *all);
	r->bands = all;
	r->count += count;
}

static bool spread_read_kept(struct spread_reader *r, struct db *db, int step_s,
	int64_t from_ms, int64_t to_ms, struct err *e)
{
	struct past_band *bands;
	size_t count;
	struct past_bands_ask ask = {step_s, r->ask->service_id, r->ask->metric,
		from_ms, to_ms, SPREAD_ROWS_MAX};
	if (from_ms >= to_ms)
		return true;
	if (!past_bands(
		    db, &ask, r->arena, &r->rows[r->row_count++], &bands, &count, e))
		return false;
	if (count == SPREAD_ROWS_MAX)
		return err_set(e, ERR_INPUT,
			"from, to: more than %d steps of versions; ask for a shorter "
			"span",
			SPREAD_ROWS_MAX);
	spread_add(r, bands, count);
	return true;
}

/* What one database keeps. */
static bool spread_read_one(struct spread_reader *r, struct db *db, struct err *e)
{
	struct past_bounds bounds;
	int64_t from_ms = r->ask->from_ms, hours_ms = from_ms;
	int64_t to_ms = from_ms + (int64_t)r->ask->steps * r->ask->step_ms;
	if (r->compacted_ms < to_ms)
		to_ms = r->compacted_ms;
	if (!past_bounds(db, &bounds, e))
		return false;
	if (r->ask->step_ms % SPREAD_HOUR_MS == 0 && bounds.sealed_ms > from_ms) {
		hours_ms = to_ms - to_ms % SPREAD_HOUR_MS;
		if (bounds.sealed_ms < hours_ms)
			hours_ms = bounds.sealed_ms;
		if (hours_ms < from_ms)
			hours_ms = from_ms;
	}
	return spread_read_kept(r, db, SPREAD_HOUR_S, from_ms, hours_ms, e) &&
	       spread_read_kept(r, db, SPREAD_PART_S, hours_ms, to_ms, e);
}

/* What the readings tell is read of all databases: where one is behind, the others'
 * steps would be counted twice. */
static bool spread_read_bound(struct spread_reader *r, struct db *db, struct err *e)
{
	struct past_bounds bounds;
	if (!past_bounds(db, &bounds, e))
		return false;
	if (bounds.compacted_ms != INT64_MIN &&
		(r->compacted_ms == INT64_MIN || bounds.compacted_ms < r->compacted_ms))
		r->compacted_ms = bounds.compacted_ms;
	return true;
}

/* A shard that is away is left out; the main database must answer. */
static bool spread_read_all(struct spread_reader *r, struct spread *out,
	bool (*read)(struct spread_reader *r, struct db *db, struct err *e),
	struct err *e)
{
	struct shards *shards;
	if (!shards_get(r->db, &shards, e))
		return false;
	for (size_t i = 0; i < shards_count(shards); i++) {
		struct db *db = shards_db(shards, i);
		if (db && read(r, db, e))
			continue;
		if (i == 0 || (db && e->kind != ERR_IO))
			return false;
		if (db)
			shards_failed(shards, i);
		out->sources.missing |= UINT64_C(1) << i;
	}
	return true;
}

/* What one instance had in one step: a band of one, which has no sketch yet. */
static bool spread_value(const struct spread_reader *r, const struct chart *chart,
	size_t number, size_t step, struct past_band *out)
{
	const struct downsample *line = &chart->lines[number];
	const struct downsample_step *s = &line->steps[step];
	if (s->n == 0)
		return false;
	int64_t value = s->high;
	if (r->ask->kind == METRIC_COUNTER)
		value = (int64_t)((double)s->sum * (double)SPREAD_HOUR_MS /
				  (double)s->n);
	*out = (struct past_band){
		.at_ms = line->from_ms + (int64_t)step * SPREAD_PART_MS,
		.fingerprint_id = r->ask->versions[number],
		.n = 1,
		.low = value,
		.high = value,
	};
	return true;
}

/* Steps of five minutes that are not compacted yet, from the readings. */
static bool spread_read_newest(
	struct spread_reader *r, struct spread *out, struct err *e)
{
	struct chart chart;
	const struct spread_ask *ask = r->ask;
	int64_t to_ms = ask->from_ms + (int64_t)ask->steps * ask->step_ms;
	int64_t from_ms = r->compacted_ms > ask->from_ms ? r->compacted_ms
							 : ask->from_ms;
	if (from_ms >= to_ms)
		return true;
	struct chart_ask newest = {
		.lives = ask->lives,
		.count = ask->count,
		.line_count = ask->line_count,
		.metric = ask->metric,
		.over = -1,
		.kind = ask->kind,
		.from_ms = from_ms,
		.step_ms = SPREAD_PART_MS,
		.steps = (size_t)((to_ms - from_ms) / SPREAD_PART_MS),
		.interval_ms = ask->interval_ms,
		.raw = true,
	};
	if (ask->line_count * newest.steps > SPREAD_ROWS_MAX)
		return err_set(e, ERR_INPUT,
			"from, to: what is not compacted yet is too much; ask for an "
			"earlier `to`");
	bool ok = chart_read(r->db, &newest, r->arena, &chart, e);
	chart.sources.missing |= out->sources.missing;
	out->sources = chart.sources;
	if (!ok)
		return false;
	struct past_band *bands = arena_array(
		r->arena, ask->line_count * newest.steps, sizeof *bands);
	size_t count = 0;
	for (size_t i = 0; i < ask->line_count; i++)
		for (size_t k = 0; k < newest.steps; k++)
			count += spread_value(r, &chart, i, k, &bands[count]);
	spread_add(r, bands, count);
	return true;
}

static int spread_compare(const void *a, const void *b)
{
	const struct past_band *x = a, *y = b;
	if (x->fingerprint_id != y->fingerprint_id)
		return x->fingerprint_id < y->fingerprint_id ? -1 : 1;
	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Bands of one version and step, in order of time, become one. */
static bool spread_merge(const struct past_band *bands, size_t count,
	struct sketch *sketch, struct spread_step *out, struct err *e)
{
	int64_t at_once = 0;
	sketch_reset(sketch);
	*out = (struct spread_step){.low = bands[0].low, .high = bands[0].high};
	for (size_t i = 0; i < count; i++) {
		const struct past_band *b = &bands[i];
		if (!b->sketch)
			sketch_add(sketch, b->low);
		else if (!sketch_take(sketch, b->sketch, b->length, e))
			return err_wrap(e, "spread of version %lld",
				(long long)b->fingerprint_id);
		out->low = b->low < out->low ? b->low : out->low;
		out->high = b->high > out->high ? b->high : out->high;
		if (i && b->at_ms != b[-1].at_ms)
			at_once = 0;
		at_once += b->n;
		out->n = at_once > out->n ? at_once : out->n;
	}
	out->median = sketch_quantile(sketch, 0.5);
	out->p10 = sketch_quantile(sketch, 0.1);
	out->p90 = sketch_quantile(sketch, 0.9);
	return true;
}

static struct spread_step *spread_steps_of(
	struct spread_reader *r, struct spread *out, int64_t version)
{
	struct spread_version *last = out->versions + out->count;
	if (out->count && last[-1].id == version)
		return last[-1].steps;
	last->id = version;
	last->steps = arena_array(r->arena, r->ask->steps, sizeof *last->steps);
	out->count++;
	return last->steps;
}

static bool spread_group(struct spread_reader *r, struct spread *out, struct err *e)
{
	struct sketch *sketch = arena_alloc(r->arena, sizeof *sketch);
	size_t versions = 0;
	if (r->count)
		qsort(r->bands, r->count, sizeof *r->bands, spread_compare);
	for (size_t i = 0; i < r->count; i++)
		versions += i == 0 || r->bands[i].fingerprint_id !=
					      r->bands[i - 1].fingerprint_id;
	out->versions = arena_array(r->arena, versions, sizeof *out->versions);
	for (size_t i = 0, same; i < r->count; i += same) {
		const struct past_band *b = &r->bands[i];
		int64_t step = (b->at_ms - r->ask->from_ms) / r->ask->step_ms;
		struct spread_step *steps = spread_steps_of(r, out, b->fingerprint_id);
		for (same = 1; i + same < r->count; same++)
			if (b[same].fingerprint_id != b->fingerprint_id ||
				(b[same].at_ms - r->ask->from_ms) / r->ask->step_ms !=
					step)
				break;
		if (step < 0 || step >= (int64_t)r->ask->steps)
			continue;
		if (!spread_merge(b, same, sketch, &steps[step], e)) {
			out->sources.damaged = true;
			return false;
		}
	}
	return true;
}

bool spread_read(struct db *db, const struct spread_ask *ask, struct arena *a,
	struct spread *out, struct err *e)
{
	BUG_ON(ask->step_ms % SPREAD_PART_MS != 0);
	struct spread_reader r = {
		.ask = ask, .db = db, .arena = a, .compacted_ms = INT64_MIN};
	*out = (struct spread){0};
	bool ok = spread_read_all(&r, out, spread_read_bound, e) &&
		  spread_read_all(&r, out, spread_read_one, e) &&
		  spread_read_newest(&r, out, e) && spread_group(&r, out, e);
	for (size_t i = 0; i < r.row_count; i++)
		db_rows_finish(&r.rows[i]);
	return ok;
}
