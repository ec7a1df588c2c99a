#include "server/store/upkeep.h"

#include "server/store/minutes.h"
#include "server/store/sessions.h"
#include "server/store/snapshots.h"

bool upkeep_run(struct db *db, int64_t now_ms, struct err *e)
{
	const struct {
		enum sql_query query;
		int64_t kept_ms;
	} tables[] = {
		{SQL_TOKEN_EXPIRE, UPKEEP_TOKEN_MS},
		{SQL_FINDING_EXPIRE, UPKEEP_FINDING_MS},
		{SQL_CENSUS_EXPIRE, UPKEEP_CENSUS_MS},
		{SQL_WARNING_EXPIRE, UPKEEP_WARNING_MS},
		{SQL_MINUTE_EXPIRE, MINUTES_KEPT_MS},
	};
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, now_ms - SESSIONS_IDLE_MS);
	db_arg_time(&args, now_ms - SESSIONS_LIFETIME_MS);
	bool ok = db_query(db, SQL_SESSION_EXPIRE, &args, NULL, e);
	for (size_t i = 0; ok && i < sizeof tables / sizeof *tables; i++) {
		db_args_init(&args, &a);
		db_arg_time(&args, now_ms - tables[i].kept_ms);
		ok = db_query(db, tables[i].query, &args, NULL, e);
	}
	ok = ok && snapshots_expire(db, now_ms, e);
	arena_finish(&a);
	return ok;
}
