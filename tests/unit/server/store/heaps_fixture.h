/*
 * What the tests of captures and snapshots stand on: a database with a few instances
 * (heaps_seed.sql), made anew for each test.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_STORE_HEAPS_FIXTURE_H
#define TIDEMARK_TESTS_UNIT_SERVER_STORE_HEAPS_FIXTURE_H

#include "common/clock.h"
#include "server/store/migrate.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct pg pg;
static struct db *db;
static struct arena arena;
static struct buf seed;

static inline void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static inline int64_t now_ms(void)
{
	return clock_unix_ms();
}

static inline int64_t ask(const char *sql)
{
	PGconn *conn = PQconnectdb(pg.uri);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK &&
		PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	int64_t value = PQntuples(result) ? atoll(PQgetvalue(result, 0, 0)) : 0;
	PQclear(result);
	PQfinish(conn);
	return value;
}

static inline int start(void **state)
{
	(void)state;
	struct err e;
	pg_start(&pg);
	must(migrate_run(pg.uri, NULL, &e), &e);
	arena_init(&arena);
	db = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "heaps test"});
	FILE *f = fopen(
		TIDEMARK_SOURCE_DIR "/tests/unit/server/store/heaps_seed.sql", "r");
	assert_non_null(f);
	size_t n;
	while ((n = fread(buf_reserve(&seed, 4096), 1, 4096, f)) > 0)
		seed.length += n;
	buf_byte(&seed, 0);
	fclose(f);
	return 0;
}

/* The audit guards itself against what a test needs here. */
static inline int fresh(void **state)
{
	(void)state;
	ask("SET client_min_messages = error; ALTER TABLE audit DISABLE TRIGGER "
	    "audit_keep; TRUNCATE host, service, "
	    "app_user "
	    "CASCADE; ALTER TABLE audit ENABLE TRIGGER audit_keep");
	struct err e;
	must(db_script(db, seed.data, "seed", &e), &e);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	db_destroy(db);
	arena_finish(&arena);
	buf_finish(&seed);
	pg_stop(&pg);
	return 0;
}

#endif
