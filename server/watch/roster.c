#include "server/watch/roster.h"

#include "server/store/floors.h"
#include "server/store/verdicts.h"

#include <string.h>

enum {
	FINE_MS = 2 * 3600 * 1000, /* readings of this time are read finely */
	FINE_POINTS = 360,         /* at most, for each life */
	BIN_MS_LEAST = 1000,
};

struct loading {
	struct db *db;
	struct history *history;
	struct arena *arena;
	struct roster *roster;
	int64_t fine_ms; /* from here on finely */
	struct verdicts_life *lives;
	size_t life_count;
	struct verdicts_memory *memory;
	size_t memory_count;
	struct verdicts_host *hosts;
	size_t host_count;
};

static bool read_memory(struct loading *l, struct err *e)
{
	int64_t *ids = arena_array(l->arena, l->life_count, sizeof *ids);
	int64_t *bins = arena_array(l->arena, l->life_count, sizeof *bins);
	for (size_t i = 0; i < l->life_count; i++)
		ids[i] = l->lives[i].id;
	if (!history_sync(l->history, l->db, ids, l->life_count,
		    l->fine_ms / FLOORS_BIN_MS, e))
		return false;
	struct verdicts_wanted wanted = {ids, bins, 0, l->fine_ms};
	for (size_t i = 0; i < l->life_count; i++) {
		const struct verdicts_life *life = &l->lives[i];
		/* last_ms may lag by a minute. */
		if (life->last_ms + 2 * 60000 < l->fine_ms)
			continue;
		int64_t from = life->started_ms > l->fine_ms ? life->started_ms
							     : l->fine_ms;
		int64_t bin = (l->roster->now_ms - from) / FINE_POINTS;
		ids[wanted.count] = life->id;
		bins[wanted.count++] = bin > BIN_MS_LEAST ? bin : BIN_MS_LEAST;
	}
	return verdicts_memory(
		l->db, &wanted, l->arena, &l->memory, &l->memory_count, e);
}

static const struct verdicts_memory *memory_of(const struct loading *l, int64_t life_id)
{
	size_t low = 0, high = l->memory_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->memory[middle].life_id < life_id)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < l->memory_count && l->memory[low].life_id == life_id;
	return found ? &l->memory[low] : NULL;
}

static int64_t total_of(const struct loading *l, int64_t host_id)
{
	for (size_t i = 0; i < l->host_count; i++)
		if (l->hosts[i].id == host_id)
			return l->hosts[i].mem_total_kb;
	return 0;
}

/* The past and the newest readings in one array. */
static void fill_generation(const struct loading *l, const struct verdicts_life *life,
	bool is_private, struct analyse_generation *g)
{
	const struct verdicts_memory *m = memory_of(l, life->id);
	if (m && m->is_private != is_private)
		m = NULL;
	size_t past;
	const struct analyse_point *floors = history_points(
		l->history, life->id, is_private, &past);
	size_t fine = m ? m->count : 0;
	struct analyse_point *points = arena_array(
		l->arena, past + fine, sizeof *points);
	if (past)
		memcpy(points, floors, past * sizeof *points);
	for (size_t i = 0; i < fine; i++)
		points[past + i] = (struct analyse_point){
			m->at_ms[i], (double)m->low_kb[i]};
	*g = (struct analyse_generation){
		life->id, life->started_ms, points, past + fine};
}

/* Runtimes that do not collect before a heap of set size is full. */
static bool collects_late(const char *runtime)
{
	return strncmp(runtime, "java", 4) == 0 || strncmp(runtime, "dotnet", 6) == 0;
}

static void fill_slot(
	const struct loading *l, size_t from, size_t to, struct analyse_slot *slot)
{
	const struct verdicts_life *newest = &l->lives[to - 1];
	const struct verdicts_memory *m = memory_of(l, newest->id);
	struct analyse_generation *lives = arena_array(
		l->arena, to - from, sizeof *lives);
	bool is_private = !m || m->is_private;
	for (size_t i = from; i < to; i++)
		fill_generation(l, &l->lives[i], is_private, &lives[i - from]);
	int64_t total_kb = total_of(l, newest->host_id);
	int64_t limit_kb = m ? m->limit_kb : 0;
	if (limit_kb <= 0 || (total_kb > 0 && limit_kb > total_kb))
		limit_kb = total_kb;
	*slot = (struct analyse_slot){
		.id = newest->slot_id,
		.host_id = newest->host_id,
		.series = is_private ? ANALYSE_RSS_ANON : ANALYSE_RSS,
		.limit_kb = (double)limit_kb,
		.collects_late = collects_late(newest->runtime),
		.generations = lives,
		.count = to - from,
	};
}

/* The lives of one version, from which its slots are made. */
static void fill_version(
	const struct loading *l, size_t from, size_t to, struct roster_version *v)
{
	const struct verdicts_life *first = &l->lives[from];
	*v = (struct roster_version){
		.service_id = first->service_id,
		.fingerprint_id = first->fingerprint_id,
		.service = first->service,
		.version = first->version,
		.slots = arena_array(l->arena, to - from, sizeof *v->slots),
	};
	for (size_t at = from, next; at < to; at = next) {
		next = at + 1;
		while (next < to && l->lives[next].slot_id == l->lives[at].slot_id)
			next++;
		fill_slot(l, at, next, &v->slots[v->count++]);
	}
	v->results = arena_array(l->arena, v->count, sizeof *v->results);
}

