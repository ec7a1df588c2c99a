/* The compactor is killed at each place between two statements, by name, and at random
 * moments while readings come; nothing is lost and nothing is twice. */
#include "common/clock.h"
#include "server/compact/compact.h"
#include "server/compact/verify.h"
#include "server/compact/work.h"
#include "server/store/migrate.h"
#include "server/store/storage.h"
#include "tests/support/pg.h"
#include "tests/support/readings.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/* 2026-11-22 00:00 UTC. */
#define DAY0 INT64_C(1795305600000)
#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

static struct pg pg;
static char uri[160];
static struct readings readings;

static int start(void **state)
{
	(void)state;
	struct err e;
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
	return 0;
}

static int fresh(void **state)
{
	(void)state;
	readings_database(&pg, uri, sizeof uri);
	readings_init(&readings, uri, 3, 2, 1);
	return 0;
}

static int done(void **state)
{
	(void)state;
	readings_finish(&readings);
	return 0;
}

/* In the child: at which place, and at which call of it, the end comes. */
static char fault_place[80];
static int fault_left;
static int fault_fd; /* every place that is passed is written here */

static void fault(const char *place)
{
	dprintf(fault_fd, "%s\n", place);
	if (strcmp(place, fault_place) == 0 && fault_left-- == 0)
		kill(getpid(), SIGKILL);
}

/* All that is due, in a process of its own.  False: it was killed. */
static bool move_all(int64_t to_ms, size_t pass_bytes)
{
	pid_t child = fork();
	BUG_ON(child < 0);
	if (child == 0) {
		struct err e = {0};
		struct db *db = db_create(&(struct db_options){
			.uri = uri, .application_name = "storage"});
		struct work work = {
			.step = {.main = db, .readings = db, .pass_bytes = pass_bytes},
			.raw_retention_ms = DAY * 36500,
			.rollup_retention_ms = DAY * 36500};
		bool leads = false;
		step_fault = fault;
		bool ok = false;
		/* Who was killed may still have its session for a moment. */
		for (int i = 0; i < 500 && !leads; i++, usleep(10000))
			if (!storage_lead(db, &leads, &e))
				break;
		ok = leads && storage_close(db, to_ms, &e) &&
		     work_windows(&work, 0, &e) && work_seal(&work, DAY0 + DAY, &e) &&
		     work_merge(&work, &e) && work_expire(&work, &e);
		if (!ok)
			fprintf(stderr, "%s\n", e.text);
		_exit(ok ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return !WIFSIGNALED(status);
}

static void all_is_well(void)
{
	struct verify_counts counts;
	struct err e;
	assert_int_equal(readings_wrong(&readings), 0);
	if (!verify_run(readings.db, 0, NULL, NULL, &counts, &e))
		fail_msg("%s", e.text);
	assert_int_equal(counts.damaged, 0);
}

static void put_late(int64_t at_ms)
{
	struct err e;
	struct readings_row rows[2] = {readings_make(&readings.seed, 1, at_ms),
		readings_make(&readings.seed, -1, at_ms)};
	if (!readings_write(&readings, readings.db, rows, 2, &e))
		fail_msg("%s", e.text);
}

/* Readings of a quarter of an hour around midnight. */
static void prepare(void)
{
	readings_fill(&readings, DAY0 + DAY - HOUR / 6, DAY0 + DAY + HOUR / 12, 100000);
}

static int64_t ask(const char *sql)
{
	PGconn *conn = PQconnectdb(uri);
	PGresult *result = PQexec(conn, sql);
	int64_t value = PQntuples(result) ? atoll(PQgetvalue(result, 0, 0)) : -1;
	PQclear(result);
	PQfinish(conn);
	return value;
}

static void killed_at_each_place_nothing_is_lost_or_twice(void **state)
{
	(void)state;
	/* One run that is not killed tells the places, and what comes out. */
	char log[] = "/tmp/tidemark-places-XXXXXX", line[80];
	static char places[64][80];
	int count = 0;
	fault_fd = mkstemp(log);
	prepare();
	assert_true(move_all(DAY0 + DAY + HOUR / 12, 4000));
	put_late(DAY0 + DAY - HOUR / 7 + 777);
	assert_true(move_all(DAY0 + DAY + HOUR / 12, 4000));
	all_is_well();
	int64_t expected = ask(
		"SELECT hashtext(string_agg(t, '|' ORDER BY t)) FROM "
		"(SELECT chunk::text AS t FROM chunk UNION ALL SELECT "
		"slot_rollup::text FROM slot_rollup UNION ALL SELECT (at, "
		"step_s, service_id, fingerprint_id, metric, n, sum, high, "
		"sketch)::text FROM version_rollup) r");
	FILE *file = fopen(log, "re");
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		int i = 0;
		while (i < count && strcmp(places[i], line) != 0)
			i++;
		if (i == count && count < 64)
			strcpy(places[count++], line);
	}
	fclose(file);
	unlink(log);
	assert_true(count >= 9);
	for (int i = 0; i < count; i++) {
		/* Each place the first time, and the second. */
		done(NULL);
		fresh(NULL);
		prepare();
		strcpy(fault_place, places[i]);
		int kills = 0;
		for (fault_left = 0; fault_left < 2; fault_left++)
			if (!move_all(DAY0 + DAY + HOUR / 12, 4000)) {
				kills++;
				all_is_well();
			}
		fault_place[0] = 0;
		assert_true(move_all(DAY0 + DAY + HOUR / 12, 4000));
		all_is_well();
		put_late(DAY0 + DAY - HOUR / 7 + 777);
		strcpy(fault_place, places[i]);
		fault_left = 0;
		if (!move_all(DAY0 + DAY + HOUR / 12, 4000)) {
			kills++;
			all_is_well();
		}
		fault_place[0] = 0;
		assert_true(move_all(DAY0 + DAY + HOUR / 12, 4000));
		all_is_well();
		if (kills == 0)
			fail_msg("never killed at '%s'", places[i]);
		assert_int_equal(
			ask("SELECT hashtext(string_agg(t, '|' ORDER BY t)) FROM "
			    "(SELECT chunk::text AS t FROM chunk UNION ALL "
			    "SELECT slot_rollup::text FROM slot_rollup UNION ALL "
			    "SELECT (at, step_s, service_id, fingerprint_id, "
			    "metric, n, sum, high, sketch)::text FROM "
			    "version_rollup) r"),
			expected);
	}
	close(fault_fd);
}

/* Ingest by several writers, some of them behind, while compactors are killed. */
struct writer {
	pthread_t thread;
	int number;
	bool *ending;
	int64_t *newest_ms; /* of the first */
};

static void *write_on(void *argument)
{
	struct writer *w = argument;
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "ingest"});
	uint64_t seed = (uint64_t)w->number;
	struct err e;
	for (int i = 0; !__atomic_load_n(w->ending, __ATOMIC_ACQUIRE) && i < 2000;
		i++) {
		/* One is always an hour behind, one jumps about. */
		int64_t at_ms = DAY0 + DAY - HOUR / 2 + i * INT64_C(60000);
		struct readings_row rows[3];
		if (w->number == 1)
			__atomic_store_n(w->newest_ms, at_ms, __ATOMIC_RELAXED);
		if (w->number == 2)
			at_ms -= HOUR;
		if (w->number == 3)
			at_ms -= (int64_t)(readings_random(&seed) % 40) * 60000;
		for (int j = 0; j < 3; j++) {
			int32_t subject = 2 * (w->number - 1) + j + 1;
			rows[j] = readings_make(
				&seed, j == 2 ? -w->number : subject, at_ms + i);
		}
		if (!readings_write(&readings, db, rows, 3, &e)) {
			print_error("write: %s\n", e.text);
			_exit(1);
		}
	}
	db_destroy(db);
	return NULL;
}

