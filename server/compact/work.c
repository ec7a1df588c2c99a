#include "server/compact/work.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/compact/seal.h"
#include "server/compact/window.h"
#include "server/history/segment.h"
#include "server/store/hot.h"
#include "server/store/partitions.h"
#include "server/store/storage.h"

enum {
	WORK_PARTITIONS_MS = 60 * 1000,
	WORK_SUMMARY_MS = 10 * 1000,
	WORK_MERGE_MS = 5 * 60 * 1000,
	/* Somebody reads or writes just then: usual, unless it goes on. */
	WORK_DROP_FAILURES = 60,
	WORK_CLOSE_FAILURES = 30,
};

const char *const work_step_name[WORK_STEPS] = {
	"close", "window", "seal", "merge", "expire"};

/* A lock that was not to be had is tried again the next time, and said only when that
 * has failed often. */
static bool work_bear(int *failures, int most, bool ok, const struct err *e)
{
	*failures = ok ? 0 : *failures + 1;
	if (!ok && *failures < most)
		log_debug("storage: %s; trying again", e->text);
	return *failures < most;
}

bool work_close(struct work *w, struct err *e)
{
	struct storage_bounds bounds;
	struct storage_agents agents;
	int64_t now_ms = clock_unix_ms();
	if (!storage_read(w->step.readings, &bounds, e) ||
		!storage_agents(w->step.main, now_ms - CLOSE_REPORT_MS, &agents, e))
		return false;
	int64_t bound_ms = close_bound(
		&w->close, bounds.closed_ms, &agents, now_ms, clock_mono_ms());
	return bound_ms == 0 ||
	       work_bear(&w->close_failures, WORK_CLOSE_FAILURES,
		       storage_close(w->step.readings, bound_ms, e), e);
}

