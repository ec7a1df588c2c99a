#include "server/watch/history.h"

#include "server/store/floors.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct life {
	int64_t id;
	int64_t to_bin; /* read up to here */
	bool is_private;
	struct analyse_point *points;
	size_t count, capacity;
	uint64_t turn; /* of the last sync that asked for it */
	UT_hash_handle hh;
};

struct history {
	struct life *lives;
	uint64_t turn;
};

struct history *history_create(void)
{
	struct history *h = calloc(1, sizeof *h);
	BUG_ON(!h);
	return h;
}

static void forget(struct history *h, struct life *life)
{
	HASH_DEL(h->lives, life);
	free(life->points);
	free(life);
}

void history_destroy(struct history *h)
{
	if (!h)
		return;
	struct life *life, *next;
	HASH_ITER(hh, h->lives, life, next)
	forget(h, life);
	free(h);
}

static struct life *find(const struct history *h, int64_t id)
{
	struct life *life;
	HASH_FIND(hh, h->lives, &id, sizeof id, life);
	return life;
}

static struct life *find_or_add(struct history *h, int64_t id)
{
	struct life *life = find(h, id);
	if (life)
		return life;
	life = calloc(1, sizeof *life);
	BUG_ON(!life);
	life->id = id;
	HASH_ADD(hh, h->lives, id, sizeof life->id, life);
	return life;
}

/* Makes room for one point more; a full week makes it by giving up its first day. */
static void make_room(struct life *life)
{
	enum { DAY = 144 };
	if (life->count < life->capacity)
		return;
	if (life->count >= FLOORS_KEPT_BINS + DAY) {
		life->count -= DAY;
		memmove(life->points, life->points + DAY,
			life->count * sizeof *life->points);
		return;
	}
	life->capacity = life->capacity ? 2 * life->capacity : 16;
	if (life->capacity > FLOORS_KEPT_BINS + DAY)
		life->capacity = FLOORS_KEPT_BINS + DAY;
	life->points = realloc(life->points, life->capacity * sizeof *life->points);
	BUG_ON(!life->points);
}

static void append(struct history *h, const struct verdicts_memory *m)
{
	struct life *life = find(h, m->life_id);
	BUG_ON(!life);
	if (life->count && life->is_private != m->is_private) {
		/* Private memory tells more, so it wins; the two do not mix. */
		if (life->is_private)
			return;
		life->count = 0;
	}
	life->is_private = m->is_private;
	for (size_t i = 0; i < m->count; i++) {
		make_room(life);
		life->points[life->count++] = (struct analyse_point){
			m->at_ms[i], (double)m->low_kb[i]};
	}
}

bool history_sync(struct history *h, struct db *db, const int64_t *ids, size_t count,
	int64_t to_bin, struct err *e)
{
	struct arena a;
	arena_init(&a);
	int64_t *from = arena_array(&a, count, sizeof *from);
	h->turn++;
	for (size_t i = 0; i < count; i++) {
		struct life *life = find_or_add(h, ids[i]);
		life->turn = h->turn;
		from[i] = life->to_bin;
		if (from[i] < to_bin - FLOORS_KEPT_BINS)
			from[i] = to_bin - FLOORS_KEPT_BINS;
	}
	struct floors_wanted wanted = {ids, from, count, to_bin};
	struct verdicts_memory *floors;
	size_t floor_count;
	bool ok = floors_read(db, &wanted, &a, &floors, &floor_count, e);
	if (ok) {
		for (size_t i = 0; i < floor_count; i++)
			append(h, &floors[i]);
		struct life *life, *next;
		HASH_ITER(hh, h->lives, life, next)
		{
			if (life->turn != h->turn)
				forget(h, life);
			else if (life->to_bin < to_bin)
				life->to_bin = to_bin;
		}
	}
	arena_finish(&a);
	return ok;
}

const struct analyse_point *history_points(
	const struct history *h, int64_t life_id, bool is_private, size_t *count)
{
	const struct life *life = find(h, life_id);
	*count = life && life->is_private == is_private ? life->count : 0;
	return *count ? life->points : NULL;
}
