#include "server/watch/turn.h"

#include "common/clock.h"
#include "server/store/verdicts.h"
#include "server/watch/alerting.h"
#include "server/watch/feed.h"
#include "server/watch/keep.h"
#include "server/watch/marks.h"
#include "server/watch/publish.h"

#include <stdlib.h>

enum { TREND_EVERY_MS = 30000, BUDGET_MS = 10000 };

struct turn {
	struct book *book; /* NULL: to be opened */
	struct arena arena;
	int64_t trends_ms; /* when the sparklines were last written */
	atomic_bool stopping;
};

struct turn *turn_create(void)
{
	struct turn *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	arena_init(&r->arena);
	return r;
}

static void close_book(struct turn *r)
{
	r->trends_ms = 0;
	book_destroy(r->book);
	r->book = NULL;
}

void turn_destroy(struct turn *r)
{
	if (!r)
		return;
	close_book(r);
	arena_finish(&r->arena);
	free(r);
}

void turn_stop(struct turn *r)
{
	atomic_store(&r->stopping, true);
}

static bool is_stopped(struct err *e)
{
	return err_set(e, ERR_BUSY, "the turn was stopped");
}

/* Brings the book up to now, as far as the time allows.  *ready: far enough to judge.
 */
static bool catch_up(struct turn *r, struct db *db, int64_t now_ms, bool *ready,
	struct turn_report *report, struct err *e)
{
	bool is_new = !r->book;
	bool was_ready = r->book && r->book->is_ready;
	if (is_new)
		r->book = book_create();
	struct book *b = r->book;
	if (!book_sync(b, db, now_ms, &r->arena, e) ||
		(is_new && (!keep_load(b, db, now_ms, e) || !trends_load(b, db, e))))
		return false;
	book_tell_events(b);
	if (!marks_tell(b, db, now_ms, &r->arena, e))
		return false;
	struct feed feed = {.db = db,
		.book = b,
		.now_ms = now_ms,
		.deadline_mono_ms = clock_mono_ms() + BUDGET_MS,
		.stopping = &r->stopping};
	size_t late = 0;
	*ready = b->is_ready;
	bool ok = b->is_ready || feed_walk(&feed, ready, e);
	if (ok && *ready) {
		/* What the steps on the way told was not written. */
		if (!was_ready)
			fleet_tell_all(b->fleet);
		ok = feed_news(&feed, e) && feed_late(&feed, &late, e);
	}
	report->behind = !*ready || late > 0;
	report->readings = feed.readings;
	return ok;
}

static bool write(struct turn *r, struct db *db, const struct fleet_report *found,
	int64_t now_ms, struct turn_report *report, struct err *e)
{
	bool trends = now_ms - r->trends_ms >= TREND_EVERY_MS || now_ms < r->trends_ms;
	struct alerting_input in = {r->book, found, now_ms};
	if (!alerting_update(db, &in, &r->arena, &report->alerts_changed, e) ||
		!publish_report(db, r->book, found, now_ms, &r->arena, e) ||
		!keep_save_due(r->book, db, now_ms, &r->arena, e) ||
		(trends && !trends_save(r->book, db, now_ms, &r->arena, e)))
		return false;
	if (trends)
		r->trends_ms = now_ms;
	return db_notify(db, "tidemark", "verdicts", e) &&
	       (!report->alerts_changed || db_notify(db, "tidemark", "alerts", e));
}

static bool judge(struct turn *r, struct db *db, int64_t now_ms,
	struct turn_report *report, struct err *e)
{
	bool ready;
	if (!catch_up(r, db, now_ms, &ready, report, e))
		return false;
	if (atomic_load(&r->stopping))
		return is_stopped(e);
	report->slots = HASH_COUNT(r->book->seats);
	if (!ready)
		return true;
	struct fleet_report found;
	int64_t began_ms = clock_mono_ms();
	fleet_step(r->book->fleet, now_ms, &r->arena, &found);
	report->step_ms = clock_mono_ms() - began_ms;
	report->written = found.slot_count + found.version_count;
	return write(r, db, &found, now_ms, report, e);
}

bool turn_run(struct turn *r, struct db *db, int64_t now_ms, struct turn_report *report,
	struct err *e)
{
	*report = (struct turn_report){0};
	arena_reset(&r->arena);
	if (!db_begin(db, e)) {
		close_book(r);
		return false;
	}
	bool is_new = false;
	bool ok = verdicts_claim(db, &report->claimed, &is_new, e);
	if (!ok || is_new || !report->claimed)
		close_book(r); /* another one may have written meanwhile */
	if (ok && report->claimed)
		ok = judge(r, db, now_ms, report, e);
	ok = ok ? db_commit(db, e) : (db_rollback(db), false);
	if (!ok)
		close_book(r);
	return ok;
}

bool turn_keep(struct turn *r, struct db *db, int64_t now_ms, int64_t deadline_mono_ms,
	struct err *e)
{
	bool claimed, is_new;
	if (!r->book || !r->book->is_ready)
		return true;
	if (!verdicts_claim(db, &claimed, &is_new, e))
		return false;
	return !claimed || is_new ||
	       keep_save_all(r->book, db, now_ms, deadline_mono_ms, e);
}
