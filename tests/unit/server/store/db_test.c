/* The connection: values there and back, and what happens when the server goes. */
#include "common/clock.h"
#include "server/store/migrate.h"
#include "server/store/pool.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct pg pg;
static struct arena arena;

static int start(void **state)
{
	(void)state;
	struct err e;
	arena_init(&arena);
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_stop(&pg);
	arena_finish(&arena);
	return 0;
}

static struct db *connection(void)
{
	return db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "tidemark test"});
}

static void arguments_are_what_postgresql_reads(void **state)
{
	(void)state;
	struct db_args args;
	db_args_init(&args, &arena);
	db_arg_int(&args, INT64_MIN);
	db_arg_double(&args, 0.1);
	db_arg_double(&args, NAN);
	db_arg_bool(&args, true);
	db_arg_text(&args, NULL);
	db_arg_bytes(&args, "\x00\x7f\xff", 3);
	db_arg_time(&args, INT64_C(1795340790586));
	db_arg_time(&args, -1);
	db_arg_time(&args, INT64_MAX);
	db_arg_time_or_null(&args, 0);
	const int64_t ints[] = {1, INT64_MIN, INT64_MAX, 0};
	const bool has[] = {true, true, false, true};
	db_arg_ints(&args, ints, 4);
	db_arg_ints_or_null(&args, ints, has, 4);
	db_arg_ints(&args, NULL, 0);
	const char *const texts[] = {"a", "", "q\"b\\c", NULL, "{,}"};
	db_arg_texts(&args, texts, 5);
	static const char *const expected[] = {"-9223372036854775808",
		"0.10000000000000001", NULL, "true", NULL, "\\x007fff",
		"2026-11-22 09:46:30.586+00", "1969-12-31 23:59:59.999+00", "infinity",
		NULL, "{1,-9223372036854775808,9223372036854775807,0}",
		"{1,-9223372036854775808,NULL,0}", "{}",
		"{\"a\",\"\",\"q\\\"b\\\\c\",NULL,\"{,}\"}"};
	assert_int_equal(args.count, sizeof expected / sizeof *expected);
	for (int i = 0; i < args.count; i++) {
		if (expected[i])
			assert_string_equal(args.value[i], expected[i]);
		else
			assert_null(args.value[i]);
	}
}

/* A result made by hand: one row of these texts. */
static struct db_rows one_row(
	const char *const *names, const char *const *values, int n)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[8] = {0};
	char copies[8][32];
	for (int i = 0; i < n; i++) {
		snprintf(copies[i], sizeof copies[i], "%s", names[i]);
		columns[i].name = copies[i];
	}
	assert_true(PQsetResultAttrs(result, n, columns));
	for (int i = 0; i < n; i++) {
		char *copy = values[i] ? strdup(values[i]) : NULL;
		assert_true(
			PQsetvalue(result, 0, i, copy, copy ? (int)strlen(copy) : -1));
		free(copy);
	}
	return (struct db_rows){.result = result, .count = 1};
}

static void columns_are_read_by_name(void **state)
{
	(void)state;
	static const char *const names[] = {
		"n", "d", "b", "t", "at", "raw", "list", "nothing"};
	static const char *const values[] = {"-5", "2.5", "t", "text",
		"2026-11-22 09:46:30.586999+00", "\\x00ff10", "{1,NULL,-3}", NULL};
	struct db_rows rows = one_row(names, values, 8);
	assert_int_equal(db_int(&rows, 0, "n"), -5);
	assert_true(db_double(&rows, 0, "d") == 2.5);
	assert_true(db_bool(&rows, 0, "b"));
	assert_string_equal(db_text(&rows, 0, "t"), "text");
	assert_true(db_time(&rows, 0, "at") == INT64_C(1795340790586));
	size_t length, count;
	bool *is_null;
	const uint8_t *raw = db_bytes(&rows, 0, "raw", &arena, &length);
	assert_int_equal(length, 3);
	assert_memory_equal(raw, "\x00\xff\x10", 3);
	int64_t *list = db_ints(&rows, 0, "list", &arena, &count, &is_null);
	assert_int_equal(count, 3);
	assert_int_equal(list[0], 1);
	assert_true(is_null[1] && !is_null[0] && !is_null[2]);
	assert_int_equal(list[2], -3);

	assert_true(db_is_null(&rows, 0, "nothing"));
	assert_int_equal(db_int(&rows, 0, "nothing"), 0);
	assert_true(db_time(&rows, 0, "nothing") == 0);
	assert_string_equal(db_text(&rows, 0, "nothing"), "");
	assert_null(db_bytes(&rows, 0, "nothing", &arena, &length));
	assert_null(db_ints(&rows, 0, "nothing", &arena, &count, NULL));
	db_rows_finish(&rows);
}

