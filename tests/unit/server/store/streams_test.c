/* What is stored of a spool: the set of sequences, in memory and in its row. */
#include "server/store/migrate.h"
#include "server/store/streams.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>
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

static void check(const struct streams_stream *s, const char *expected)
{
	char text[400] = "";
	for (size_t i = 0; i < s->range_count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%llu-%llu ",
			(unsigned long long)s->ranges[i].from,
			(unsigned long long)s->ranges[i].to);
	assert_string_equal(text, expected);
}

static void ranges_melt_together(void **state)
{
	(void)state;
	struct streams_stream s = {.arena = &arena};
	streams_add(&s, 5, 6);
	streams_add(&s, 7, 8);
	check(&s, "5-6 7-8 ");
	streams_add(&s, 6, 7);
	check(&s, "5-8 ");
	streams_add(&s, 1, 2);
	streams_add(&s, 20, 30);
	streams_add(&s, 10, 12);
	check(&s, "1-2 5-8 10-12 20-30 ");
	streams_add(&s, 4, 25);
	check(&s, "1-2 4-30 ");
	streams_add(&s, 2, 4);
	check(&s, "1-30 ");
	s.changed = false;
	streams_add(&s, 3, 9);
	streams_add(&s, 9, 9);
	assert_false(s.changed);
	check(&s, "1-30 ");
}

/* The same as a plain array of marks, for many random additions. */
static void ranges_are_a_set(void **state)
{
	(void)state;
	enum { SPAN = 120 };
	unsigned seed = 7;
	for (int round = 0; round < 200; round++) {
		struct streams_stream s = {.arena = &arena};
		bool marks[SPAN + 12] = {false};
		for (int i = 0; i < 40; i++) {
			uint64_t from = 1 + (uint64_t)rand_r(&seed) % SPAN;
			uint64_t to = from + (uint64_t)rand_r(&seed) % 4;
			streams_add(&s, from, to);
			for (uint64_t n = from; n < to; n++)
				marks[n] = true;
			for (uint64_t n = 1; n < SPAN + 8; n++)
				assert_true(streams_has(&s, n) == marks[n]);
		}
		for (size_t i = 1; i < s.range_count; i++)
			assert_true(s.ranges[i - 1].to < s.ranges[i].from);
		arena_reset(&arena);
	}
}

static void run(const char *sql)
{
	PGconn *conn = PQconnectdb(pg.uri);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
}

static void streams_come_back_as_they_were_saved(void **state)
{
	(void)state;
	struct err e;
	run("INSERT INTO host (machine_id, name) VALUES ('m1', 'h'), ('m2', 'h');"
	    "INSERT INTO agent (public_key, host_id) SELECT sha256(machine_id::bytea), "
	    "id "
	    "FROM host ORDER BY id;"
	    "UPDATE agent SET revoked_at = now() WHERE id = 2");
	struct db *db = db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "streams test"});
	for (int round = 0; round < 3; round++) {
		/* An epoch of 64 bits is negative in its column, so it comes first. */
		struct streams_stream streams[] = {
			{.agent_id = 1, .epoch = UINT64_MAX - 5},
			{.agent_id = 1, .epoch = 9}, {.agent_id = 2, .epoch = 9},
			{.agent_id = 3, .epoch = 9}};
		assert_true(db_begin(db, &e));
		if (!streams_claim(db, streams, 4, &arena, &e))
			fail_msg("%s", e.text);
		assert_true(streams[0].known && streams[1].known && streams[2].known);
		assert_true(streams[2].revoked && !streams[1].revoked);
		assert_false(streams[3].known);
		assert_int_equal(streams[2].host_id, 2);
		assert_string_equal(streams[0].machine_id, "m1");
		static const char *const expected[] = {"", "1-2 4-5 ", "1-2 4-6 "};
		check(&streams[0], expected[round]);
		check(&streams[1], "");
		streams_add(&streams[0], 1, 2);
		streams_add(&streams[0], 4, (uint64_t)(5 + round));
		assert_true(streams_save(db, streams, 4, &arena, &e));
		assert_true(db_commit(db, &e));
	}
	struct streams_stream big[] = {{.agent_id = 1, .epoch = 10}};
	for (int round = 0; round < 2; round++) {
		assert_true(db_begin(db, &e));
		assert_true(streams_claim(db, big, 1, &arena, &e));
		streams_add(&big[0], STREAMS_SEQUENCE_MAX, STREAMS_SEQUENCE_MAX + 1);
		if (!streams_save(db, big, 1, &arena, &e) || !db_commit(db, &e))
			fail_msg("%s", e.text);
		assert_true(streams_has(&big[0], STREAMS_SEQUENCE_MAX));
		assert_int_equal(big[0].range_count, 1);
		big[0] = (struct streams_stream){.agent_id = 1, .epoch = 10};
	}
	db_destroy(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_melt_together),
		cmocka_unit_test(ranges_are_a_set),
		cmocka_unit_test(streams_come_back_as_they_were_saved),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
