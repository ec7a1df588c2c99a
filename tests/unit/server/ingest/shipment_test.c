/* Readings whose place is another database: they are there once, whatever fails between
 * the two, and wait while it is away. */
#include "server/store/shards.h"
#include "tests/unit/server/ingest/fixture.h"

static struct pg far;

static int64_t ask_far(const char *sql)
{
	struct pg near = pg;
	pg = far;
	int64_t value = ask(sql);
	pg = near;
	return value;
}

static int64_t far_rows(int64_t agent)
{
	char sql[200];
	int64_t host = ask_of("SELECT host_id FROM agent WHERE id = %lld", agent);
	/* Generations are rows of the main database. */
	int64_t first = ask_of(
		"SELECT min(id) FROM generation WHERE host_id = %lld", host);
	int64_t last = ask_of(
		"SELECT max(id) FROM generation WHERE host_id = %lld", host);
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM sample WHERE generation_id BETWEEN %lld AND %lld",
		(long long)first, (long long)last);
	return ask_far(sql);
}

static void place(const char *uri, int64_t since_ms)
{
	struct err e;
	const char *name;
	struct shards_placing placing = {0, 255, uri, "far", since_ms};
	must(shards_place(db, &placing, &arena, &name, &e), &e);
}

static int start_both(void **state)
{
	struct err e;
	pg_start(&far);
	start(state);
	must(migrate_run(far.uri, NULL, &e), &e);
	place(far.uri, 0);
	return 0;
}

static int stop_both(void **state)
{
	stop(state);
	pg_stop(&far);
	return 0;
}

static void readings_are_there_and_all_else_is_here(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	assert_int_equal(upload(&p, 1, 1).fate, WIRE_STORED);
	assert_int_equal(far_rows(agent), 6);
	assert_int_equal(ask_far("SELECT count(*) FROM host_sample"), 2);
	assert_int_equal(ask_far("SELECT count(*) FROM generation"), 0);
	assert_int_equal(ask("SELECT count(*) FROM sample"), 0);
	assert_int_equal(ask("SELECT count(*) FROM host_sample"), 0);
	assert_int_equal(ask_of("SELECT count(*) FROM stream WHERE agent_id = %lld AND "
				"stored @> 1::int8",
				 agent),
		1);
	assert_int_equal(ask_far("SELECT count(*) FROM shard_ledger"), 1);
	assert_int_equal(upload(&p, 1, 1).fate, WIRE_REPEATED);
	assert_int_equal(far_rows(agent), 6);
	struct ingest_counters counters;
	ingest_counters(&counters);
	assert_int_equal(counters.process_samples, 6);
	assert_int_equal(counters.host_samples, 2);
	peer_finish(&p);
}

/* The shard has taken it, and the main database fails. */
static void what_the_shard_has_is_not_written_again(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct wire_batch batch = usual_batch(&p);
	ask("CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
	    "RAISE "
	    "insufficient_resources; END $$");
	ask("CREATE TRIGGER fails BEFORE UPDATE ON stream FOR EACH ROW EXECUTE "
	    "FUNCTION "
	    "fails()");
	assert_int_equal(upload_batch(&p, &batch, 2, 1).fate, WIRE_HELD);
	assert_int_equal(far_rows(agent), 6);
	ask("DROP TRIGGER fails ON stream");
	assert_int_equal(upload_batch(&p, &batch, 2, 1).fate, WIRE_STORED);
	assert_int_equal(upload_batch(&p, &batch, 2, 2).fate, WIRE_STORED);
	assert_int_equal(far_rows(agent), 12);
	assert_int_equal(
		ask_of("SELECT stored_batches FROM agent WHERE id = %lld", agent), 2);
	peer_finish(&p);
}

static int64_t bound_ms;

static struct wire_batch ticks_from(struct peer *p, int64_t from_ms)
{
	return peer_batch(p,
		&(struct peer_shape){.processes = 3,
			.ticks = 2,
			.at_unix_ms = from_ms,
			.step_ms = 10000,
			.first_pid = 100},
		&arena);
}

/* As after midnight, with a spool that is older. */
static void a_batch_of_two_places_is_in_both(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	bound_ms = clock_unix_ms() - 60000;
	place("", bound_ms);
	usleep(5500000); /* the ingest looks every few seconds */
	struct wire_batch batch = ticks_from(&p, bound_ms - 10000);
	assert_int_equal(upload_batch(&p, &batch, 3, 1).fate, WIRE_STORED);
	assert_int_equal(upload_batch(&p, &batch, 3, 1).fate, WIRE_REPEATED);
	assert_int_equal(far_rows(agent), 3);
	assert_int_equal(process_rows(agent), 3);
	peer_finish(&p);
}

static void who_needs_a_shard_that_is_away_waits(void **state)
{
	(void)state;
	struct peer p, q;
	int64_t agent = enrolled(&p), other = enrolled(&q);
	struct wire_batch old = ticks_from(&p, bound_ms - 30000);
	struct wire_batch young = ticks_from(&q, bound_ms + 1000);
	pg_stop(&far);
	struct wire_receipt receipt = upload_batch(&p, &old, 4, 1);
	assert_int_equal(receipt.fate, WIRE_HELD);
	assert_string_equal(
		receipt.reason, "the database of this host's readings is away");
	assert_int_equal(upload_batch(&q, &young, 4, 1).fate, WIRE_STORED);
	assert_int_equal(process_rows(other), 6);
	assert_int_equal(ask_of("SELECT count(*) FROM stream WHERE agent_id = %lld AND "
				"stored @> 1::int8",
				 agent),
		0);
	pg_start(&far); /* for the end: an empty one */
	peer_finish(&p);
	peer_finish(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_are_there_and_all_else_is_here),
		cmocka_unit_test(what_the_shard_has_is_not_written_again),
		cmocka_unit_test(a_batch_of_two_places_is_in_both),
		cmocka_unit_test(who_needs_a_shard_that_is_away_waits),
	};
	return cmocka_run_group_tests(tests, start_both, stop_both);
}
