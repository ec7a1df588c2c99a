#include "server/watch/trends.h"

#include "server/store/verdicts.h"
#include "server/watch/book.h"

void trends_put(struct trend *t, struct trend_seat *seat, int64_t at_ms, int64_t rss_kb)
{
	int64_t step = (at_ms - 1) / TRENDS_STEP_MS; /* its end belongs to it */
	size_t place = (size_t)(step % TRENDS_STEPS);
	if (step < seat->step || step < t->from_step || step < t->step[place])
		return;
	if (step > t->step[place] || t->is_old[place]) {
		t->step[place] = step;
		t->rss_kb[place] = 0;
		t->is_old[place] = false;
	}
	int64_t had_kb = step == seat->step ? seat->rss_kb : 0;
	if (rss_kb <= had_kb && step == seat->step)
		return;
	t->rss_kb[place] += rss_kb - had_kb;
	t->is_due = true;
	*seat = (struct trend_seat){step, rss_kb};
}

/* Steps that have begun before a time. */
static int64_t steps_to(int64_t ms)
{
	return (ms + TRENDS_STEP_MS - 1) / TRENDS_STEP_MS;
}

static void load(struct trend *t, const struct verdicts_trend *row)
{
	for (size_t i = 0; i < row->count; i++) {
		int64_t step = row->from_ms / TRENDS_STEP_MS + (int64_t)i;
		size_t place = (size_t)(step % TRENDS_STEPS);
		if (!row->has[i])
			continue;
		t->step[place] = step;
		t->rss_kb[place] = row->rss_kb[i];
		t->is_old[place] = true;
	}
}

bool trends_load(struct book *b, struct db *db, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct verdicts_trend *rows;
	size_t count;
	bool ok = verdicts_load_trends(db, &a, &rows, &count, e);
	for (size_t i = 0; ok && i < count; i++) {
		struct book_service *service;
		HASH_FIND(hh, b->services, &rows[i].service_id,
			sizeof rows[i].service_id, service);
		if (!service || rows[i].step_ms != TRENDS_STEP_MS ||
			rows[i].count > TRENDS_STEPS)
			continue;
		load(&service->trend, &rows[i]);
		if (service->known_ms)
			service->trend.from_step = steps_to(service->known_ms);
	}
	arena_finish(&a);
	return ok;
}

bool trends_save(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
	/* Steps are counted from the epoch, so that those of before fit. */
	int64_t end = steps_to(now_ms);
	struct verdicts_trend *rows = arena_array(
		a, HASH_COUNT(b->services), sizeof *rows);
	size_t count = 0;
	struct book_service *service, *next;
	HASH_ITER(hh, b->services, service, next)
	{
		struct trend *t = &service->trend;
		if (!t->is_due)
			continue;
		struct verdicts_trend *row = &rows[count++];
		*row = (struct verdicts_trend){
			.service_id = service->id,
			.from_ms = (end - TRENDS_STEPS) * TRENDS_STEP_MS,
			.step_ms = TRENDS_STEP_MS,
			.count = TRENDS_STEPS,
			.rss_kb = arena_array(a, TRENDS_STEPS, sizeof *row->rss_kb),
			.has = arena_array(a, TRENDS_STEPS, sizeof *row->has),
		};
		for (size_t i = 0; i < TRENDS_STEPS; i++) {
			int64_t step = end - TRENDS_STEPS + (int64_t)i;
			size_t place = (size_t)(step % TRENDS_STEPS);
			row->has[i] = t->step[place] == step;
			row->rss_kb[i] = t->rss_kb[place];
		}
	}
	if (!verdicts_save_trends(db, rows, count, a, e))
		return false;
	HASH_ITER(hh, b->services, service, next)
	service->trend.is_due = false;
	return true;
}
