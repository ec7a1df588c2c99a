#include "server/watch/feed.h"

#include "common/clock.h"
#include "server/watch/recall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
	STORED_LATE_MS = 2 *
			 MINUTE_MS, /* generation.last_sample_at lags by up to one */
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
	if (row->at_ms < f->now_ms + TRENDS_STEP_MS)
		trends_put(
			&seat->service->trend, &seat->trend, row->at_ms, row->rss_kb);
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

static void note_memory(
	struct feed *f, const struct readings_memory *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct book_host *host;
		HASH_FIND(hh, f->book->hosts, &rows[i].host_id, sizeof rows[i].host_id,
			host);
		if (host)
			host->total_kb = (double)rows[i].total_kb;
	}
}

/* Whether some host was read lately whose memory is not known. */
static bool has_new_host(const struct feed *f)
{
	struct book_host *host, *next;
	HASH_ITER(hh, f->book->hosts, host, next)
	if (host->total_kb <= 0 && host->stored_ms > f->now_ms - MEMORY_MS)
		return true;
	return false;
}

/* The memory of machines that report: now and then, for it may change when one starts
 * again. */
static bool read_memory(struct feed *f, struct arena *a, struct err *e)
{
	struct book *b = f->book;
	struct readings_memory *rows;
	size_t count;
	int64_t since_ms = f->now_ms - b->memory_ms;
	if (since_ms >= 0 && since_ms < MEMORY_MS / 2 && !has_new_host(f))
		return true;
	if (!readings_memory(f->db, f->now_ms - MEMORY_MS, f->now_ms + AHEAD_MS, a,
		    &rows, &count, e))
		return false;
	note_memory(f, rows, count);
	b->memory_ms = f->now_ms;
	return true;
}

/* Of machines that were read in a span and do not report now. */
static bool read_past_memory(struct feed *f, const struct recall_wanted *wanted,
	struct arena *a, struct err *e)
{
	int64_t *ids = arena_array(a, HASH_COUNT(f->book->hosts), sizeof *ids);
	struct recall_hosts hosts = {ids, 0};
	for (size_t i = 0; i < wanted->life_count; i++) {
		struct book_host *host;
		int64_t id = wanted->lives[i].host_id;
		HASH_FIND(hh, f->book->hosts, &id, sizeof id, host);
		if (!host || host->total_kb > 0 || host->asked_ms == wanted->from_ms)
			continue;
		host->asked_ms = wanted->from_ms;
		ids[hosts.count++] = id;
	}
	struct readings_memory *rows;
	size_t count;
	if (hosts.count == 0)
		return true;
	if (!recall_memory(f->db, hosts, wanted->from_ms, wanted->from_ms + SLICE_MS, a,
		    &rows, &count, e))
		return false;
	note_memory(f, rows, count);
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
	/* Not into what is newer than all of them: it is read by its time. */
	int64_t last_ms = minute_before(span->newest_ms + STORED_LATE_MS);
	if (to_ms > last_ms && last_ms > span->from_ms)
		to_ms = last_ms;
	return *thin && to_ms > fine_ms ? fine_ms : to_ms;
}

static bool may_go_on(const struct feed *f)
{
	return clock_mono_ms() < f->deadline_mono_ms && !atomic_load(f->stopping);
}

/* Lives of seats whose newest readings came, or will come, after others' of the same
 * time were put away: those that stand before that time. */
static int64_t *stragglers(const struct feed *f, int64_t from_ms, int64_t closed_ms,
	struct arena *a, size_t *count)
{
	int64_t *ids = arena_array(a, HASH_COUNT(f->book->lives), sizeof *ids);
	*count = 0;
	struct book_life *life, *next;
	HASH_ITER(hh, f->book->lives, life, next)
	if (life->seat->read_ms >= from_ms - 1 && life->seat->read_ms < closed_ms &&
		life->stored_ms >= from_ms - MINUTE_MS)
		ids[(*count)++] = life->id;
	return ids;
}

static int by_time(const void *a, const void *b)
{
	const struct readings_row *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return (x->life_id > y->life_id) - (x->life_id < y->life_id);
}

