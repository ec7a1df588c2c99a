#include "server/watch/feed.h"

#include "common/clock.h"

#include <math.h>

enum {
	MINUTE_MS = 60 * 1000,
	NEWS_MS = 3 * MINUTE_MS, /* what is older is late */
	AHEAD_MS = 3600 * 1000,  /* a clock may be wrong by that much */
	FINE_MS = 2 * 3600 * 1000,
	MEMORY_MS = 10 * MINUTE_MS,
	ROWS_AT_ONCE = 200000,
	INTERVAL_MS = 10 * 1000, /* usual, of readings */
	SLICE_MS = 3600 * 1000,  /* the longest; six times that where it is thinned */
	COARSE_STEP_MS = 10 * MINUTE_MS,
};

bool feed_reading(
	const struct readings_row *row, struct feed_life *life, struct reading *out)
{
	life->is_private = life->is_private || row->rss_anon_kb >= 0;
	int64_t resident_kb = life->is_private ? row->rss_anon_kb : row->rss_kb;
	if (resident_kb < 0)
		return false;
	if (row->cgroup_limit_kb > 0)
		life->limit_kb = (double)row->cgroup_limit_kb;
	*out = (struct reading){
		.at_ms = row->at_ms,
		.memory_kb = (double)(resident_kb +
				      (row->swap_kb > 0 ? row->swap_kb : 0)),
		.heap_kb = NAN,
		.heap_used_kb = NAN,
		.live_kb = NAN,
		.collections = NAN,
		.load = NAN,
		.arrivals = NAN,
		.completions = NAN,
		.depth = NAN,
	};
	insides_put(&life->insides, row, out);
	return true;
}

void feed_queues(const struct flows *flows, int64_t service_id, int64_t before_ms,
	int64_t *fed_ms, struct reading *out)
{
	/* Queues come by another way than readings, and may come a little later. */
	struct flows_sum sum = flows_take(
		flows, service_id, *fed_ms ? *fed_ms : before_ms, out->at_ms);
	if (!sum.at_ms)
		return;
	*fed_ms = sum.at_ms;
	out->arrivals = sum.arrivals;
	out->completions = sum.completions;
	out->depth = sum.depth;
}

double feed_limit(const struct feed_life *life)
{
	double limit_kb = life->limit_kb;
	if (limit_kb <= 0 || (life->host_kb > 0 && limit_kb > life->host_kb))
		limit_kb = life->host_kb;
	if (life->insides.end_kb > 0 &&
		(limit_kb <= 0 || limit_kb > life->insides.end_kb))
		limit_kb = life->insides.end_kb;
	return limit_kb;
}

/* Rows of a scan from `from_ms` on: of those that stand before it, something is missing
 * in between. */
static void put(struct feed *f, const struct readings_row *row, int64_t from_ms)
{
	struct book_life *life = book_life(f->book, row->life_id);
	if (!life)
		return;
	struct book_seat *seat = life->seat;
	if (row->at_ms <= seat->read_ms || seat->read_ms < from_ms - 1)
		return;
	struct feed_life known = {
		life->is_private, life->limit_kb, seat->host->total_kb, life->insides};
	struct reading reading;
	bool usable = feed_reading(row, &known, &reading);
	if (usable)
		feed_queues(&f->flows, seat->service->id, seat->read_ms,
			&seat->queue_ms, &reading);
	life->is_private = known.is_private;
	life->limit_kb = known.limit_kb;
	life->insides = known.insides;
	seat->read_ms = row->at_ms;
	if (seat->read_ms > seat->host->read_ms)
		seat->host->read_ms = seat->read_ms;
	if (!usable)
		return;
	fleet_put(f->book->fleet, &seat->is,
		&(struct reading_life){.id = life->id,
			.fingerprint_id = life->version->id,
			.started_ms = life->started_ms,
			.limit_kb = feed_limit(&known),
			.is_private = known.is_private,
			.collects_late = life->version->collects_late},
		&reading);
	f->readings++;
}

