#include "server/store/partitions.h"

#include "common/clock.h"

bool partitions_make_day(struct db *db, int64_t unix_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, unix_ms);
	bool ok = db_query(db, SQL_PARTITION_MAKE, &args, NULL, e);
	arena_finish(&a);
	return ok;
}

int64_t partitions_oldest_ms(int64_t now_ms, int64_t retention_ms)
{
	int64_t cut_ms = now_ms - retention_ms;
	return cut_ms - cut_ms % PARTITIONS_DAY_MS;
}

static bool partitions_make_ahead(struct db *db, int64_t now_ms, struct err *e)
{
	for (int day = 0; day <= PARTITIONS_AHEAD_DAYS; day++)
		if (!partitions_make_day(db, now_ms + day * PARTITIONS_DAY_MS, e))
			return err_wrap(e, "making partitions");
	return true;
}

/* The oldest day of one table, when it is old enough. */
static bool partitions_drop_one(struct db *db, const char *parent, int64_t oldest_ms,
	bool *dropped, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, &a);
	db_arg_text(&args, parent);
	db_arg_time(&args, oldest_ms);
	bool ok = db_query(db, SQL_PARTITION_DROP, &args, &rows, e);
	*dropped = ok && rows.count == 1 && db_int(&rows, 0, "dropped") > 0;
	arena_finish(&a);
	return ok;
}

static bool partitions_drop(
	struct db *db, const char *parent, int64_t oldest_ms, struct err *e)
{
	bool dropped = true;
	while (dropped)
		if (!partitions_drop_one(db, parent, oldest_ms, &dropped, e))
			return err_wrap(e, "dropping old partitions of %s", parent);
	return true;
}

bool partitions_keep(struct db *db, int64_t retention_ms, struct err *e)
{
	int64_t now_ms = clock_unix_ms();
	int64_t oldest_ms = partitions_oldest_ms(now_ms, retention_ms);
	if (!partitions_make_ahead(db, now_ms, e))
		return false;
	static const char *const parents[] = {"sample", "host_sample", "queue_sample"};
	bool ok = true;
	for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
		struct err ignored;
		if (!partitions_drop(db, parents[i], oldest_ms, ok ? e : &ignored))
			ok = false;
	}
	return ok;
}

bool partitions_prepare(const char *db_uri, struct err *e)
{
	struct db *db = db_create(&(struct db_options){
		.uri = db_uri, .application_name = "tidemark partitions"});
	bool ok = partitions_make_ahead(db, clock_unix_ms(), e);
	db_destroy(db);
	return ok;
}