static void times_at_the_edges_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"1970-01-01 00:00:00+00", 0},
		{"1969-12-31 23:59:59.999+00", -1},
		{"2000-02-29 12:00:00.5+00", INT64_C(951825600500)},
		{"infinity", INT64_MAX},
		{"-infinity", INT64_MIN},
		{"10000-01-01 00:00:00+00", INT64_C(253402300800000)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *name = "at";
		struct db_rows rows = one_row(&name, &cases[i].text, 1);
		assert_true(db_time(&rows, 0, "at") == cases[i].ms);
		db_rows_finish(&rows);
	}
}

static int64_t count_agents(struct db *db)
{
	struct err e;
	struct db_rows rows = {0};
	if (!db_query(db, SQL_AGENT_KEYS, NULL, &rows, &e))
		fail_msg("%s", e.text);
	int64_t count = rows.count;
	db_rows_finish(&rows);
	return count;
}

static void an_idle_connection_mends_itself(void **state)
{
	(void)state;
	struct db *db = connection();
	assert_int_equal(count_agents(db), 0);
	pg_kill(&pg);
	struct err e;
	assert_false(db_ready(db, &e));
	assert_int_equal(e.kind, ERR_IO);
	pg_run(&pg);
	/* The first call succeeds: a dead connection is noticed before it is used. */
	assert_int_equal(count_agents(db), 0);
	db_destroy(db);
}

/* The database, too, finds out that a machine is gone, or it would hold its locks for
 * two hours.  Sockets of this machine ignore the values; whose they are shows. */
static void a_machine_that_is_gone_holds_no_locks(void **state)
{
	(void)state;
	struct err e;
	struct db *db = connection();
	assert_true(db_script(db,
		"DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_settings WHERE source = "
		"'session' AND name IN ('tcp_keepalives_idle', "
		"'tcp_keepalives_interval', 'tcp_keepalives_count')) = 3; END $$",
		"settings", &e));
	db_destroy(db);
}

static const char *add_host = "INSERT INTO host (machine_id, name) VALUES ('x', 'x')";

