/* Names become integers, once each, however many servers ask. */
#include "server/store/hosts.h"
#include "server/store/migrate.h"
#include "server/store/registry.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

enum { PROCESSES = 60 };

static struct pg pg;
static struct wire_process processes[PROCESSES];
static char services[PROCESSES][32];

static int64_t ask(const char *sql)
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

static int start(void **state)
{
	(void)state;
	struct err e;
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	ask("INSERT INTO host (machine_id, name) VALUES ('m1', 'h'), ('m2', 'h')");
	for (int i = 0; i < PROCESSES; i++) {
		snprintf(services[i], sizeof services[i], "service \"%d\", \\{%d}",
			i / 3, i / 3);
		processes[i] = (struct wire_process){.service = services[i],
			.version = i % 2 ? "1.0" : "",
			.runtime = "node",
			.rule = "r",
			.command = "c",
			.slot = (uint32_t)i % 3,
			.pid = (uint32_t)i + 1,
			.started_unix_ms = 1700000000000,
			.start_ticks = 5};
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_stop(&pg);
	return 0;
}

static int empty(void **state)
{
	(void)state;
	ask("SET client_min_messages = warning; "
	    "ALTER TABLE audit DISABLE TRIGGER audit_keep; "
	    "TRUNCATE generation, slot, fingerprint, service CASCADE; "
	    "ALTER TABLE audit ENABLE TRIGGER audit_keep");
	return 0;
}

static struct db *connection(void)
{
	return db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "registry test"});
}

static void want_all(struct registry_want *wants, int32_t host_id, int64_t seen_ms)
{
	for (int i = 0; i < PROCESSES; i++)
		wants[i] = (struct registry_want){.host_id = host_id,
			.boot_id = "boot",
			.process = &processes[i],
			.seen_ms = seen_ms};
}

struct server {
	pthread_t thread;
	int32_t ids[PROCESSES];
	bool ok;
	struct err e;
};

