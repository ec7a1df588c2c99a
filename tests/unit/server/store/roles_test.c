/*
 * What PostgreSQL allows each role: its work, and nothing of the rest; how the roles
 * are made, also where the server's user may not make them; and that the audit tells
 * what was done to it by those who may do everything.
 */
#include "common/buf.h"
#include "server/store/audit.h"
#include "server/store/migrate.h"
#include "server/store/roles.h"
#include "server/store/services.h"
#include "server/store/users.h"
#include "tests/support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static struct pg pg;
static struct db *owner;
static struct arena arena;

static struct db *open_as(const char *role)
{
	return db_create(&(struct db_options){.uri = pg.uri,
		.application_name = "test",
		.role = role,
		.role_is_needed = role != NULL});
}

static void run(const char *sql)
{
	struct err e;
	if (!db_script(owner, sql, "test", &e))
		fail_msg("%s: %s", sql, e.text);
}

static int set_up(void **state)
{
	(void)state;
	struct err e;
	arena_init(&arena);
	pg_start(&pg);
	if (!users_init(&e) || !migrate_run(pg.uri, NULL, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	owner = open_as(NULL);
	run("INSERT INTO service (name) VALUES ('shop'), ('bank');"
	    "INSERT INTO host (machine_id, name) VALUES ('m', 'web-1');"
	    "INSERT INTO app_user (name, password_hash, role, services) VALUES "
	    "('ada', 'secret-hash', 'admin', NULL), ('eve', '', 'viewer', '{shop}');"
	    "INSERT INTO target (name, kind, url, events, created_by) "
	    "VALUES ('t', 'webhook', 'http://x', '{opened}', 'ada')");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_destroy(owner);
	pg_stop(&pg);
	arena_finish(&arena);
	return 0;
}

/* What each may, and may not. */
static const struct {
	const char *role, *sql;
	bool may;
} rights[] = {
	{ROLES_INGEST, "INSERT INTO service (name) VALUES ('new')", true},
	{ROLES_INGEST, "INSERT INTO audit (actor, action) VALUES ('agent', 'a')", true},
	{ROLES_INGEST, "SELECT partition_make('sample', '2030-01-01')", true},
	{ROLES_INGEST, "SELECT secret_hash FROM token", true},
	{ROLES_INGEST, "UPDATE token SET uses = uses + 1", true},
	{ROLES_INGEST, "UPDATE token SET expires_at = now()", false},
	{ROLES_INGEST, "SELECT name, role FROM app_user", true},
	{ROLES_INGEST, "SELECT password_hash FROM app_user", false},
	{ROLES_INGEST, "SELECT * FROM session", false},
	{ROLES_INGEST, "UPDATE app_user SET role = 'admin'", false},
	{ROLES_INGEST, "SELECT url FROM target", false},
	{ROLES_INGEST, "SELECT * FROM audit", false},
	{ROLES_INGEST, "SELECT partition_drop('sample', now())", false},
	{ROLES_INGEST, "UPDATE alert SET state = 'resolved'", false},
	{ROLES_INGEST, "DELETE FROM sample", false},
	{ROLES_INGEST, "SELECT partition_make_hour('sample', '2030-02-01')", true},
	{ROLES_INGEST, "SELECT partition_make_month('sample', '2030-03-01')", false},
	{ROLES_INGEST, "SELECT storage_hold(1), slot_seat('{}')", true},
	{ROLES_INGEST, "LOCK TABLE audit_turn", false},
	{ROLES_INGEST, "CREATE TABLE mine (x int)", false},
	{ROLES_API, "SELECT password_hash FROM app_user", true},
	{ROLES_API, "INSERT INTO audit (actor, action) VALUES ('ada', 'a')", true},
	{ROLES_API, "SELECT * FROM audit", true},
	{ROLES_API, "UPDATE audit SET actor = 'nobody'", false},
	{ROLES_API, "DELETE FROM audit", false},
	{ROLES_API, "TRUNCATE audit", false},
	{ROLES_API, "DELETE FROM audit_seal", false},
	{ROLES_API, "INSERT INTO audit_seal VALUES (9, 9, '')", false},
	{ROLES_API, "LOCK TABLE audit_turn IN ACCESS SHARE MODE", false},
	{ROLES_API, "SELECT partition_make('sample', '2030-01-01')", false},
	{ROLES_API, "SELECT alert_beyond(1)", true},
	{ROLES_API, "DELETE FROM app_user", false},
	{ROLES_API, "INSERT INTO sample (generation_id, at) VALUES (1, now())", false},
	{ROLES_API, "UPDATE generation SET pid = 1", false},
	{ROLES_API, "DELETE FROM service", false},
	{ROLES_API, "ALTER TABLE audit DISABLE TRIGGER ALL", false},
	{ROLES_API, "SET ROLE tidemark_ingest", false},
	{ROLES_API, "DROP POLICY limited ON service", false},
	{ROLES_LIMITED, "SELECT * FROM service", true},
	{ROLES_LIMITED, "INSERT INTO audit (actor, action) VALUES ('eve', 'a')", true},
	{ROLES_LIMITED, "SELECT * FROM audit", false},
	{ROLES_LIMITED, "SELECT * FROM token", false},
	{ROLES_LIMITED, "SELECT * FROM session", false},
	{ROLES_LIMITED, "SELECT password_hash FROM app_user", false},
	{ROLES_LIMITED, "SELECT services FROM app_user", false},
	{ROLES_LIMITED, "SELECT * FROM target", false},
	{ROLES_LIMITED, "SELECT settings FROM config_revision", false},
	{ROLES_LIMITED, "SET ROLE tidemark_api", false},
	{ROLES_LIMITED, "SET row_security = off; SELECT * FROM service", false},
	{"tidemark_read", "SELECT * FROM tm_api.service", true},
	{"tidemark_read", "SELECT tm_api.quantile('\\x0100', 0.5)", true},
	{"tidemark_read", "SELECT * FROM service", false},
	{"tidemark_read", "SELECT * FROM app_user", false},
	{"tidemark_read", "SELECT limit_to(1, NULL)", false},
	{"tidemark_read", "SELECT partition_make_month('sample', now())", false},
	{"tidemark_read", "SELECT storage_hold(1)", false},
	{"tidemark_read", "CREATE TEMP TABLE mine (x int)", false},
	{"tidemark_read", "LOCK TABLE partition_turn", false},
	/* The owner may do all, but for this. */
	{NULL, "UPDATE audit SET actor = 'nobody'", false},
	{NULL, "DELETE FROM audit", false},
	{NULL, "TRUNCATE audit CASCADE", false},
	{NULL, "DELETE FROM audit_seal", false},
};

/* As a user of PostgreSQL who has that role and nothing else: what SET ROLE took cannot
 * be given back. */
static bool may(const char *role, const char *sql)
{
	struct err e;
	char uri[256];
	if (role)
		snprintf(uri, sizeof uri, "host=%s user=as_%s dbname=postgres",
			pg.folder, role + strlen("tidemark_"));
	struct db *db = db_create(&(struct db_options){
		.uri = role ? uri : pg.uri, .application_name = "test", .role = role});
	bool begun = db_begin(db, &e);
	if (!begun)
		fail_msg("%s: %s", sql, e.text);
	bool ok = db_script(db, sql, "test", &e);
	if (!ok && !strstr(e.text, "permission denied") &&
		!strstr(e.text, "only ever added") &&
		!strstr(e.text, "must be owner") &&
		!strstr(e.text, "row-level security"))
		fail_msg("%s: %s", sql, e.text);
	db_rollback(db);
	db_destroy(db);
	return ok;
}

static void each_role_does_its_work_and_no_more(void **state)
{
	(void)state;
	static const char *const names[] = {"ingest", "api", "limited", "read"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char sql[160];
		snprintf(sql, sizeof sql,
			"CREATE ROLE as_%s LOGIN NOINHERIT; GRANT tidemark_%s TO as_%s",
			names[i], names[i], names[i]);
		run(sql);
	}
	/* The reader has no table to be recognised by: it just has its rights. */
	run("GRANT SELECT ON ALL TABLES IN SCHEMA tm_api TO as_read; "
	    "ALTER ROLE as_read INHERIT");
	for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
		if (may(rights[i].role, rights[i].sql) != rights[i].may)
			fail_msg("%s %s: %s", rights[i].role ? rights[i].role : "owner",
				rights[i].may ? "may not" : "may", rights[i].sql);
}

/* A function that writes, waits or speaks for the owner is called by those whom
 * roles.sql names; a trigger's could be put on a table of one's own. */
static void no_function_is_everybodys(void **state)
{
	(void)state;
	run("DO $$ DECLARE f text := (SELECT string_agg(proname, ' ') FROM pg_proc "
	    "WHERE pronamespace = 'public'::regnamespace AND (prosecdef OR "
	    "provolatile = 'v' OR prorettype = 'trigger'::regtype) "
	    "AND has_function_privilege('tidemark_read', oid, 'EXECUTE')); "
	    "BEGIN IF f IS NOT NULL THEN RAISE EXCEPTION 'everybody: %', f; "
	    "END IF; END $$");
}

/* Anybody may hold any lock that is only a number. */
static void numbers_that_others_lock_stop_nobody(void **state)
{
	(void)state;
	struct err e;
	struct db *other = open_as(ROLES_INGEST);
	if (!db_script(other,
		    "SELECT pg_advisory_lock(hashtext('audit_seal')), "
		    "pg_advisory_lock(hashtext('partition_make'))",
		    "test", &e))
		fail_msg("%s", e.text);
	run("SET lock_timeout = '2s';"
	    "INSERT INTO audit (actor, action) VALUES ('ada', 'a');"
	    "SELECT partition_make('queue_sample', '2031-01-01');"
	    "RESET lock_timeout");
	db_destroy(other);
}

/* What nobody thought of is found here: a new table needs its line. */
static void every_table_has_its_line(void **state)
{
	(void)state;
	struct err e;
	char text[4000] = "";
	struct db_rows rows = {0};
	assert_true(db_query(owner, SQL_ROLES_TABLES, NULL, &rows, &e));
	assert_true(rows.count > 50);
	for (int i = 0; i < rows.count; i++) {
		char line[120];
		snprintf(line, sizeof line, "\t('%s',", db_text(&rows, i, "name"));
		if (!strstr(sql_roles_text, line))
			snprintf(text + strlen(text), sizeof text - strlen(text), " %s",
				db_text(&rows, i, "name"));
	}
	db_rows_finish(&rows);
	if (*text)
		fail_msg("no line in schema/sql/access/roles.sql:%s", text);
}

/* Which of the two services are there: 1 shop, 2 bank. */
static int count_services(struct db *db)
{
	struct err e;
	bool shop, bank;
	assert_true(services_exists(db, 1, &arena, &shop, &e));
	assert_true(services_exists(db, 2, &arena, &bank, &e));
	return (shop ? 1 : 0) + (bank ? 2 : 0);
}

static void a_limit_holds_until_the_next(void **state)
{
	(void)state;
	struct err e;
	struct db *db = open_as(ROLES_LIMITED);
	bool allowed;
	static const struct {
		const char *glob;
		bool allowed;
	} globs[] = {{"shop", true}, {"bank", false}, {"*", false}, {"sho?", false},
		{"", false}, {"shop*", false}};
	assert_int_equal(count_services(db), 0); /* nobody yet: nothing */
	assert_true(roles_limit(db, 2, NULL, &arena, &e));
	assert_int_equal(count_services(db), 1);
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
		assert_true(roles_allows(db, globs[i].glob, &arena, &allowed, &e));
		if (allowed != globs[i].allowed)
			fail_msg("'%s'", globs[i].glob);
	}
	assert_true(roles_limit(db, 1, NULL, &arena, &e));
	assert_int_equal(count_services(db), 3);
	assert_true(roles_limit(db, 99, NULL, &arena, &e));
	assert_int_equal(count_services(db), 0); /* no such user */
	db_destroy(db);
}

static void roles_are_made_once_and_mended(void **state)
{
	(void)state;
	struct err e;
	enum roles_state as;
	assert_true(roles_look(owner, &arena, &as, &e));
	assert_int_equal(as, ROLES_READY);
	/* As after a restore into a cluster without them. */
	run("DROP POLICY limited_add ON silence");
	assert_true(roles_look(owner, &arena, &as, &e));
	assert_int_equal(as, ROLES_OLD);
	assert_true(migrate_run(pg.uri, NULL, &e));
	assert_true(roles_look(owner, &arena, &as, &e));
	assert_int_equal(as, ROLES_READY);
	/* As they were made by this script for fewer migrations. */
	run(arena_printf(&arena,
		"UPDATE access_state SET checksum = "
		"encode(sha256(convert_to($roles$%s$roles$, 'UTF8')), 'hex')",
		sql_roles_text));
	assert_true(roles_look(owner, &arena, &as, &e));
	assert_int_equal(as, ROLES_OLD);
	assert_true(migrate_run(pg.uri, NULL, &e));
}

/* It works as the owner then, which is more than it should. */
static void a_role_that_is_lost_is_told(void **state)
{
	(void)state;
	struct err e;
	struct db_options options = {
		.uri = pg.uri, .application_name = "test", .role = ROLES_API};
	struct db *db = db_create(&options);
	assert_true(db_ready(db, &e));
	db_destroy(db);
	assert_false(db_lost_role());
	run("REVOKE SELECT ON service FROM tidemark_api");
	db = db_create(&options);
	assert_true(db_ready(db, &e));
	assert_true(db_lost_role());
	db_destroy(db);
	run("GRANT SELECT ON service TO tidemark_api");
}

/* A database of one's own, whose owner may not make roles. */
static void who_may_not_make_roles_works_without(void **state)
{
	(void)state;
	struct err e;
	struct migrate_report report;
	enum roles_state as;
	struct pg other;
	char uri[256], admin[256];
	pg_start(&other);
	snprintf(uri, sizeof uri, "host=%s user=plain dbname=own", other.folder);
	snprintf(admin, sizeof admin, "host=%s user=tidemark dbname=own", other.folder);
	struct db *first = db_create(
		&(struct db_options){.uri = other.uri, .application_name = "test"});
	assert_true(db_script(first, "CREATE ROLE plain LOGIN", "test", &e));
	assert_true(db_script(first, "CREATE DATABASE own OWNER plain", "test", &e));
	struct db *root = db_create(
		&(struct db_options){.uri = admin, .application_name = "test"});
	assert_true(
		db_script(root, "GRANT CREATE ON SCHEMA public TO plain", "test", &e));
	if (!migrate_run(uri, &report, &e))
		fail_msg("%s", e.text);
	assert_int_equal(report.roles, ROLES_MISSING);
	/* It works as the owner, and nobody can be limited. */
	struct db_options options = {
		.uri = uri, .application_name = "test", .role = ROLES_API};
	struct db *db = db_create(&options);
	assert_true(db_ready(db, &e));
	db_destroy(db);
	options.role = ROLES_LIMITED;
	options.role_is_needed = true;
	db = db_create(&options);
	assert_false(db_ready(db, &e));
	assert_non_null(strstr(e.text, "tidemark-server roles"));
	/* What is printed for an administrator makes them. */
	struct db *plain = db_create(
		&(struct db_options){.uri = uri, .application_name = "test"});
	const char *script = roles_script(plain, &arena, &e);
	assert_non_null(script);
	if (!db_script(root, script, "test", &e))
		fail_msg("%s", e.text);
	assert_true(roles_look(plain, &arena, &as, &e));
	assert_int_equal(as, ROLES_OLD);
	if (!migrate_run(uri, &report, &e))
		fail_msg("%s", e.text);
	assert_int_equal(report.roles, ROLES_READY);
	assert_true(db_ready(db, &e));
	assert_int_equal(count_services(db), 0);
	db_destroy(db);
	db_destroy(plain);
	db_destroy(root);
	db_destroy(first);
	pg_stop(&other);
}

static void put(const char *action)
{
	struct err e;
	struct audit_entry entry = {
		.actor = {1, "ada"}, .action = action, .subject = "s", .detail = "d"};
	assert_true(audit_put(owner, &entry, &arena, &e));
}

static struct audit_check verify(const struct audit_head *known)
{
	struct err e;
	struct audit_check check;
	if (!audit_verify(owner, known, &arena, &check, &e))
		fail_msg("%s", e.text);
	return check;
}

/* As somebody who may do everything in the database, and who undoes it again. */
static void tampered(
	const char *sql, const struct audit_head *known, const char *what, int64_t id)
{
	struct err e;
	assert_true(db_begin(owner, &e));
	run("ALTER TABLE audit DISABLE TRIGGER ALL; "
	    "ALTER TABLE audit_seal DISABLE TRIGGER ALL");
	run(sql);
	struct audit_check check = verify(known);
	db_rollback(owner);
	if (!check.broken || !strstr(check.broken, what) || check.broken_id != id)
		fail_msg("%s: %s at %lld", sql, check.broken ? check.broken : "good",
			(long long)check.broken_id);
}

static void the_audit_tells_what_was_done_to_it(void **state)
{
	(void)state;
	struct err e;
	int64_t before = verify(NULL).head.number;
	/* Rows of a transaction that is undone leave no gap. */
	assert_true(db_begin(owner, &e));
	put("undone");
	db_rollback(owner);
	for (int i = 0; i < 5; i++)
		put("row");
	struct audit_check good = verify(NULL);
	assert_null(good.broken);
	assert_int_equal(good.head.number, before + 5);
	assert_null(verify(&good.head).broken);
	struct db_rows rows = {0};
	struct db_args args;
	db_args_init(&args, &arena);
	db_arg_int(&args, before);
	assert_true(db_query(owner, SQL_AUDIT_CHAIN, &args, &rows, &e));
	int64_t second = db_int(&rows, 1, "audit_id"),
		third = db_int(&rows, 2, "audit_id");
	db_rows_finish(&rows);
	char sql[2000];
	static const char *const columns[] = {"actor = 'x'", "action = 'x'",
		"subject = 'x'", "detail = 'x'", "user_id = 2", "service_id = 1",
		"host_id = 1", "at = at + interval '1 us'"};
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		snprintf(sql, sizeof sql, "UPDATE audit SET %s WHERE id = %lld",
			columns[i], (long long)second);
		tampered(sql, NULL, "changed", second);
	}
	snprintf(sql, sizeof sql, "DELETE FROM audit WHERE id = %lld",
		(long long)second);
	tampered(sql, NULL, "it was taken away", second);
	snprintf(sql, sizeof sql,
		"DELETE FROM audit WHERE id = %lld; "
		"DELETE FROM audit_seal WHERE audit_id = %lld",
		(long long)second, (long long)second);
	tampered(sql, NULL, "before it", third);
	tampered("DELETE FROM audit_seal WHERE number > 1; DELETE FROM audit WHERE id "
		 "NOT IN (SELECT audit_id FROM audit_seal)",
		&good.head, "at the end", 0);
	tampered("INSERT INTO audit (id, actor, action) OVERRIDING SYSTEM VALUE "
		 "VALUES (-7, 'x', 'x')",
		NULL, "without a seal", -7);
	/* A whole new chain is seen by who kept the old head. */
	snprintf(sql, sizeof sql,
		"UPDATE audit SET actor = 'x' WHERE id = %lld;"
		"DO $$ DECLARE s record; h bytea := ''; BEGIN FOR s IN SELECT number, "
		"a "
		"FROM audit_seal JOIN audit a ON a.id = audit_id ORDER BY number LOOP "
		"h := sha256(h || convert_to(audit_said(s.a), 'UTF8')); "
		"UPDATE audit_seal SET hash = h WHERE number = s.number; END LOOP; END "
		"$$",
		(long long)second);
	tampered(sql, &good.head, "not what it was",
		second + 3); /* the head's row: of five, the second is the last but
				three */
	assert_null(verify(&good.head).broken);
}

