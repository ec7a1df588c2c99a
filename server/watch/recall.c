#include "server/watch/recall.h"

#include "schema/metric.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000 };

/* What is asked of a process, and its place in the ask. */
enum {
	RSS,
	RSS_ANON,
	SWAP,
	CGROUP_LIMIT,
	HEAP_USED,
	HEAP_TOTAL,
	HEAP_FLOOR,
	HEAP_LIMIT,
	GC_FULL,
	REQUESTS,
	WANTED
};
static const int wanted_metrics[WANTED] = {
	[RSS] = PROCESS_rss_kb,
	[RSS_ANON] = PROCESS_rss_anon_kb,
	[SWAP] = PROCESS_swap_kb,
	[CGROUP_LIMIT] = PROCESS_cgroup_limit_kb,
	[HEAP_USED] = PROCESS_heap_used_kb,
	[HEAP_TOTAL] = PROCESS_heap_total_kb,
	[HEAP_FLOOR] = PROCESS_heap_floor_kb,
	[HEAP_LIMIT] = PROCESS_heap_limit_kb,
	[GC_FULL] = PROCESS_gc_full_count,
	[REQUESTS] = PROCESS_requests,
};

struct recall {
	const struct recall_wanted *wanted;
	const struct history_subject *lives; /* of this ask */
	struct arena *arena;
	struct readings_row *rows;
	size_t count, room;
};

static struct readings_row *add(struct recall *r)
{
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 4096;
		struct readings_row *more = arena_array(r->arena, room, sizeof *more);
		if (r->count)
			memcpy(more, r->rows, r->count * sizeof *more);
		r->rows = more;
		r->room = room;
	}
	return &r->rows[r->count++];
}

static int64_t value(const struct history_columns *c, int metric, size_t row)
{
	return c->has[metric][row] ? c->values[metric][row] : -1;
}

static struct readings_row row_of(
	const struct history_columns *c, size_t i, int64_t life_id)
{
	return (struct readings_row){
		.life_id = life_id,
		.at_ms = c->at_ms[i],
		.rss_kb = value(c, RSS, i),
		.rss_anon_kb = value(c, RSS_ANON, i),
		.swap_kb = value(c, SWAP, i),
		.cgroup_limit_kb = value(c, CGROUP_LIMIT, i),
		.heap_used_kb = value(c, HEAP_USED, i),
		.heap_total_kb = value(c, HEAP_TOTAL, i),
		.heap_floor_kb = value(c, HEAP_FLOOR, i),
		.heap_limit_kb = value(c, HEAP_LIMIT, i),
		.gc_full_count = value(c, GC_FULL, i),
		.requests = value(c, REQUESTS, i),
	};
}