bool roster_load(struct db *db, struct history *history, int64_t now_ms,
	struct arena *a, struct roster *out, struct err *e)
{
	int64_t fine_bin = (now_ms - FINE_MS) / FLOORS_BIN_MS;
	struct roster roster = {.now_ms = now_ms};
	struct loading l = {.db = db,
		.history = history,
		.arena = a,
		.roster = &roster,
		.fine_ms = fine_bin * FLOORS_BIN_MS};
	if (!verdicts_lives(db, now_ms, a, &l.lives, &l.life_count, e) ||
		!read_memory(&l, e) ||
		!verdicts_hosts(db, l.fine_ms, a, &l.hosts, &l.host_count, e))
		return false;
	roster.versions = arena_array(a, l.life_count, sizeof *roster.versions);
	for (size_t at = 0, next; at < l.life_count; at = next) {
		next = at + 1;
		while (next < l.life_count &&
			l.lives[next].fingerprint_id == l.lives[at].fingerprint_id)
			next++;
		fill_version(&l, at, next, &roster.versions[roster.count]);
		roster.slot_count += roster.versions[roster.count++].count;
	}
	*out = roster;
	return true;
}

/* The newest reading of a slot: its agent's clock, not ours. */
static int64_t newest_ms(const struct analyse_slot *slot, int64_t now_ms)
{
	for (size_t g = slot->count; g-- > 0;) {
		const struct analyse_generation *life = &slot->generations[g];
		if (life->count)
			return life->points[life->count - 1].at_ms;
	}
	return now_ms;
}

static void judge_versions(
	struct roster *roster, size_t from, size_t to, struct arena *a)
{
	struct analyse_other *others = arena_array(a, to - from, sizeof *others);
	for (size_t i = from; i < to; i++) {
		struct roster_version *v = &roster->versions[i];
		struct analyse_version version = {v->service, v->version, v->slots,
			v->results, v->count, NULL, 0};
		analyse_version(&version, roster->now_ms, a, &v->result);
	}
	/* Once more, now that each can be held against the others. */
	for (size_t i = from; i < to && to - from > 1; i++) {
		struct roster_version *v = &roster->versions[i];
		size_t count = 0;
		for (size_t k = from; k < to; k++) {
			const struct roster_version *o = &roster->versions[k];
			if (k != i)
				others[count++] = (struct analyse_other){o->version,
					o->result.verdict, o->result.slots,
					o->result.slots_leaking};
		}
		struct analyse_version version = {v->service, v->version, v->slots,
			v->results, v->count, others, count};
		analyse_version(&version, roster->now_ms, a, &v->result);
	}
}

bool roster_judge(struct roster *roster, const atomic_bool *stopping, struct arena *a)
{
	for (size_t i = 0; i < roster->count; i++) {
		struct roster_version *v = &roster->versions[i];
		for (size_t s = 0; s < v->count; s++) {
			if (atomic_load(stopping))
				return false;
			analyse_slot(&v->slots[s],
				newest_ms(&v->slots[s], roster->now_ms), a,
				&v->results[s]);
		}
	}
	for (size_t from = 0, to; from < roster->count; from = to) {
		to = from + 1;
		while (to < roster->count && roster->versions[to].service_id ==
						     roster->versions[from].service_id)
			to++;
		judge_versions(roster, from, to, a);
	}
	return true;
}

/* A copy of the slot without what was read up to a time. */
static struct analyse_slot slot_since(
	const struct analyse_slot *slot, int64_t since_ms, struct arena *a)
{
	struct analyse_slot copy = *slot;
	struct analyse_generation *lives = arena_array(a, slot->count, sizeof *lives);
	copy.generations = lives;
	copy.count = 0;
	for (size_t g = 0; g < slot->count; g++) {
		struct analyse_generation life = slot->generations[g];
		while (life.count && life.points->at_ms <= since_ms) {
			life.points++;
			life.count--;
		}
		if (life.count)
			lives[copy.count++] = life;
	}
	return copy;
}

enum analyse_verdict roster_verdict_since(const struct roster *roster,
	const struct roster_version *v, int64_t since_ms, struct arena *a)
{
	struct analyse_slot *slots = arena_array(a, v->count, sizeof *slots);
	struct analyse_slot_result *results = arena_array(a, v->count, sizeof *results);
	for (size_t i = 0; i < v->count; i++) {
		slots[i] = slot_since(&v->slots[i], since_ms, a);
		analyse_slot(&slots[i], newest_ms(&slots[i], roster->now_ms), a,
			&results[i]);
	}
	struct analyse_version version = {
		v->service, v->version, slots, results, v->count, NULL, 0};
	struct analyse_version_result result;
	analyse_version(&version, roster->now_ms, a, &result);
	return result.verdict;
}