/* Time of which nothing was read is passed in one go. */
static bool work_skip(struct work *w, const struct storage_bounds *bounds,
	int64_t end_ms, struct err *e)
{
	struct db *db = w->step.readings;
	int64_t first_ms;
	if (!hot_first(db, bounds->compacted_ms, end_ms, &first_ms, e))
		return false;
	if (first_ms == 0)
		first_ms = end_ms;
	if (first_ms == bounds->compacted_ms)
		return true;
	if (!storage_begin(db, e))
		return false;
	if (storage_move_compacted(db, bounds->compacted_ms, first_ms, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

bool work_windows(struct work *w, int64_t until_ms, struct err *e)
{
	int64_t began_ms = clock_mono_ms();
	struct storage_bounds bounds;
	w->behind = false;
	for (;;) {
		if (!storage_read(w->step.readings, &bounds, e))
			return false;
		int64_t end_ms = bounds.closed_ms;
		if (until_ms && until_ms < end_ms)
			end_ms = until_ms - until_ms % SEGMENT_MS;
		if (end_ms < bounds.compacted_ms + SEGMENT_MS)
			return true;
		w->behind = clock_mono_ms() - began_ms > WORK_SLICE_MS;
		if (w->behind || step_is_stopping(&w->step))
			return true;
		uint64_t rows = w->step.counts.rows;
		if (!window_run(&w->step, bounds.compacted_ms, e))
			return false;
		bounds.compacted_ms += SEGMENT_MS;
		if (w->step.counts.rows == rows && bounds.compacted_ms < end_ms &&
			!work_skip(w, &bounds, end_ms, e))
			return false;
	}
}

bool work_seal(struct work *w, int64_t until_ms, struct err *e)
{
	struct storage_bounds bounds;
	int64_t wait_ms = until_ms ? 0 : WORK_SEAL_MS;
	for (;;) {
		if (!storage_read(w->step.readings, &bounds, e))
			return false;
		int64_t end_ms = bounds.sealed_ms + PARTITIONS_DAY_MS;
		if (bounds.sealed_ms == 0 || bounds.compacted_ms < end_ms + wait_ms ||
			(until_ms && end_ms > until_ms) || step_is_stopping(&w->step))
			return true;
		bool whole = false;
		if (!seal_day(&w->step, bounds.sealed_ms, &whole, e))
			return false;
		if (!whole)
			return true;
	}
}

/* The time from which ages are counted: a day after the newest readings at most.  A
 * clock that leaps ahead makes nothing old. */
static int64_t work_today_ms(const struct storage_bounds *bounds)
{
	int64_t now_ms = clock_unix_ms();
	int64_t most_ms = bounds->closed_ms + PARTITIONS_DAY_MS;
	return bounds->closed_ms && most_ms < now_ms ? most_ms : now_ms;
}

bool work_merge(struct work *w, struct err *e)
{
	struct storage_bounds bounds;
	if (!storage_read(w->step.readings, &bounds, e))
		return false;
	if (bounds.sealed_ms == 0)
		return true;
	int64_t oldest_ms = partitions_oldest_ms(
		work_today_ms(&bounds), w->raw_retention_ms);
	return seal_late(&w->step, oldest_ms, bounds.sealed_ms, e);
}

/* Partitions are made ahead first: those who write need them.  What is being read is
 * tried again the next time, and holds back nothing else. */
bool work_expire(struct work *w, struct err *e)
{
	struct storage_bounds bounds;
	struct db *db = w->step.readings;
	if (!storage_read(db, &bounds, e) ||
		!partitions_make_ahead(db, clock_unix_ms(), e))
		return false;
	int64_t today_ms = work_today_ms(&bounds);
	int64_t raw_ms = partitions_oldest_ms(today_ms, w->raw_retention_ms);
	int64_t rollup_ms = partitions_oldest_ms(today_ms, w->rollup_retention_ms);
	/* What is not in chunks yet is not lost for being old. */
	int64_t sealed_ms = bounds.sealed_ms < raw_ms ? bounds.sealed_ms : raw_ms;
	const struct {
		const char *parent;
		int64_t before_ms;
	} tables[] = {
		{"sample", bounds.compacted_ms - WORK_HOT_MS},
		{"host_sample", bounds.compacted_ms - WORK_HOT_MS},
		{"queue_sample", raw_ms},
		{"segment", bounds.sealed_ms},
		{"chunk", sealed_ms},
		{"version_rollup_300", sealed_ms},
		{"slot_rollup", rollup_ms},
		{"version_rollup_3600", rollup_ms},
	};
	bool ok = true;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct err ignored;
		if (!partitions_drop(db, tables[i].parent, tables[i].before_ms,
			    ok ? e : &ignored))
			ok = false;
	}
	return work_bear(&w->drop_failures, WORK_DROP_FAILURES, ok, e);
}

/* Runs one step and counts its time. */
static bool work_timed(
	struct work *w, enum work_step step, bool ok_before, int64_t began_ms)
{
	w->seconds[step] += (double)(clock_mono_ms() - began_ms) / 1000;
	return ok_before;
}

static bool work_summarize(struct work *w, struct err *e)
{
	int64_t now_ms = clock_unix_ms();
	return partitions_summarize(
		w->step.readings, now_ms - PARTITIONS_HOUR_MS, now_ms, e);
}

/* Whether it is time, and when the next one is. */
static bool work_is_due(int64_t *next_ms, int64_t every_ms)
{
	int64_t now_ms = clock_mono_ms();
	if (now_ms < *next_ms)
		return false;
	*next_ms = now_ms + every_ms;
	return true;
}

bool work_round(struct work *w, struct err *e)
{
	int64_t began_ms = clock_mono_ms();
	if (work_is_due(&w->next_partitions_ms, WORK_PARTITIONS_MS) &&
		!work_timed(w, WORK_EXPIRE, work_expire(w, e), began_ms))
		return false;
	if (work_is_due(&w->next_summary_ms, WORK_SUMMARY_MS) && !work_summarize(w, e))
		return false;
	began_ms = clock_mono_ms();
	if (!work_timed(w, WORK_CLOSE, work_close(w, e), began_ms))
		return false;
	began_ms = clock_mono_ms();
	if (!work_timed(w, WORK_WINDOW, work_windows(w, 0, e), began_ms))
		return false;
	began_ms = clock_mono_ms();
	if (!work_timed(w, WORK_SEAL, work_seal(w, 0, e), began_ms))
		return false;
	began_ms = clock_mono_ms();
	return !work_is_due(&w->next_merge_ms, WORK_MERGE_MS) ||
	       work_timed(w, WORK_MERGE, work_merge(w, e), began_ms);
}
