#include "server/store/partitions.h"

#include "common/clock.h"

static bool partitions_ask(
	struct db *db, enum sql_query query, int64_t unix_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, unix_ms);
	bool ok = db_query(db, query, &args, NULL, e);
	arena_finish(&a);
	return ok || err_wrap(e, "making partitions");
}

bool partitions_make(struct db *db, int64_t unix_ms, struct err *e)
{
	return partitions_ask(db, SQL_PARTITION_MAKE, unix_ms, e);
}

bool partitions_make_kept(struct db *db, int64_t unix_ms, struct err *e)
{
	return partitions_ask(db, SQL_PARTITION_MAKE_KEPT, unix_ms, e);
}

int64_t partitions_oldest_ms(int64_t now_ms, int64_t retention_ms)
{
	int64_t cut_ms = now_ms - retention_ms;
	return cut_ms - cut_ms % PARTITIONS_DAY_MS;
}

bool partitions_make_ahead(struct db *db, int64_t now_ms, struct err *e)
{
	for (int hour = 0; hour <= PARTITIONS_AHEAD_HOURS; hour++)
		if (!partitions_make(db, now_ms + hour * PARTITIONS_HOUR_MS, e))
			return false;
	for (int day = 0; day <= PARTITIONS_AHEAD_DAYS; day++)
		if (!partitions_make_kept(db, now_ms + day * PARTITIONS_DAY_MS, e))
			return false;
	return true;
}

bool partitions_prepare(const char *db_uri, struct err *e)
{
	struct db *db = db_create(&(struct db_options){
		.uri = db_uri, .application_name = "tidemark partitions"});
	bool ok = partitions_make_ahead(db, clock_unix_ms(), e);
	db_destroy(db);
	return ok;
}

/* The oldest of one table, when it is old enough. */
static bool partitions_drop_one(struct db *db, const char *parent, int64_t before_ms,
	bool *dropped, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, &a);
	db_arg_text(&args, parent);
	db_arg_time(&args, before_ms);
	bool ok = db_query(db, SQL_PARTITION_DROP, &args, &rows, e);
	*dropped = ok && db_bool(&rows, 0, "dropped");
	arena_finish(&a);
	return ok;
}

bool partitions_drop(
	struct db *db, const char *parent, int64_t before_ms, struct err *e)
{
	bool dropped = true;
	while (dropped)
		if (!partitions_drop_one(db, parent, before_ms, &dropped, e))
			return err_wrap(e, "dropping old partitions of %s", parent);
	return true;
}

bool partitions_summarize(struct db *db, int64_t from_ms, int64_t to_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, to_ms);
	db_arg_time(&args, from_ms);
	bool ok = db_query(db, SQL_PARTITION_SUMMARIZE, &args, NULL, e);
	arena_finish(&a);
	return ok || err_wrap(e, "summarizing hot rows");
}
