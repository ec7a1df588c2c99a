#include "server/store/partitions.h"

#include "common/clock.h"

/* One statement on one point in time. */
static bool partitions_run(
	struct db *db, enum sql_query query, int64_t unix_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, unix_ms);
	bool ok = db_query(db, query, &args, NULL, e);
	arena_finish(&a);
	return ok;
}

bool partitions_make_day(struct db *db, int64_t unix_ms, struct err *e)
{
	return partitions_run(db, SQL_PARTITION_MAKE, unix_ms, e);
}

int64_t partitions_oldest_ms(int64_t now_ms, int64_t retention_ms)
{
	int64_t cut_ms = now_ms - retention_ms;
	return cut_ms - cut_ms % PARTITIONS_DAY_MS;
}

bool partitions_keep(struct db *db, int64_t retention_ms, struct err *e)
{
	int64_t now_ms = clock_unix_ms();
	for (int day = 0; day <= PARTITIONS_AHEAD_DAYS; day++)
		if (!partitions_make_day(db, now_ms + day * PARTITIONS_DAY_MS, e))
			return err_wrap(e, "making partitions");
	if (!partitions_run(db, SQL_PARTITION_DROP,
		    partitions_oldest_ms(now_ms, retention_ms), e))
		return err_wrap(e, "dropping old partitions");
	return true;
}

bool partitions_prepare(const char *db_uri, int64_t retention_ms, struct err *e)
{
	struct db *db = db_create(&(struct db_options){
		.uri = db_uri, .application_name = "tidemark partitions"});
	bool ok = partitions_keep(db, retention_ms, e);
	db_destroy(db);
	return ok;
}
