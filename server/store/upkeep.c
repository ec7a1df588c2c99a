#include "server/store/upkeep.h"

#include "server/store/sessions.h"
#include "server/store/snapshots.h"

bool upkeep_run(struct db *db, int64_t now_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, now_ms - SESSIONS_IDLE_MS);
	db_arg_time(&args, now_ms - SESSIONS_LIFETIME_MS);
	bool ok = db_query(db, SQL_SESSION_EXPIRE, &args, NULL, e);
	db_args_init(&args, &a);
	db_arg_time(&args, now_ms - UPKEEP_TOKEN_MS);
	ok = ok && db_query(db, SQL_TOKEN_EXPIRE, &args, NULL, e);
	db_args_init(&args, &a);
	db_arg_time(&args, now_ms - UPKEEP_FINDING_MS);
	ok = ok && db_query(db, SQL_FINDING_EXPIRE, &args, NULL, e);
	ok = ok && snapshots_expire(db, now_ms, e);
	arena_finish(&a);
	return ok;
}