static void killed_at_random_while_readings_come_nothing_is_lost(void **state)
{
	(void)state;
	struct writer writers[3];
	bool ending = false;
	int64_t newest_ms = 0;
	uint64_t seed = 11;
	readings.pause_us = 40000;
	readings_sql(&readings,
		"INSERT INTO agent (public_key, host_id, last_seen_at, "
		"last_sample_at) SELECT decode(repeat('00', 32), 'hex'), "
		"1, now() + interval '1 hour', '2026-11-22Z'");
	for (int i = 0; i < 3; i++) {
		writers[i] = (struct writer){
			.number = i + 1, .ending = &ending, .newest_ms = &newest_ms};
		pthread_create(&writers[i].thread, NULL, write_on, &writers[i]);
	}
	int64_t until_ms = clock_mono_ms() + 2500;
	while (clock_mono_ms() < until_ms) {
		/* Right into what is being written. */
		int64_t to_ms = __atomic_load_n(&newest_ms, __ATOMIC_RELAXED);
		pid_t child = fork();
		if (child == 0) {
			struct err e;
			struct db *db = db_create(&(struct db_options){
				.uri = uri, .application_name = "storage"});
			struct work work = {.step = {.main = db, .readings = db},
				.raw_retention_ms = DAY * 36500,
				.rollup_retention_ms = DAY * 36500};
			for (;; to_ms += 150000) {
				if (!storage_close(db, to_ms, &e) ||
					!work_windows(&work, 0, &e) ||
					!work_seal(&work, DAY0 + DAY, &e) ||
					!work_merge(&work, &e) ||
					!work_expire(&work, &e))
					usleep(5000);
			}
		}
		usleep((useconds_t)(20000 + readings_random(&seed) % 150000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	__atomic_store_n(&ending, true, __ATOMIC_RELEASE);
	for (int i = 0; i < 3; i++)
		pthread_join(writers[i].thread, NULL);
	all_is_well();
	/* No hot row is older than what was closed before it was written. */
	fault_place[0] = 0;
	fault_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(move_all(DAY0 + 3 * DAY, 0));
	close(fault_fd);
	all_is_well();
	assert_true(ask("SELECT count(*) FROM chunk") > 0);
	assert_true(ask("SELECT count(*) FROM segment") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			killed_at_each_place_nothing_is_lost_or_twice, fresh, done),
		cmocka_unit_test_setup_teardown(
			killed_at_random_while_readings_come_nothing_is_lost, fresh,
			done),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