/* The newest readings.  Late ones are read after those in place: what a process stored
 * first is there when what it stored next is. */
static bool take_news(struct feed *f, int64_t from_ms, struct arena *a,
	struct readings_row **rows, size_t *count, struct err *e)
{
	int64_t to_ms = f->now_ms + AHEAD_MS, closed_ms;
	struct readings_row *late;
	size_t late_count;
	if (!flows_read(f->db, from_ms, to_ms, a, &f->flows, e) ||
		!readings_take(f->db, from_ms, to_ms, a, rows, count, e) ||
		!readings_closed(f->db, &closed_ms, e))
		return false;
	struct readings_late wanted = {.from_ms = from_ms, .to_ms = closed_ms};
	wanted.life_ids = stragglers(f, from_ms, closed_ms, a, &wanted.life_count);
	if (closed_ms <= from_ms || wanted.life_count == 0)
		return true;
	if (!readings_take_late(f->db, &wanted, a, &late, &late_count, e))
		return false;
	if (late_count == 0)
		return true;
	struct readings_row *both = arena_array(a, *count + late_count, sizeof *both);
	if (*count)
		memcpy(both, *rows, *count * sizeof *both);
	memcpy(both + *count, late, late_count * sizeof *both);
	*rows = both;
	*count += late_count;
	qsort(both, *count, sizeof *both, by_time);
	return true;
}

bool feed_news(struct feed *f, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct span span;
	size_t count = 0;
	struct readings_row *rows;
	bool ok = read_memory(f, &a, e);
	if (ok && find_span(f, f->now_ms - NEWS_MS, INT64_MAX, &span)) {
		ok = take_news(f, span.from_ms, &a, &rows, &count, e);
		for (size_t i = 0; ok && i < count; i++)
			put(f, &rows[i], span.from_ms);
		if (ok)
			move_on(f, span.from_ms, f->now_ms + AHEAD_MS);
	}
	arena_finish(&a);
	return ok;
}

/* The lives that may have readings in a slice. */
static void find_lives(
	const struct feed *f, struct recall_wanted *wanted, struct arena *a)
{
	wanted->lives = arena_array(
		a, HASH_COUNT(f->book->lives), sizeof *wanted->lives);
	struct book_life *life, *next;
	HASH_ITER(hh, f->book->lives, life, next)
	{
		const struct book_seat *seat = life->seat;
		if (seat->read_ms >= wanted->from_ms - 1 &&
			seat->read_ms < wanted->to_ms &&
			seat->stored_ms > seat->read_ms &&
			life->stored_ms >= wanted->from_ms - MINUTE_MS)
			wanted->lives[wanted->life_count++] = (struct history_subject){
				.id = life->id,
				.service_id = seat->is.service_id,
				.host_id = seat->is.host_id,
				.from_ms = life->started_ms - MINUTE_MS,
				.to_ms = life->stored_ms + STORED_LATE_MS,
			};
	}
}

/* The readings of a slice, the queues of the same time, and what the machines have. */
static bool take_slice(struct feed *f, const struct span *span,
	struct recall_wanted *wanted, struct arena *a, struct readings_row **rows,
	size_t *count, struct err *e)
{
	*wanted = (struct recall_wanted){.from_ms = span->from_ms};
	wanted->to_ms = slice_end(span, &wanted->thin);
	find_lives(f, wanted, a);
	return read_past_memory(f, wanted, a, e) &&
	       flows_read(f->db, wanted->from_ms, wanted->to_ms, a, &f->flows, e) &&
	       recall_readings(f->db, wanted, a, rows, count, e);
}

static bool read_late(
	struct feed *f, const struct span *span, struct arena *a, struct err *e)
{
	struct recall_wanted wanted;
	struct readings_row *rows;
	size_t count;
	if (!take_slice(f, span, &wanted, a, &rows, &count, e))
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
	struct recall_wanted wanted;
	struct readings_row *rows;
	size_t count;
	if (!take_slice(f, span, &wanted, a, &rows, &count, e))
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
	bool ok = read_memory(f, &a, e);
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
