#include "server/store/storage.h"

#include "server/store/storage_lock.h"

#include <inttypes.h>
#include <stdio.h>

/* Of who leads: next to the lock of closed_to. */
#define STORAGE_LEAD (STORAGE_LOCK + 1)

bool storage_read(struct db *db, struct storage_bounds *out, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_STORAGE_BOUNDS, NULL, &rows, e))
		return false;
	*out = (struct storage_bounds){
		.closed_ms = db_time(&rows, 0, "closed_to"),
		.compacted_ms = db_time(&rows, 0, "compacted_to"),
		.sealed_ms = db_time(&rows, 0, "sealed_to"),
	};
	return true;
}

static bool storage_ask_lead(
	struct db *db, enum sql_query query, bool *leads, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_int(&args, STORAGE_LEAD);
	bool ok = db_query(db, query, &args, leads ? &rows : NULL, e);
	if (ok && leads)
		*leads = db_bool(&rows, 0, "leads");
	arena_finish(&a);
	return ok;
}

bool storage_lead(struct db *db, bool *leads, struct err *e)
{
	return storage_ask_lead(db, SQL_STORAGE_LEAD, leads, e);
}

void storage_follow(struct db *db)
{
	struct err ignored;
	if (db_is_connected(db))
		storage_ask_lead(db, SQL_STORAGE_FOLLOW, NULL, &ignored);
}

bool storage_begin(struct db *db, struct err *e)
{
	bool leads = false;
	if (!db_begin(db, e))
		return false;
	/* Five minutes are few rows: to start workers takes longer than to read. */
	bool ok = db_script(db,
			  "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; "
			  "SET LOCAL max_parallel_workers_per_gather = 0",
			  "isolation", e) &&
		  storage_ask_lead(db, SQL_STORAGE_BEGIN, &leads, e);
	if (ok && !leads)
		ok = err_set(e, ERR_BUSY, "another server moves readings on");
	if (!ok)
		db_rollback(db);
	return ok;
}

bool storage_agents(
	struct db *db, int64_t since_ms, struct storage_agents *out, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_time(&args, since_ms);
	bool ok = db_query(db, SQL_STORAGE_AGENTS, &args, &rows, e);
	if (ok)
		*out = (struct storage_agents){
			.known = db_int(&rows, 0, "known"),
			.reporting = db_int(&rows, 0, "reporting"),
			.newest_ms = db_time(&rows, 0, "newest"),
			.tenth_ms = db_time(&rows, 0, "tenth"),
		};
	arena_finish(&a);
	return ok;
}

/* The transaction's inside. */
static bool storage_close_inside(struct db *db, int64_t to_ms, struct err *e)
{
	char text[120];
	struct arena a;
	struct db_args args;
	snprintf(text, sizeof text,
		"SET LOCAL lock_timeout = '500ms'; "
		"SELECT pg_advisory_xact_lock(%" PRId64 ")",
		STORAGE_LOCK);
	if (!db_script(db, text, "lock of closed_to", e))
		return false;
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_time(&args, to_ms);
	bool ok = db_query(db, SQL_STORAGE_CLOSE, &args, NULL, e);
	arena_finish(&a);
	return ok;
}

bool storage_close(struct db *db, int64_t to_ms, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (storage_close_inside(db, to_ms, e))
		return db_commit(db, e);
	db_rollback(db);
	return err_wrap(e, "closing");
}

static bool storage_move(struct db *db, enum sql_query query, int64_t from_ms,
	int64_t to_ms, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	bool ok = db_query(db, query, &args, &rows, e);
	if (ok && rows.affected != 1)
		ok = err_set(e, ERR_BUSY, "another server has moved readings on");
	arena_finish(&a);
	return ok;
}

bool storage_move_compacted(
	struct db *db, int64_t from_ms, int64_t to_ms, struct err *e)
{
	return storage_move(db, SQL_STORAGE_COMPACTED, from_ms, to_ms, e);
}

bool storage_move_sealed(struct db *db, int64_t from_ms, int64_t to_ms, struct err *e)
{
	return storage_move(db, SQL_STORAGE_SEALED, from_ms, to_ms, e);
}
