#include "server/watch/turn.h"

#include "server/store/floors.h"
#include "server/store/verdicts.h"
#include "server/watch/alerting.h"
#include "server/watch/history.h"
#include "server/watch/publish.h"
#include "server/watch/roster.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TREND_EVERY_MS = 30000 };

struct turn {
	struct history *history;
	struct arena arena;
	int64_t filled_bin; /* floors_fill's note */
	int64_t trends_ms;  /* when the sparklines were last written */
	atomic_bool stopping;
};

struct turn *turn_create(void)
{
	struct turn *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	r->history = history_create();
	arena_init(&r->arena);
	return r;
}

void turn_destroy(struct turn *r)
{
	if (!r)
		return;
	history_destroy(r->history);
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

static bool judge(struct turn *r, struct db *db, int64_t now_ms,
	struct turn_report *report, struct err *e)
{
	struct roster roster;
	if (!roster_load(db, r->history, now_ms, &r->arena, &roster, e))
		return false;
	if (!roster_judge(&roster, &r->stopping, &r->arena))
		return is_stopped(e);
	report->slots = roster.slot_count;
	report->versions = roster.count;
	bool trends = now_ms - r->trends_ms >= TREND_EVERY_MS || now_ms < r->trends_ms;
	struct alerting_outcome outcome;
	if (!alerting_update(db, &roster, &r->arena, &outcome, e) ||
		!publish_verdicts(db, &roster, outcome.held, &r->arena, e) ||
		(trends && !verdicts_save_trends(db, now_ms, e)))
		return false;
	report->alerts_changed = outcome.changed;
	if (trends)
		r->trends_ms = now_ms;
	return db_notify(db, "tidemark", "verdicts", e) &&
	       (!report->alerts_changed || db_notify(db, "tidemark", "alerts", e));
}

/* Each part of what must be caught up with is kept, so that a turn that fails later, or
 * is stopped, has not worked in vain. */
static bool catch_up(
	struct turn *r, struct db *db, int64_t now_ms, bool *claimed, struct err *e)
{
	bool again = false;
	do {
		if (atomic_load(&r->stopping))
			return is_stopped(e);
		if (again && (!db_commit(db, e) || !db_begin(db, e)))
			return false;
		if (!verdicts_claim(db, claimed, e))
			return false;
		if (*claimed && !floors_fill(db, now_ms, &r->filled_bin, &again, e))
			return false;
	} while (*claimed && again);
	return true;
}

bool turn_run(struct turn *r, struct db *db, int64_t now_ms, struct turn_report *report,
	struct err *e)
{
	*report = (struct turn_report){0};
	arena_reset(&r->arena);
	if (!db_begin(db, e))
		return false;
	bool ok = catch_up(r, db, now_ms, &report->claimed, e);
	if (ok && report->claimed)
		ok = judge(r, db, now_ms, report, e);
	if (!ok) {
		db_rollback(db);
		r->filled_bin = 0;
		return false;
	}
	return db_commit(db, e);
}
