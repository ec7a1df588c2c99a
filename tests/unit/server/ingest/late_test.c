/* Readings that come after their time was closed, and whoever closes it. */
#include "server/store/samples.h"
#include "server/store/storage_lock.h"
#include "tests/unit/server/ingest/fixture.h"

#include <inttypes.h>

static int64_t rows_of(int64_t agent, const char *table)
{
	char sql[300];
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM %s s JOIN generation g ON g.id = "
		"s.generation_id JOIN agent a USING (host_id) WHERE a.id = %" PRId64,
		table, agent);
	return ask(sql);
}

static int64_t host_rows_of(int64_t agent, const char *table)
{
	char sql[300];
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM %s JOIN agent a USING (host_id) WHERE a.id = "
		"%" PRId64,
		table, agent);
	return ask(sql);
}

static void close_to(int64_t unix_ms)
{
	ask_of("UPDATE storage SET closed_to = timestamptz 'epoch' + %lld * interval "
	       "'1 ms'",
		unix_ms);
}

static int nothing_is_closed(void **state)
{
	(void)state;
	ask("UPDATE storage SET closed_to = NULL");
	return 0;
}

/* Three processes and their host, at `from_ms` and ten seconds later. */
static struct wire_batch two_ticks(struct peer *p, int64_t from_ms)
{
	return peer_batch(p,
		&(struct peer_shape){.processes = 3,
			.ticks = 2,
			.at_unix_ms = from_ms,
			.step_ms = 10000,
			.first_pid = 100},
		&arena);
}

static void nothing_is_late_before_something_was_closed(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct wire_batch batch = two_ticks(&p, clock_unix_ms() - 5 * DAY_MS);
	assert_int_equal(upload_batch(&p, &batch, 1, 1).fate, WIRE_STORED);
	assert_int_equal(rows_of(agent, "sample"), 6);
	assert_int_equal(rows_of(agent, "sample_late"), 0);
	peer_finish(&p);
}

static void each_side_of_the_bound_has_its_table(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	int64_t bound_ms = clock_unix_ms() / 300000 * 300000 - 600000;
	struct wire_batch batch = two_ticks(&p, bound_ms - 10000);
	close_to(bound_ms);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(upload_batch(&p, &batch, 2, 1).fate,
			i == 0 ? WIRE_STORED : WIRE_REPEATED);
		/* The bound itself is open. */
		assert_int_equal(rows_of(agent, "sample"), 3);
		assert_int_equal(rows_of(agent, "sample_late"), 3);
		assert_int_equal(host_rows_of(agent, "host_sample"), 1);
		assert_int_equal(host_rows_of(agent, "host_sample_late"), 1);
	}
	assert_int_equal(ask_of("SELECT count(*) FROM sample_late WHERE at >= "
				"timestamptz 'epoch' + %lld * interval '1 ms'",
				 bound_ms),
		0);
	/* Closed meanwhile: what was stored stays, and is still known. */
	close_to(bound_ms + 300000);
	assert_int_equal(upload_batch(&p, &batch, 2, 1).fate, WIRE_REPEATED);
	assert_int_equal(upload_batch(&p, &batch, 2, 2).fate, WIRE_STORED);
	assert_int_equal(rows_of(agent, "sample"), 3);
	assert_int_equal(rows_of(agent, "sample_late"), 9);
	peer_finish(&p);
}

/* Years of late data ask for no partitions of their own. */
static void late_readings_need_no_partition(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	close_to(clock_unix_ms() - 300000);
	/* From here on this ingest knows that. */
	assert_int_equal(upload(&p, 3, 1).fate, WIRE_STORED);
	int64_t before = ask("SELECT count(*) FROM pg_inherits WHERE inhparent = "
			     "'sample'::regclass");
	struct wire_batch batch = two_ticks(&p, clock_unix_ms() - 20 * DAY_MS);
	assert_int_equal(upload_batch(&p, &batch, 3, 2).fate, WIRE_STORED);
	assert_int_equal(rows_of(agent, "sample_late"), 6);
	assert_int_equal(ask("SELECT count(*) FROM pg_inherits WHERE inhparent = "
			     "'sample'::regclass"),
		before);
	peer_finish(&p);
}

/* Whoever moves the bound waits for those who write by the old one ... */
static void the_bound_stays_while_a_round_is_written(void **state)
{
	(void)state;
	struct err e;
	struct samples s = {0};
	struct db *mover = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "mover"});
	char take[100];
	snprintf(take, sizeof take,
		"SET lock_timeout = '200ms'; SELECT pg_advisory_xact_lock(%" PRId64 ")",
		STORAGE_LOCK);
	close_to(1700000000000);
	must(db_begin(db, &e), &e);
	must(samples_hold(&s, db, &e), &e);
	assert_true(s.closed_to_ms == 1700000000000);
	assert_false(db_script(mover, take, "take", &e));
	must(db_commit(db, &e), &e);
	must(db_script(mover, take, "take", &e), &e);
	samples_finish(&s);
	db_destroy(mover);
}

/* ... and a round that waits for it is written by the new one. */
static void a_round_that_waited_sees_the_new_bound(void **state)
{
	(void)state;
	struct peer p;
	struct err e;
	struct wire_receipt receipt;
	struct buf frame = {0};
	int64_t agent = enrolled(&p), at_ms = clock_unix_ms() - 60000;
	struct wire_batch batch = two_ticks(&p, at_ms);
	char text[200];
	close_to(at_ms - 300000);

	must(db_begin(db, &e), &e);
	snprintf(text, sizeof text, "SELECT pg_advisory_xact_lock(%" PRId64 ")",
		STORAGE_LOCK);
	must(db_script(db, text, "take", &e), &e);
	peer_upload(&batch, 4, 1, &frame);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	assert_false(peer_receipt(&p, &receipt, SILENCE_MS));
	snprintf(text, sizeof text,
		"UPDATE storage SET closed_to = timestamptz 'epoch' + %" PRId64
		" * interval '1 ms'",
		at_ms + 10000);
	must(db_script(db, text, "move", &e), &e);
	must(db_commit(db, &e), &e);

	assert_true(peer_receipt(&p, &receipt, WAIT_MS));
	assert_int_equal(receipt.fate, WIRE_STORED);
	assert_int_equal(rows_of(agent, "sample"), 3);
	assert_int_equal(rows_of(agent, "sample_late"), 3);
	buf_finish(&frame);
	peer_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			nothing_is_late_before_something_was_closed, nothing_is_closed),
		cmocka_unit_test(each_side_of_the_bound_has_its_table),
		cmocka_unit_test(late_readings_need_no_partition),
		cmocka_unit_test(the_bound_stays_while_a_round_is_written),
		cmocka_unit_test(a_round_that_waited_sees_the_new_bound),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
