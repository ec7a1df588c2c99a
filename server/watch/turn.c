#include "server/watch/turn.h"

#include "server/store/floors.h"
#include "server/store/verdicts.h"
#include "server/watch/alerting.h"
#include "server/watch/history.h"
#include "server/watch/publish.h"
#include "server/watch/roster.h"

#include <stdlib.h>

enum { TREND_EVERY_MS = 30000 };

struct turn {
	struct history *history;
	struct arena arena;
	int64_t filled_bin; /* floors_fill's note */
	int64_t trends_ms;  /* when the sparklines were last written */
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

static bool judge(struct turn *r, struct db *db, int64_t now_ms,
	struct turn_report *report, struct err *e)
{
	struct roster roster;
	if (!roster_load(db, r->history, now_ms, &r->arena, &roster, e))
		return false;
	roster_judge(&roster, &r->arena);
	report->slots = roster.slot_count;
	report->versions = roster.count;
	bool trends = now_ms - r->trends_ms >= TREND_EVERY_MS || now_ms < r->trends_ms;
	if (!publish_verdicts(db, &roster, &r->arena, e) ||
		!alerting_update(db, &roster, &r->arena, &report->alerts_changed, e) ||
		(trends && !verdicts_save_trends(db, now_ms, e)))
		return false;
	if (trends)
		r->trends_ms = now_ms;
	return db_notify(db, "tidemark", "verdicts", e) &&
	       (!report->alerts_changed || db_notify(db, "tidemark", "alerts", e));
}

bool turn_run(struct turn *r, struct db *db, int64_t now_ms, struct turn_report *report,
	struct err *e)
{
	*report = (struct turn_report){0};
	arena_reset(&r->arena);
	if (!db_begin(db, e))
		return false;
	bool again = false;
	bool ok = verdicts_claim(db, &report->claimed, e);
	if (ok && report->claimed) {
		do
			ok = floors_fill(db, now_ms, &r->filled_bin, &again, e);
		while (ok && again);
		ok = ok && judge(r, db, now_ms, report, e);
	}
	if (!ok) {
		db_rollback(db);
		r->filled_bin = 0;
		return false;
	}
	return db_commit(db, e);
}