/* Where nothing more will come, the seats have been read up to there. */
static void move_on(struct feed *f, int64_t from_ms, int64_t to_ms)
{
	struct book_seat *seat, *next;
	HASH_ITER(hh, f->book->seats, seat, next)
	{
		int64_t end_ms = seat->stored_ms < to_ms ? seat->stored_ms : to_ms - 1;
		if (seat->read_ms >= from_ms - 1 && seat->read_ms < end_ms)
			seat->read_ms = end_ms;
	}
}

static bool read_memory(
	struct feed *f, int64_t from_ms, int64_t to_ms, struct arena *a, struct err *e)
{
	struct readings_memory *rows;
	size_t count;
	if (!readings_memory(f->db, from_ms, to_ms, a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct book_host *host;
		HASH_FIND(hh, f->book->hosts, &rows[i].host_id, sizeof rows[i].host_id,
			host);
		if (host)
			host->total_kb = (double)rows[i].total_kb;
	}
	return true;
}

static int64_t minute_before(int64_t ms)
{
	return ms - ms % MINUTE_MS;
}

/* Where something is to be read. */
struct span {
	int64_t from_ms;
	int64_t newest_ms; /* of those seats; what is much older need not be read finely
			    */
	size_t seats;
};

/* Seats that stand between two times.  False: none of them has anything to be read. */
static bool find_span(
	const struct feed *f, int64_t least_ms, int64_t before_ms, struct span *out)
{
	*out = (struct span){.from_ms = INT64_MAX};
	struct book_seat *seat, *next;
	HASH_ITER(hh, f->book->seats, seat, next)
	{
		if (seat->stored_ms <= seat->read_ms || seat->read_ms < least_ms ||
			seat->read_ms >= before_ms)
			continue;
		out->seats++;
		if (seat->read_ms + 1 < out->from_ms)
			out->from_ms = seat->read_ms + 1;
		if (seat->stored_ms > out->newest_ms)
			out->newest_ms = seat->stored_ms;
	}
	return out->seats > 0;
}

/* How far a slice reaches that begins there. */
static int64_t slice_end(const struct span *span, bool *thin)
{
	int64_t fine_ms = minute_before(span->newest_ms - FINE_MS);
	*thin = span->from_ms < fine_ms;
	int64_t each_ms = *thin ? MINUTE_MS : INTERVAL_MS;
	int64_t most_ms = *thin ? 6 * (int64_t)SLICE_MS : SLICE_MS;
	int64_t length_ms = ROWS_AT_ONCE / (int64_t)(span->seats + 1) * each_ms;
	if (length_ms > most_ms)
		length_ms = most_ms;
	if (length_ms < MINUTE_MS)
		length_ms = MINUTE_MS;
	int64_t to_ms = minute_before(span->from_ms + length_ms);
	if (to_ms <= span->from_ms)
		to_ms += MINUTE_MS;
	return *thin && to_ms > fine_ms ? fine_ms : to_ms;
}

static bool may_go_on(const struct feed *f)
{
	return clock_mono_ms() < f->deadline_mono_ms && !atomic_load(f->stopping);
}

/* Readings of a slice, and the queues of the same time. */
static bool take(struct feed *f, const struct readings_wanted *wanted, struct arena *a,
	struct readings_row **rows, size_t *count, struct err *e)
{
	return flows_read(f->db, wanted->from_ms, wanted->to_ms, a, &f->flows, e) &&
	       readings_take(f->db, wanted, a, rows, count, e);
}

bool feed_news(struct feed *f, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct span span;
	size_t count = 0;
	struct readings_row *rows;
	bool ok = read_memory(f, f->now_ms - MEMORY_MS, f->now_ms + AHEAD_MS, &a, e);
	if (ok && find_span(f, f->now_ms - NEWS_MS, INT64_MAX, &span)) {
		struct readings_wanted wanted = {
			.from_ms = span.from_ms, .to_ms = f->now_ms + AHEAD_MS};
		ok = take(f, &wanted, &a, &rows, &count, e);
		for (size_t i = 0; ok && i < count; i++)
			put(f, &rows[i], span.from_ms);
		if (ok)
			move_on(f, span.from_ms, wanted.to_ms);
	}
	arena_finish(&a);
	return ok;
}

/* Lives that may have readings in a slice. */
static int64_t *lives_of(const struct feed *f, int64_t from_ms, int64_t to_ms,
	struct arena *a, size_t *count)
{
	int64_t *ids = arena_array(a, HASH_COUNT(f->book->lives), sizeof *ids);
	*count = 0;
	struct book_life *life, *next;
	HASH_ITER(hh, f->book->lives, life, next)
	{
		const struct book_seat *seat = life->seat;
		if (seat->read_ms >= from_ms - 1 && seat->read_ms < to_ms &&
			seat->stored_ms > seat->read_ms &&
			life->stored_ms >= from_ms - MINUTE_MS)
			ids[(*count)++] = life->id;
	}
	return ids;
}

static bool has_unknown_host(const struct feed *f)
{
	struct book_host *host, *next;
	HASH_ITER(hh, f->book->hosts, host, next)
	if (host->total_kb <= 0)
		return true;
	return false;
}

static bool read_late(
	struct feed *f, const struct span *span, struct arena *a, struct err *e)
{
	struct readings_wanted wanted = {.from_ms = span->from_ms};
	wanted.to_ms = slice_end(span, &wanted.thin);
	wanted.life_ids = lives_of(
		f, span->from_ms, wanted.to_ms, a, &wanted.life_count);
	struct readings_row *rows;
	size_t count;
	if (has_unknown_host(f) &&
		!read_memory(f, span->from_ms, span->from_ms + SLICE_MS, a, e))
		return false;
	if (!take(f, &wanted, a, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		put(f, &rows[i], span->from_ms);
	move_on(f, span->from_ms, wanted.to_ms);
	return true;
}

bool feed_late(struct feed *f, size_t *behind, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct span span;
	int64_t late_ms = f->now_ms - NEWS_MS;
	bool ok = true;
	while (ok && find_span(f, 0, late_ms, &span) && may_go_on(f)) {
		ok = read_late(f, &span, &a, e);
		arena_reset(&a);
	}
	*behind = ok ? span.seats : 0;
	arena_finish(&a);
	return ok;
}

/* The steps that the fleet would have been given up to a time. */
static void step_to(struct feed *f, int64_t at_ms, struct arena *a)
{
	struct book *b = f->book;
	int64_t fine_ms = f->now_ms - FINE_MS;
	for (;;) {
		int64_t next_ms = b->walk_ms +
				  (b->walk_ms < fine_ms ? COARSE_STEP_MS : MINUTE_MS);
		if (next_ms > at_ms || atomic_load(f->stopping))
			return;
		b->walk_ms = next_ms;
		if (b->walk_ms < b->step_from_ms)
			continue;
		struct fleet_report report;
		fleet_step(b->fleet, b->walk_ms, a, &report);
		arena_reset(a);
	}
}

static bool walk_slice(
	struct feed *f, const struct span *span, struct arena *a, struct err *e)
{
	struct readings_wanted wanted = {.from_ms = span->from_ms};
	wanted.to_ms = slice_end(span, &wanted.thin);
	struct readings_row *rows;
	size_t count;
	if (!take(f, &wanted, a, &rows, &count, e))
		return false;
	struct arena scratch;
	arena_init(&scratch);
	for (size_t i = 0; i < count; i++) {
		step_to(f, rows[i].at_ms, &scratch);
		put(f, &rows[i], span->from_ms);
	}
	arena_finish(&scratch);
	move_on(f, span->from_ms, wanted.to_ms);
	return true;
}

bool feed_walk(struct feed *f, bool *done, struct err *e)
{
	struct book *b = f->book;
	struct arena a;
	arena_init(&a);
	bool ok = b->walk_ms ||
		  read_memory(f, f->now_ms - FINE_MS, f->now_ms + AHEAD_MS, &a, e);
	struct span span;
	*done = false;
	while (ok && !*done && may_go_on(f)) {
		*done = !find_span(f, 0, f->now_ms - NEWS_MS, &span);
		if (*done)
			break;
		if (b->walk_ms < span.from_ms - 2 * (int64_t)COARSE_STEP_MS)
			b->walk_ms = minute_before(span.from_ms);
		ok = walk_slice(f, &span, &a, e);
		arena_reset(&a);
	}
	b->is_ready = b->is_ready || *done;
	arena_finish(&a);
	return ok;
}