static int64_t count_hosts(void)
{
	PGconn *conn = PQconnectdb(pg.uri);
	PGresult *result = PQexec(conn, "SELECT count(*) FROM host");
	int64_t count = atoll(PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(conn);
	return count;
}

/* Else its second half would run alone, and be committed. */
static void a_transaction_is_never_continued_on_another_connection(void **state)
{
	(void)state;
	struct db *db = connection();
	struct err e;
	assert_true(db_begin(db, &e));
	pg_kill(&pg);
	pg_run(&pg);
	assert_false(db_script(db, add_host, "test", &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_false(db_script(db, add_host, "test", &e));
	assert_false(db_commit(db, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_int_equal(count_hosts(), 0);
	/* After it, all is well again. */
	assert_true(db_begin(db, &e));
	assert_true(db_script(db, add_host, "test", &e));
	db_rollback(db);
	assert_int_equal(count_hosts(), 0);
	db_destroy(db);
}

static void a_failed_transaction_does_not_commit(void **state)
{
	(void)state;
	struct db *db = connection();
	struct err e;
	assert_true(db_begin(db, &e));
	assert_true(db_script(db, add_host, "test", &e));
	assert_false(db_script(db, add_host, "test", &e));
	assert_int_equal(e.kind, ERR_INPUT); /* a duplicate is the data's fault */
	assert_null(strstr(e.text, "INSERT"));
	assert_false(db_commit(db, &e));
	assert_int_equal(count_hosts(), 0);
	db_destroy(db);
}

static void errors_say_whether_to_try_again(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		enum err_kind kind;
	} cases[] = {
		{"SELECT 1/0", ERR_INPUT},
		{"SELECT 'x'::int", ERR_INPUT},
		{"INSERT INTO stream (agent_id, epoch) VALUES (-1, 1)", ERR_INPUT},
		{"SELECT * FROM missing", ERR_IO},
		{"SET statement_timeout = 50; SELECT pg_sleep(5)", ERR_IO},
	};
	struct db *db = connection();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e = {0};
		assert_false(db_script(db, cases[i].script, "test", &e));
		if (e.kind != cases[i].kind)
			fail_msg("%s: %s", cases[i].script, e.text);
	}
	db_destroy(db);
}

static void a_copy_that_is_refused_leaves_the_connection_usable(void **state)
{
	(void)state;
	struct db *db = connection();
	struct err e;
	struct buf bytes = {0};
	buf_text(&bytes, "this is no binary COPY");
	assert_false(db_copy_in(db, "host_sample (host_id, at)", &bytes, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_int_equal(count_agents(db), 0);
	buf_finish(&bytes);
	db_destroy(db);
}

static void a_notification_arrives_and_none_is_missed(void **state)
{
	(void)state;
	struct db *listener = connection(), *speaker = connection();
	struct err e;
	char *payload;
	assert_true(db_listen(listener, "keys", &e));
	int64_t before = clock_mono_ms();
	assert_true(db_wait(listener, 100, &arena, &payload, &e));
	assert_null(payload);
	assert_true(clock_mono_ms() - before >= 90);
	assert_true(db_notify(speaker, "keys", "one", &e));
	assert_true(db_notify(speaker, "keys", "two's", &e));
	assert_true(db_wait(listener, 5000, &arena, &payload, &e));
	assert_string_equal(payload, "one");
	assert_true(db_wait(listener, 5000, &arena, &payload, &e));
	assert_string_equal(payload, "two's");

	/* Across a crash: listening again, and told that something may be missing. */
	pg_kill(&pg);
	assert_false(db_wait(listener, 100, &arena, &payload, &e));
	pg_run(&pg);
	assert_true(db_wait(listener, 1000, &arena, &payload, &e));
	assert_string_equal(payload, "resync");
	assert_true(db_notify(speaker, "keys", "three", &e));
	assert_true(db_wait(listener, 5000, &arena, &payload, &e));
	assert_string_equal(payload, "three");
	db_destroy(listener);
	db_destroy(speaker);
}

static void *give_later(void *argument)
{
	void **pair = argument;
	usleep(100000);
	pool_give(pair[0], pair[1]);
	return NULL;
}

static void a_pool_lends_so_many_and_no_more(void **state)
{
	(void)state;
	struct err e;
	struct pool *pool = pool_create(
		&(struct db_options){.uri = pg.uri, .application_name = "pool"}, 2);
	struct db *one = pool_take(pool, 0, &e), *two = pool_take(pool, 0, &e);
	assert_non_null(one);
	assert_non_null(two);
	assert_null(pool_take(pool, 50, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	/* Who waits gets the next that is given back. */
	void *pair[] = {pool, one};
	pthread_t thread;
	pthread_create(&thread, NULL, give_later, pair);
	assert_ptr_equal(pool_take(pool, 5000, &e), one);
	pthread_join(thread, NULL);
	/* A transaction that was left open does not go to the next borrower. */
	assert_true(db_begin(one, &e));
	pool_give(pool, one);
	one = pool_take(pool, 0, &e);
	assert_true(db_begin(one, &e));
	pool_give(pool, one);
	pool_give(pool, two);
	pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_what_postgresql_reads),
		cmocka_unit_test(columns_are_read_by_name),
		cmocka_unit_test(times_at_the_edges_are_read),
		cmocka_unit_test(an_idle_connection_mends_itself),
		cmocka_unit_test(a_machine_that_is_gone_holds_no_locks),
		cmocka_unit_test(
			a_transaction_is_never_continued_on_another_connection),
		cmocka_unit_test(a_failed_transaction_does_not_commit),
		cmocka_unit_test(errors_say_whether_to_try_again),
		cmocka_unit_test(a_copy_that_is_refused_leaves_the_connection_usable),
		cmocka_unit_test(a_notification_arrives_and_none_is_missed),
		cmocka_unit_test(a_pool_lends_so_many_and_no_more),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