/* Two who write at once make one chain. */
static void writers_take_turns(void **state)
{
	(void)state;
	struct err e;
	struct db *other = open_as(ROLES_API);
	int64_t before = verify(NULL).head.number;
	struct audit_entry entry = {
		.actor = {1, "ada"}, .action = "b", .subject = "", .detail = ""};
	assert_true(db_begin(owner, &e));
	put("a");
	/* The other one need not wait for the end of a transaction that goes on. */
	assert_true(audit_put(other, &entry, &arena, &e));
	put("c");
	assert_true(db_commit(owner, &e));
	struct audit_check check = verify(NULL);
	assert_null(check.broken);
	assert_int_equal(check.head.number, before + 3);
	db_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_does_its_work_and_no_more),
		cmocka_unit_test(no_function_is_everybodys),
		cmocka_unit_test(numbers_that_others_lock_stop_nobody),
		cmocka_unit_test(every_table_has_its_line),
		cmocka_unit_test(a_limit_holds_until_the_next),
		cmocka_unit_test(roles_are_made_once_and_mended),
		cmocka_unit_test(who_may_not_make_roles_works_without),
		cmocka_unit_test(a_role_that_is_lost_is_told),
		cmocka_unit_test(the_audit_tells_what_was_done_to_it),
		cmocka_unit_test(writers_take_turns),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