static int64_t memory_kb(const struct readings_row *row)
{
	return (row->rss_anon_kb >= 0 ? row->rss_anon_kb : row->rss_kb) +
	       (row->swap_kb > 0 ? row->swap_kb : 0);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Joins a reading with those of the same process and minute before it. */
static void thin(struct readings_row *minute, const struct readings_row *row)
{
	struct readings_row both = memory_kb(row) < memory_kb(minute) ? *row : *minute;
	both.heap_used_kb = least(minute->heap_used_kb, row->heap_used_kb);
	both.heap_total_kb = least(minute->heap_total_kb, row->heap_total_kb);
	both.heap_floor_kb = least(minute->heap_floor_kb, row->heap_floor_kb);
	both.heap_limit_kb = most(minute->heap_limit_kb, row->heap_limit_kb);
	both.gc_full_count = most(minute->gc_full_count, row->gc_full_count);
	both.requests = most(minute->requests, row->requests);
	*minute = both;
}

static bool take_life(void *context, const struct history_columns *c, struct err *e)
{
	(void)e;
	struct recall *r = context;
	int64_t life_id = r->lives[c->subject].id;
	struct readings_row *last = NULL;
	for (size_t i = 0; i < c->rows; i++) {
		if (!c->has[RSS][i])
			continue;
		struct readings_row row = row_of(c, i, life_id);
		if (last && r->wanted->thin &&
			last->at_ms / MINUTE_MS == row.at_ms / MINUTE_MS) {
			thin(last, &row);
			continue;
		}
		last = add(r);
		*last = row;
	}
	return true;
}

/* Those that share segments stand together. */
static int by_place(const void *a, const void *b)
{
	const struct history_subject *x = a, *y = b;
	if (x->service_id != y->service_id)
		return x->service_id < y->service_id ? -1 : 1;
	if (x->host_id != y->host_id)
		return x->host_id < y->host_id ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_time(const void *a, const void *b)
{
	const struct readings_row *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return (x->life_id > y->life_id) - (x->life_id < y->life_id);
}

static int by_minute(const void *a, const void *b)
{
	const struct readings_row *x = a, *y = b;
	if (x->at_ms / MINUTE_MS != y->at_ms / MINUTE_MS)
		return x->at_ms < y->at_ms ? -1 : 1;
	return (x->life_id > y->life_id) - (x->life_id < y->life_id);
}

bool recall_readings(struct db *db, const struct recall_wanted *wanted, struct arena *a,
	struct readings_row **rows, size_t *count, struct err *e)
{
	struct recall r = {.wanted = wanted, .arena = a};
	if (wanted->life_count)
		qsort(wanted->lives, wanted->life_count, sizeof *wanted->lives,
			by_place);
	/* What is not thinned is new: hot rows, which are read by their time, best at
	 * once. */
	size_t at_once = wanted->thin ? RECALL_AT_ONCE : wanted->life_count;
	for (size_t i = 0; i < wanted->life_count; i += at_once) {
		size_t rest = wanted->life_count - i;
		r.lives = wanted->lives + i;
		struct history_ask ask = {
			.subjects = r.lives,
			.count = rest < at_once ? rest : at_once,
			.metrics = wanted_metrics,
			.metric_count = WANTED,
			.from_ms = wanted->from_ms,
			.to_ms = wanted->to_ms,
		};
		if (!history_read(db, &ask, take_life, &r, NULL, e))
			return err_wrap(e, "reading past samples");
	}
	if (r.count)
		qsort(r.rows, r.count, sizeof *r.rows,
			wanted->thin ? by_minute : by_time);
	*rows = r.rows;
	*count = r.count;
	return true;
}

struct memory {
	const int64_t *ids;
	struct readings_memory *rows;
	size_t count;
};

static bool take_host(void *context, const struct history_columns *c, struct err *e)
{
	(void)e;
	struct memory *m = context;
	int64_t total_kb = 0;
	for (size_t i = 0; i < c->rows; i++)
		total_kb = most(total_kb, value(c, 0, i));
	if (total_kb > 0)
		m->rows[m->count++] = (struct readings_memory){
			m->ids[c->subject], total_kb};
	return true;
}

bool recall_memory(struct db *db, struct recall_hosts hosts, int64_t from_ms,
	int64_t to_ms, struct arena *a, struct readings_memory **rows, size_t *count,
	struct err *e)
{
	static const int metric = HOST_mem_total_kb;
	struct history_subject *subjects = arena_array(
		a, hosts.count, sizeof *subjects);
	for (size_t i = 0; i < hosts.count; i++)
		subjects[i] = (struct history_subject){
			.id = hosts.ids[i], .host_id = hosts.ids[i]};
	struct memory m = {
		.ids = hosts.ids, .rows = arena_array(a, hosts.count, sizeof *m.rows)};
	struct history_ask ask = {
		.subjects = subjects,
		.count = hosts.count,
		.metrics = &metric,
		.metric_count = 1,
		.from_ms = from_ms,
		.to_ms = to_ms,
	};
	if (!history_read(db, &ask, take_host, &m, NULL, e))
		return err_wrap(e, "reading the memory of hosts");
	*rows = m.rows;
	*count = m.count;
	return true;
}

static bool take_low(void *context, const struct history_columns *c, struct err *e)
{
	(void)e;
	struct recall_low *low = context;
	for (size_t i = 0; i < c->rows; i++) {
		struct readings_row row = {.rss_kb = value(c, RSS, i),
			.rss_anon_kb = value(c, RSS_ANON, i),
			.swap_kb = value(c, SWAP, i)};
		if (row.rss_kb < 0 && row.rss_anon_kb < 0)
			continue;
		low->low_kb = least(low->low_kb, memory_kb(&row));
		if (!low->first_ms)
			low->first_ms = c->at_ms[i];
		low->last_ms = c->at_ms[i];
	}
	return true;
}

bool recall_low(struct db *db, const struct history_subject *life, int64_t from_ms,
	int64_t to_ms, struct recall_low *low, struct err *e)
{
	*low = (struct recall_low){.low_kb = -1};
	struct history_ask ask = {
		.subjects = life,
		.count = 1,
		.metrics = wanted_metrics,
		.metric_count = SWAP + 1,
		.from_ms = from_ms,
		.to_ms = to_ms,
	};
	return history_read(db, &ask, take_low, low, NULL, e) ||
	       err_wrap(e, "reading what a process held");
}