static void *resolve(void *argument)
{
	struct server *s = argument;
	struct registry *r = registry_create();
	struct db *db = connection();
	struct arena a;
	struct registry_want wants[PROCESSES];
	arena_init(&a);
	want_all(wants, 1, 1700000001000);
	for (int attempt = 0; attempt < 20 && !s->ok; attempt++) {
		s->ok = db_begin(db, &s->e) &&
			registry_resolve(r, db, wants, PROCESSES, 0, &a, &s->e) &&
			db_commit(db, &s->e);
		if (!s->ok) {
			db_rollback(db);
			registry_forget(r);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		s->ids[i] = wants[i].generation_id;
	db_destroy(db);
	registry_destroy(r);
	arena_finish(&a);
	return NULL;
}

static void servers_at_the_same_time_agree(void **state)
{
	(void)state;
	struct server servers[4] = {0};
	for (int i = 0; i < 4; i++)
		pthread_create(&servers[i].thread, NULL, resolve, &servers[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(servers[i].thread, NULL);
	for (int i = 0; i < 4; i++) {
		if (!servers[i].ok)
			fail_msg("%s", servers[i].e.text);
		assert_memory_equal(
			servers[i].ids, servers[0].ids, sizeof servers[0].ids);
	}
	assert_int_equal(ask("SELECT count(*) FROM generation"), PROCESSES);
	assert_int_equal(ask("SELECT count(*) FROM slot"), PROCESSES);
	assert_int_equal(ask("SELECT count(*) FROM service"), PROCESSES / 3);
	assert_int_equal(ask("SELECT count(*) FROM fingerprint"), 2 * PROCESSES / 3);
	/* Each life is in the seat and the version that it said. */
	assert_int_equal(
		ask("SELECT count(*) FROM generation g JOIN slot s ON s.id = slot_id "
		    "JOIN fingerprint f ON f.id = fingerprint_id JOIN service v ON "
		    "v.id = s.service_id AND v.id = f.service_id WHERE s.ordinal = "
		    "(g.pid - 1) % 3 AND f.version = CASE WHEN g.pid % 2 = 0 THEN "
		    "'1.0' ELSE '' END AND v.name = format('service \"%s\", \\{%s}', "
		    "(g.pid - 1) / 3, (g.pid - 1) / 3)"),
		PROCESSES);
}

static void what_was_rolled_back_is_made_again(void **state)
{
	(void)state;
	struct registry *r = registry_create();
	struct db *db = connection();
	struct arena a;
	struct err e;
	struct registry_want wants[PROCESSES];
	arena_init(&a);
	want_all(wants, 1, 1700000001000);
	assert_true(db_begin(db, &e));
	assert_true(registry_resolve(r, db, wants, PROCESSES, 0, &a, &e));
	db_rollback(db);
	registry_forget(r);
	assert_int_equal(ask("SELECT count(*) FROM generation"), 0);
	assert_true(db_begin(db, &e));
	assert_true(registry_resolve(r, db, wants, PROCESSES, 0, &a, &e));
	assert_true(db_commit(db, &e));
	assert_int_equal(ask("SELECT count(*) FROM generation"), PROCESSES);
	db_destroy(db);
	registry_destroy(r);
	arena_finish(&a);
}

static int64_t place_of_life(void)
{
	return ask(
		"SELECT substring(s.name FROM 'place ([0-9])') FROM generation g JOIN "
		"slot ON slot.id = g.slot_id JOIN service s ON s.id = slot.service_id");
}

/* Rules change; a batch that waited for its receipt comes again. */
static void a_life_goes_where_it_was_last_said_to_be(void **state)
{
	(void)state;
	struct registry *r = registry_create();
	struct db *db = connection();
	struct arena a;
	struct err e;
	struct wire_process at[3];
	struct registry_want wants[8];
	static const int rounds[][8] = {
		{1}, {2}, {1}, {1, 2}, {2, 1}, {1, 2, 1, 2}, {2, 1}, {2, 1, 1, 2}, {1}};
	arena_init(&a);
	for (int i = 1; i <= 2; i++) {
		at[i] = processes[0];
		at[i].service = i == 1 ? "place 1" : "place 2";
	}
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
		size_t count = 0;
		for (; rounds[i][count]; count++)
			wants[count] = (struct registry_want){.host_id = 2,
				.boot_id = "boot",
				.process = &at[rounds[i][count]],
				.seen_ms = 1700000010000};
		if (!registry_resolve(r, db, wants, count, 0, &a, &e))
			fail_msg("%s", e.text);
		assert_int_equal(place_of_life(), rounds[i][count - 1]);
		for (size_t j = 0; j < count; j++)
			assert_int_equal(
				wants[j].generation_id, wants[0].generation_id);
	}
	assert_int_equal(ask("SELECT count(*) FROM generation"), 1);
	db_destroy(db);
	registry_destroy(r);
	arena_finish(&a);
}

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* Resolves lives of one service; NULL ends the list. */
static void resolve_lives(struct registry *r, struct db *db,
	const struct wire_process *const *lives, int64_t seen)
{
	struct registry_want wants[4];
	struct arena a;
	struct err e;
	size_t count = 0;
	arena_init(&a);
	for (; lives[count]; count++)
		wants[count] = (struct registry_want){.host_id = 1,
			.boot_id = "boot",
			.process = lives[count],
			.seen_ms = seen};
	if (!registry_resolve(r, db, wants, count, 0, &a, &e))
		fail_msg("%s", e.text);
	arena_finish(&a);
}

static int64_t lives_of(const char *hash)
{
	char sql[300];
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM generation g JOIN fingerprint f ON f.id = "
		"g.fingerprint_id WHERE f.hash = '%s'",
		hash);
	return ask(sql);
}

static const int64_t start_ms = INT64_C(1700000000000);

/* The scout needs a moment to read what a process consists of, and others speak of the
 * process without knowing it. */
static void what_a_life_consists_of_is_learnt_and_kept(void **state)
{
	(void)state;
	struct registry *r = registry_create();
	struct db *db = connection();
	struct wire_process silent = processes[1], told = silent;
	told.fingerprint = HASH_A;
	const struct wire_process *const rounds[][4] = {{&silent}, {&told}, {&silent},
		{&told, &silent}, {&silent, &told}, {&silent, &silent}};
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
		resolve_lives(r, db, rounds[i], start_ms + 1000);
		assert_int_equal(lives_of(HASH_A), i > 0);
		assert_int_equal(lives_of(""), i == 0);
		if (i == 2)
			registry_forget(r); /* as after a restart of the server */
	}
	registry_forget(r);
	resolve_lives(r, db, rounds[0], start_ms + 1000);
	assert_int_equal(lives_of(HASH_A), 1);
	/* What it was changes where another life says so. */
	told.fingerprint = HASH_B;
	resolve_lives(r, db, rounds[1], start_ms + 1000);
	assert_int_equal(lives_of(HASH_B), 1);
	assert_int_equal(lives_of(HASH_A), 0);
	assert_int_equal(ask("SELECT count(*) FROM deploy"), 0);
	db_destroy(db);
	registry_destroy(r);
}

static int64_t deploys(void)
{
	return ask("SELECT count(*) FROM deploy WHERE origin = 'seen' AND kind = "
		   "'deploy'");
}

static void a_new_version_of_a_known_service_is_a_deploy(void **state)
{
	(void)state;
	struct registry *r = registry_create();
	struct db *db = connection();
	int64_t seen = start_ms + 60000;
	struct wire_process first = processes[1], other = first, next = first,
			    named = first, again = first;
	first.fingerprint = HASH_A;
	resolve_lives(r, db, (const struct wire_process *const[]){&first, NULL}, seen);
	assert_int_equal(deploys(), 0); /* the first there is */
	/* It ran before the other one was seen: it differs, but nobody changed it. */
	other.pid = 1001;
	other.fingerprint = HASH_B;
	resolve_lives(r, db, (const struct wire_process *const[]){&other, NULL}, seen);
	assert_int_equal(deploys(), 0);
	/* The same version again, of which it is not known yet what it consists of. */
	again.pid = 1002;
	again.started_unix_ms = seen + 1000;
	resolve_lives(
		r, db, (const struct wire_process *const[]){&again, NULL}, seen + 2000);
	assert_int_equal(deploys(), 0);
	again.fingerprint = HASH_A;
	resolve_lives(
		r, db, (const struct wire_process *const[]){&again, NULL}, seen + 3000);
	assert_int_equal(deploys(), 0);
	/* The same version with other packages. */
	next.pid = 1003;
	next.started_unix_ms = seen + 10000;
	next.fingerprint = "cccccccccccccccccccccccccccccccc";
	for (int i = 0; i < 2; i++) {
		resolve_lives(r, db, (const struct wire_process *const[]){&next, NULL},
			seen + 11000);
		assert_int_equal(deploys(), 1);
		registry_forget(r);
	}
	assert_int_equal(ask("SELECT (extract(epoch FROM at) * 1000)::int8 - "
			     "1700000070000 FROM deploy"),
		0);
	/* Another version; what it consists of comes later, and the mark goes with it.
	 */
	named.pid = 1004;
	named.version = "2.0";
	named.started_unix_ms = seen + 20000;
	resolve_lives(r, db, (const struct wire_process *const[]){&named, NULL},
		seen + 21000);
	assert_int_equal(deploys(), 2);
	named.fingerprint = "dddddddddddddddddddddddddddddddd";
	resolve_lives(r, db, (const struct wire_process *const[]){&named, NULL},
		seen + 22000);
	assert_int_equal(deploys(), 2);
	assert_int_equal(ask("SELECT count(*) FROM deploy d JOIN fingerprint f ON f.id "
			     "= d.fingerprint_id WHERE d.version = '2.0' AND f.hash <> "
			     "''"),
		1);
	db_destroy(db);
	registry_destroy(r);
}

static void resolve_life(struct registry *r, struct db *db, struct wire_process process,
	const char *hash, int after_s)
{
	process.pid = 2000 + after_s;
	process.fingerprint = hash;
	process.started_unix_ms = start_ms + after_s * INT64_C(1000);
	resolve_lives(r, db, (const struct wire_process *const[]){&process, NULL},
		process.started_unix_ms + 500);
}

static void a_version_that_comes_back_is_a_deploy(void **state)
{
	(void)state;
	struct registry *r = registry_create();
	struct db *db = connection();
	struct wire_process seat = processes[1], other = seat;
	other.slot = seat.slot + 1;
	resolve_life(r, db, seat, HASH_A, 100);
	resolve_life(r, db, other, HASH_A, 110);
	resolve_life(r, db, seat, HASH_B, 200);
	resolve_life(r, db, other, HASH_B, 210);
	assert_int_equal(deploys(), 1);
	/* Back: a process at a time, and each tells a little later what it consists of.
	 */
	resolve_life(r, db, seat, "", 300);
	assert_int_equal(deploys(), 1);
	resolve_life(r, db, seat, HASH_A, 300);
	assert_int_equal(deploys(), 2);
	resolve_life(r, db, other, HASH_A, 310);
	registry_forget(r);
	resolve_life(r, db, seat, HASH_A, 300);
	resolve_life(r, db, other, HASH_A, 320);
	assert_int_equal(deploys(), 2);
	/* A seat that lags behind says nothing new of the others. */
	resolve_life(r, db, seat, HASH_B, 400);
	assert_int_equal(deploys(), 3);
	resolve_life(r, db, seat, HASH_B, 410);
	resolve_life(r, db, other, HASH_B, 420);
	assert_int_equal(deploys(), 3);
	/* To and fro without end is not told without end. */
	for (int i = 0; i < 60; i++)
		resolve_life(r, db, seat, i % 2 ? HASH_B : HASH_A, 500 + 10 * i);
	assert_int_equal(deploys(), 24);
	assert_int_equal(
		ask("SELECT count(*) FROM deploy WHERE note = 'ran before'"), 23);
	db_destroy(db);
	registry_destroy(r);
}

static int64_t seen_ms(void)
{
	return ask("SELECT (extract(epoch FROM max(last_sample_at)) * 1000)::int8 "
		   "FROM generation");
}

static void a_life_is_told_of_its_newest_sample_now_and_then(void **state)
{
	(void)state;
	struct registry *r = registry_create();
	struct db *db = connection();
	struct arena a;
	struct err e;
	struct registry_want want = {.host_id = 2,
		.boot_id = "boot",
		.process = &processes[0],
		.seen_ms = 1700000010000};
	arena_init(&a);
	assert_true(registry_resolve(r, db, &want, 1, 1000, &a, &e));
	assert_true(seen_ms() == 1700000010000);
	want.seen_ms += 10000;
	assert_true(
		registry_resolve(r, db, &want, 1, 1000 + REGISTRY_SEEN_MS - 1, &a, &e));
	assert_true(seen_ms() == 1700000010000);
	/* Late data does not move it back, and what was seen meanwhile is not lost. */
	want.seen_ms = 1700000005000;
	int64_t due_ms = 1000 + REGISTRY_SEEN_MS;
	assert_true(registry_resolve(r, db, &want, 1, due_ms, &a, &e));
	/* Those that are due are told together. */
	assert_true(seen_ms() == 1700000010000);
	assert_true(
		registry_resolve(r, db, &want, 1, due_ms + REGISTRY_GATHER_MS, &a, &e));
	assert_true(seen_ms() == 1700000020000);
	/* What another server made is told soon. */
	registry_forget(r);
	want.seen_ms = 1700000030000;
	assert_true(registry_resolve(r, db, &want, 1, due_ms, &a, &e));
	assert_true(
		registry_resolve(r, db, &want, 1, due_ms + REGISTRY_GATHER_MS, &a, &e));
	assert_true(seen_ms() == 1700000030000);
	db_destroy(db);
	registry_destroy(r);
	arena_finish(&a);
}

static void a_host_is_written_when_it_says_something_new(void **state)
{
	(void)state;
	struct hosts *h = hosts_create();
	struct db *db = connection();
	struct arena a;
	struct err e;
	struct wire_batch first = {.hostname = "one",
				  .kernel = "k",
				  .cpus = 2,
				  .interval_ms = 10000},
			  second = first;
	second.hostname = "two";
	arena_init(&a);
	/* In one round the last word counts. */
	struct hosts_word words[] = {{1, &first}, {2, &first}, {1, &second}};
	assert_true(hosts_put(h, db, words, 3, &a, &e));
	assert_int_equal(
		ask("SELECT count(*) FROM host WHERE name = 'two' AND id = 1"), 1);
	assert_int_equal(
		ask("SELECT count(*) FROM host WHERE name = 'one' AND id = 2"), 1);
	/* What is known is not written again, and what changes back is. */
	ask("UPDATE host SET kernel = 'touched'");
	assert_true(hosts_put(h, db, &words[2], 1, &a, &e));
	assert_int_equal(ask("SELECT count(*) FROM host WHERE kernel = 'touched'"), 2);
	assert_true(hosts_put(h, db, &words[0], 1, &a, &e));
	assert_int_equal(
		ask("SELECT count(*) FROM host WHERE name = 'one' AND id = 1"), 1);
	db_destroy(db);
	hosts_destroy(h);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(servers_at_the_same_time_agree, empty),
		cmocka_unit_test_setup(what_was_rolled_back_is_made_again, empty),
		cmocka_unit_test_setup(
			a_life_is_told_of_its_newest_sample_now_and_then, empty),
		cmocka_unit_test_setup(a_life_goes_where_it_was_last_said_to_be, empty),
		cmocka_unit_test_setup(
			what_a_life_consists_of_is_learnt_and_kept, empty),
		cmocka_unit_test_setup(
			a_new_version_of_a_known_service_is_a_deploy, empty),
		cmocka_unit_test_setup(a_version_that_comes_back_is_a_deploy, empty),
		cmocka_unit_test(a_host_is_written_when_it_says_something_new),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
