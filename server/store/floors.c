#include "server/store/floors.h"

enum { BINS_AT_ONCE = 6 };

/* Where to begin when nothing is known: behind the newest bin that is there, or else
 * where the oldest process begins. */
static bool find_start(
	struct db *db, int64_t now_bin, struct arena *a, int64_t *start, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	int64_t oldest_bin = now_bin - FLOORS_KEPT_BINS;
	db_arg_time(&args, oldest_bin * FLOORS_BIN_MS);
	db_arg_int(&args, now_bin - BINS_AT_ONCE);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FLOOR_NEWEST, &args, &rows, e))
		return false;
	*start = now_bin;
	if (!db_is_null(&rows, 0, "newest_bin"))
		*start = db_int(&rows, 0, "newest_bin") + 1;
	else if (!db_is_null(&rows, 0, "oldest_bin"))
		*start = db_int(&rows, 0, "oldest_bin");
	if (*start < oldest_bin)
		*start = oldest_bin;
	if (*start > now_bin) /* made while the clock was ahead */
		*start = now_bin;
	return true;
}

bool floors_fill(
	struct db *db, int64_t now_ms, int64_t *filled_bin, bool *again, struct err *e)
{
	/* The late samples of this past were read by the call just before. */
	int64_t late_bins = *again ? 0 : FLOORS_LATE_BINS;
	*again = false;
	int64_t now_bin = now_ms / FLOORS_BIN_MS;
	if (*filled_bin >= now_bin)
		return true;
	struct arena a;
	arena_init(&a);
	struct db_args args;
	int64_t start = *filled_bin;
	bool ok = start || find_start(db, now_bin, &a, &start, e);
	int64_t end = start + BINS_AT_ONCE < now_bin ? start + BINS_AT_ONCE : now_bin;
	if (ok && end > start) {
		db_args_init(&args, &a);
		db_arg_int(&args, start - late_bins);
		db_arg_int(&args, end);
		ok = db_query(db, SQL_FLOOR_FILL, &args, NULL, e);
	}
	if (ok) {
		*filled_bin = end;
		*again = end < now_bin;
	}
	arena_finish(&a);
	return ok || err_wrap(e, "filling floors");
}

bool floors_forget(struct db *db, int64_t now_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_int(&args, now_ms / FLOORS_BIN_MS - FLOORS_KEPT_BINS);
	bool ok = db_query(db, SQL_FLOOR_FORGET, &args, NULL, e);
	arena_finish(&a);
	return ok || err_wrap(e, "forgetting floors");
}

bool floors_read(struct db *db, const struct floors_wanted *wanted, struct arena *a,
	struct verdicts_memory **floors, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, wanted->ids, wanted->count);
	db_arg_ints(&args, wanted->from_bin, wanted->count);
	db_arg_int(&args, wanted->to_bin);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_FLOOR, &args, &rows, e))
		return err_wrap(e, "reading floors");
	*floors = arena_array(a, (size_t)rows.count, sizeof **floors);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct verdicts_memory *m = &(*floors)[i];
		m->life_id = db_int(&rows, i, "generation_id");
		m->is_private = db_bool(&rows, i, "is_private");
		m->at_ms = db_ints(&rows, i, "at_ms", a, &m->count, NULL);
		m->low_kb = db_ints(&rows, i, "low_kb", a, &m->count, NULL);
	}
	return true;
}
