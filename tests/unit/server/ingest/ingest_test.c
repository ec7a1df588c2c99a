/* Batches on their whole way in: real CURVE sockets, a real PostgreSQL. */
#include "schema/tidemark.pb-c.h"
#include "tests/unit/server/ingest/fixture.h"

#include <zstd.h>

static void a_batch_is_in_the_tables_when_it_is_acknowledged(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct wire_receipt receipt = upload(&p, 77, 1);
	assert_int_equal(receipt.fate, WIRE_STORED);
	assert_int_equal(process_rows(agent), 6);
	assert_int_equal(ask_of("SELECT count(*) FROM host_sample JOIN agent USING "
				"(host_id) WHERE id = %lld",
				 agent),
		2);
	/* Values land in their own columns. */
	assert_int_equal(
		ask_of("SELECT count(*) FROM sample s JOIN generation g ON g.id = "
		       "s.generation_id JOIN agent a USING (host_id) WHERE a.id = "
		       "%lld AND s.fds - s.rss_kb = 8 * 13 AND s.cgroup_oom_kills "
		       "- s.rss_kb = 13 * 13",
			agent),
		6);
	assert_int_equal(
		ask_of("SELECT stored_batches FROM agent WHERE id = %lld", agent), 1);
	assert_int_equal(
		ask_of("SELECT cpus FROM host JOIN agent a ON host.id = a.host_id "
		       "WHERE a.id = %lld",
			agent),
		4);
	peer_finish(&p);
}

static void garbage_is_counted_and_harms_nobody(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct wire_batch batch = usual_batch(&p);
	struct buf frame = {0};
	peer_upload(&batch, 8, 1, &frame);

	assert_true(peer_send(&p, "garbage", 7, WAIT_MS));
	assert_true(peer_send(&p, "", 0, WAIT_MS));
	/* Cut in the batch: who and which is still known, so it is answered. */
	assert_true(peer_send(&p, frame.data, frame.length / 2, WAIT_MS));
	assert_int_equal(zmq_send(p.socket, frame.data, frame.length, ZMQ_SNDMORE),
		(int)frame.length);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	buf_finish(&frame);

	struct wire_receipt receipt = upload(&p, 8, 2);
	assert_int_equal(receipt.fate, WIRE_STORED);
	assert_int_equal(
		ask_of("SELECT refused_batches FROM agent WHERE id = %lld", agent), 4);
	assert_int_equal(
		ask_of("SELECT (last_refusal <> '')::int FROM agent WHERE id = %lld",
			agent),
		1);
	peer_finish(&p);
}

static void a_batch_that_cannot_be_opened_is_refused_by_name(void **state)
{
	(void)state;
	struct peer p;
	enrolled(&p);
	struct buf frame = {0};
	struct wire_receipt receipt;
	struct wire_upload upload = {.protocol = WIRE_PROTOCOL,
		.agent_version = "0.0.1",
		.epoch = 9,
		.sequence = 1,
		.oldest = 1,
		.batch = "no zstd frame",
		.batch_length = 13};
	wire_upload_encode(&upload, &frame);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	assert_true(peer_receipt(&p, &receipt, WAIT_MS));
	assert_int_equal(receipt.fate, WIRE_REFUSED);
	assert_true(*receipt.reason);

	buf_reset(&frame);
	upload.protocol = WIRE_PROTOCOL + 1;
	wire_upload_encode(&upload, &frame);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	assert_true(peer_receipt(&p, &receipt, WAIT_MS));
	assert_int_equal(receipt.fate, WIRE_HELD);
	assert_non_null(strstr(receipt.reason, "protocol"));
	buf_finish(&frame);
	peer_finish(&p);
}

static void absurd_times_are_refused_with_the_reason(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	static const struct {
		int64_t offset_ms;
		enum wire_fate fate;
	} cases[] = {
		{2 * 3600 * 1000, WIRE_REFUSED}, /* the future */
		{-40 * DAY_MS, WIRE_REFUSED},    /* before the retention */
		{-20 * 365 * DAY_MS, WIRE_REFUSED},
		{-9 * DAY_MS, WIRE_STORED}, /* late: its day is made for it */
	};
	int64_t now_ms = clock_unix_ms();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wire_batch batch = peer_batch(&p,
			&(struct peer_shape){.processes = 1,
				.ticks = 1,
				.at_unix_ms = now_ms + cases[i].offset_ms,
				.step_ms = 10000,
				.first_pid = 100},
			&arena);
		batch.processes[0].started_unix_ms = now_ms - 50 * DAY_MS;
		struct wire_receipt receipt = upload_batch(&p, &batch, 11, i + 1);
		assert_int_equal(receipt.fate, cases[i].fate);
		assert_true(!*receipt.reason == (cases[i].fate == WIRE_STORED));
		/* What people see of it. */
		int64_t skew_ms = ask_of(
			"SELECT coalesce(clock_skew_ms, 0) FROM agent WHERE id = %lld",
			agent);
		assert_in_range(
			llabs(skew_ms / 1000 - cases[i].offset_ms / 1000), 0, 60);
	}
	assert_int_equal(process_rows(agent), 1);
	peer_finish(&p);
}

/* A sender of its own, since ours does not say such things. */
static void make_negative_upload(struct peer *p, struct buf *frame)
{
	int64_t values[] = {-5, 1234};
	Tidemark__Values v = TIDEMARK__VALUES__INIT;
	v.present = UINT64_C(1) << PROCESS_rss_kb | UINT64_C(1) << PROCESS_rss_anon_kb;
	v.n_value = 2;
	v.value = values;
	Tidemark__Sample sample = TIDEMARK__SAMPLE__INIT;
	sample.values = &v;
	Tidemark__Sample *samples[] = {&sample};
	Tidemark__Tick tick = TIDEMARK__TICK__INIT;
	tick.samples = samples;
	tick.n_samples = 1;
	Tidemark__Tick *ticks[] = {&tick};
	char *names[] = {"", "svc", "host"};
	Tidemark__Process process = TIDEMARK__PROCESS__INIT;
	process.service = 1;
	process.pid = 1;
	process.started_unix_ms = clock_unix_ms() - 1000;
	Tidemark__Process *processes[] = {&process};
	Tidemark__Host host = TIDEMARK__HOST__INIT;
	host.machine_id = p->machine_id;
	host.hostname = 2;
	host.interval_ms = 10000;
	host.cpus = 1;
	Tidemark__Batch batch = TIDEMARK__BATCH__INIT;
	batch.boot_id = "boot";
	batch.at_unix_ms = clock_unix_ms();
	batch.names = names;
	batch.n_names = 3;
	batch.host = &host;
	batch.processes = processes;
	batch.n_processes = 1;
	batch.ticks = ticks;
	batch.n_ticks = 1;
	uint8_t packed[1024], zipped[1024];
	size_t length = tidemark__batch__pack(&batch, packed);
	size_t n = ZSTD_compress(zipped, sizeof zipped, packed, length, 1);
	struct wire_upload up = {.protocol = WIRE_PROTOCOL,
		.agent_version = "0.0.1",
		.epoch = 12,
		.sequence = 1,
		.oldest = 1,
		.batch = zipped,
		.batch_length = n};
	wire_upload_encode(&up, frame);
}

static void an_impossible_value_is_left_out_and_counted(void **state)
{
	(void)state;
	struct peer p;
	struct buf frame = {0};
	struct wire_receipt receipt;
	int64_t agent = enrolled(&p);
	make_negative_upload(&p, &frame);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	assert_true(peer_receipt(&p, &receipt, WAIT_MS));
	if (receipt.fate != WIRE_STORED)
		fail_msg("%s", receipt.reason);
	assert_int_equal(
		ask_of("SELECT refused_values FROM agent WHERE id = %lld", agent), 1);
	assert_int_equal(
		ask_of("SELECT count(*) FROM sample s JOIN generation g ON g.id = "
		       "s.generation_id JOIN agent a USING (host_id) WHERE a.id = "
		       "%lld AND rss_kb IS NULL AND rss_anon_kb = 1234",
			agent),
		1);
	buf_finish(&frame);
	peer_finish(&p);
}

static void a_repeat_is_stored_once(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct wire_batch batch = usual_batch(&p);
	struct buf frame = {0};
	peer_upload(&batch, 13, 1, &frame);
	/* Twice in one round, then once more. */
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	struct wire_receipt first, second;
	assert_true(peer_receipt(&p, &first, WAIT_MS));
	assert_true(peer_receipt(&p, &second, WAIT_MS));
	assert_true((first.fate == WIRE_STORED && second.fate == WIRE_REPEATED) ||
		    (first.fate == WIRE_REPEATED && second.fate == WIRE_STORED));
	assert_int_equal(upload_batch(&p, &batch, 13, 1).fate, WIRE_REPEATED);
	assert_int_equal(process_rows(agent), 6);
	assert_int_equal(
		ask_of("SELECT repeated_batches FROM agent WHERE id = %lld", agent), 2);
	/* Another epoch is another spool: its first batch is new. */
	assert_int_equal(upload_batch(&p, &batch, UINT64_MAX - 1, 1).fate, WIRE_STORED);
	assert_int_equal(
		upload_batch(&p, &batch, UINT64_MAX - 1, 1).fate, WIRE_REPEATED);
	/* Out of order is fine. */
	assert_int_equal(upload_batch(&p, &batch, 13, 5).fate, WIRE_STORED);
	assert_int_equal(upload_batch(&p, &batch, 13, 5).fate, WIRE_REPEATED);
	buf_finish(&frame);
	peer_finish(&p);
}

static void a_batch_that_the_schema_refuses_stops_no_other(void **state)
{
	(void)state;
	enum { BATCHES = 9, POISON = 4 };
	struct peer p;
	enrolled(&p);
	ask("ALTER TABLE service ADD CONSTRAINT poison CHECK (name <> 'poison')");
	for (uint64_t i = 1; i <= BATCHES; i++) {
		struct buf frame = {0};
		struct wire_batch batch = peer_batch(&p,
			&(struct peer_shape){.service = i == POISON ? "poison" : "good",
				.processes = 1,
				.ticks = 1,
				.at_unix_ms = clock_unix_ms() - 1000 * (int64_t)i,
				.first_pid = 100 + (uint32_t)i},
			&arena);
		peer_upload(&batch, 14, i, &frame);
		assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
		buf_finish(&frame);
	}
	for (int i = 0; i < BATCHES; i++) {
		struct wire_receipt receipt;
		assert_true(peer_receipt(&p, &receipt, WAIT_MS));
		assert_int_equal(receipt.fate,
			receipt.sequence == POISON ? WIRE_REFUSED : WIRE_STORED);
	}
	ask("ALTER TABLE service DROP CONSTRAINT poison");
	peer_finish(&p);
}

/* The database answers, and fails whenever it is asked for this one. */
static void a_batch_that_the_database_cannot_take_blocks_no_other(void **state)
{
	(void)state;
	enum { BATCHES = 9, POISON = 4 };
	struct peer p;
	int64_t agent = enrolled(&p);
	ask("CREATE FUNCTION choke() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
	    "IF NEW.name = 'poison' THEN RAISE EXCEPTION 'no memory' USING ERRCODE = "
	    "'53200'; END IF; RETURN NEW; END $$");
	ask("CREATE TRIGGER choke BEFORE INSERT ON service FOR EACH ROW EXECUTE "
	    "FUNCTION choke()");
	for (uint64_t i = 1; i <= BATCHES; i++) {
		struct buf frame = {0};
		struct wire_batch batch = peer_batch(&p,
			&(struct peer_shape){.service = i == POISON ? "poison" : "well",
				.processes = 1,
				.ticks = 1,
				.at_unix_ms = clock_unix_ms() - 1000 * (int64_t)i,
				.first_pid = 100 + (uint32_t)i},
			&arena);
		peer_upload(&batch, 21, i, &frame);
		assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
		buf_finish(&frame);
	}
	for (int i = 0; i < BATCHES; i++) {
		struct wire_receipt receipt;
		assert_true(peer_receipt(&p, &receipt, WAIT_MS));
		assert_int_equal(receipt.fate,
			receipt.sequence == POISON ? WIRE_HELD : WIRE_STORED);
	}
	assert_int_equal(
		ask_of("SELECT refused_batches FROM agent WHERE id = %lld", agent), 0);
	ask("DROP TRIGGER choke ON service");
	peer_finish(&p);
}

/* Of a spool that still has its first batch. */
static void send_from_spool(struct peer *p, const struct wire_batch *batch,
	uint64_t epoch, uint64_t sequence)
{
	struct buf packed = {0}, frame = {0};
	struct err e;
	must(wire_batch_encode(batch, &packed, &e), &e);
	wire_upload_encode(&(struct wire_upload){.protocol = WIRE_PROTOCOL,
				   .agent_version = "0.0.1",
				   .epoch = epoch,
				   .sequence = sequence,
				   .oldest = 1,
				   .spool_bytes = packed.length,
				   .batch = packed.data,
				   .batch_length = packed.length},
		&frame);
	assert_true(peer_send(p, frame.data, frame.length, WAIT_MS));
	buf_finish(&packed);
	buf_finish(&frame);
}

/* Nothing is said against the data, nothing is lost, and it goes on by itself. */
static void a_full_disk_holds_batches_back(void **state)
{
	(void)state;
	enum { BATCHES = 3 };
	struct peer p;
	struct wire_receipt receipt;
	int64_t agent = enrolled(&p);
	/* Sequences do not roll back: it has room again after some tries. */
	ask("CREATE SEQUENCE room");
	ask("GRANT USAGE ON SEQUENCE room TO PUBLIC");
	ask("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
	    "IF nextval('room') <= 6 THEN RAISE EXCEPTION 'could not extend file: No "
	    "space left on device' USING ERRCODE = '53100'; END IF; RETURN NEW; END "
	    "$$");
	ask("CREATE TRIGGER full_disk BEFORE UPDATE ON stream FOR EACH STATEMENT "
	    "EXECUTE FUNCTION full_disk()");
	struct wire_batch batch = usual_batch(&p);
	for (uint64_t i = 1; i <= BATCHES; i++)
		send_from_spool(&p, &batch, 23, i);
	/* What was tried too often is held: the agent keeps it, and sends it again. */
	bool stored[BATCHES + 1] = {false};
	for (int left = BATCHES; left > 0;) {
		assert_true(peer_receipt(&p, &receipt, WAIT_MS));
		assert_true(receipt.fate == WIRE_STORED || receipt.fate == WIRE_HELD);
		if (receipt.fate == WIRE_HELD) {
			assert_non_null(strstr(receipt.reason, "No space left"));
			send_from_spool(&p, &batch, 23, receipt.sequence);
			continue;
		}
		assert_false(stored[receipt.sequence]);
		stored[receipt.sequence] = true;
		left--;
	}
	assert_int_equal(process_rows(agent), 6 * BATCHES);
	assert_int_equal(
		ask_of("SELECT refused_batches FROM agent WHERE id = %lld", agent), 0);
	ask("DROP TRIGGER full_disk ON stream");
	peer_finish(&p);
}

/* Thousands of processes take long when a sanitizer looks at each step. */
static struct wire_receipt upload_large(struct peer *p, const struct wire_batch *batch,
	uint64_t epoch, uint64_t sequence)
{
	struct buf frame = {0};
	struct wire_receipt receipt = {0};
	peer_upload(batch, epoch, sequence, &frame);
	assert_true(peer_send(p, frame.data, frame.length, WAIT_MS));
	assert_true(peer_receipt(p, &receipt, 6 * WAIT_MS));
	assert_int_equal(receipt.sequence, sequence);
	buf_finish(&frame);
	return receipt;
}

/* One that invents processes all the time fills nobody's dictionaries. */
static void what_is_new_has_a_limit_for_each_agent(void **state)
{
	(void)state;
	struct peer p, q;
	int64_t agent = enrolled(&p);
	struct peer_shape shape = {.processes = 8000,
		.ticks = 1,
		.at_unix_ms = clock_unix_ms() - 1000,
		.first_pid = 1};
	/* 8,000 slots with a life each, a life each more, and no more. */
	for (uint64_t i = 1; i <= 3; i++) {
		struct wire_batch batch = peer_batch(&p, &shape, &arena);
		struct wire_receipt receipt = upload_large(&p, &batch, 22, i);
		assert_int_equal(receipt.fate, i <= 2 ? WIRE_STORED : WIRE_HELD);
		if (i == 3)
			assert_non_null(strstr(receipt.reason, "too many new"));
		shape.first_pid += 10000;
	}
	/* What is known goes on. */
	shape.first_pid = 1;
	struct wire_batch known = peer_batch(&p, &shape, &arena);
	assert_int_equal(upload_large(&p, &known, 22, 4).fate, WIRE_STORED);
	assert_int_equal(process_rows(agent), 3 * 8000);
	enrolled(&q);
	assert_int_equal(upload(&q, 1, 1).fate, WIRE_STORED);
	peer_finish(&q);
	peer_finish(&p);
}

/* The process moves to another service when the rules change; its life stays one. */
static void a_renamed_service_keeps_its_process_lives(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct peer_shape shape = {.service = "before",
		.processes = 1,
		.ticks = 1,
		.at_unix_ms = clock_unix_ms() - 5000,
		.first_pid = 100};
	struct wire_batch batch = peer_batch(&p, &shape, &arena);
	assert_int_equal(upload_batch(&p, &batch, 15, 1).fate, WIRE_STORED);
	batch.processes[0].service = "after";
	assert_int_equal(upload_batch(&p, &batch, 15, 2).fate, WIRE_STORED);
	assert_int_equal(
		ask_of("SELECT count(*) FROM generation JOIN agent USING (host_id) "
		       "WHERE agent.id = %lld",
			agent),
		1);
	assert_int_equal(
		ask_of("SELECT count(*) FROM generation g JOIN agent a USING "
		       "(host_id) JOIN slot ON slot.id = slot_id JOIN service s ON "
		       "s.id = service_id WHERE s.name = 'after' AND a.id = %lld",
			agent),
		1);
	peer_finish(&p);
}

static void gaps_are_kept(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	struct wire_batch batch = usual_batch(&p);
	struct wire_gap gap = {.from_unix_ms = clock_unix_ms() - 60000,
		.to_unix_ms = clock_unix_ms() - 30000,
		.batches = 3,
		.reason = "spool full"};
	batch.gaps = &gap;
	batch.gap_count = 1;
	assert_int_equal(upload_batch(&p, &batch, 16, 1).fate, WIRE_STORED);
	assert_int_equal(upload_batch(&p, &batch, 16, 1).fate, WIRE_REPEATED);
	assert_int_equal(
		ask_of("SELECT sum(batches) FROM gap JOIN agent USING (host_id) "
		       "WHERE agent.id = %lld",
			agent),
		3);
	peer_finish(&p);
}

/* Who shows the data is told that there is some, but not for each batch. */
static void the_api_is_told_of_new_samples(void **state)
{
	(void)state;
	struct peer p;
	struct err e;
	char *payload;
	struct db *listener = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "listener"});
	must(db_listen(listener, "tidemark", &e), &e);
	enrolled(&p);
	must(db_wait(listener, WAIT_MS, &arena, &payload, &e), &e);
	assert_string_equal(payload, "agents");
	int told = 0;
	/* However many batches go into that time. */
	int64_t start_ms = clock_mono_ms();
	for (uint64_t i = 1; told == 0 && clock_mono_ms() - start_ms < WAIT_MS; i++) {
		assert_int_equal(upload(&p, 21, i).fate, WIRE_STORED);
		must(db_wait(listener, 0, &arena, &payload, &e), &e);
		if (payload)
			assert_string_equal(payload, "samples");
		told += payload != NULL;
	}
	assert_int_equal(told, 1);
	assert_int_equal(upload(&p, 22, 1).fate, WIRE_STORED);
	must(db_wait(listener, 100, &arena, &payload, &e), &e);
	assert_null(payload);
	db_destroy(listener);
	peer_finish(&p);
}

/* The last moment at which a transaction can fail: the commit itself. */
static void a_commit_that_fails_acknowledges_nothing(void **state)
{
	(void)state;
	struct ingest_counters before, after;
	struct peer p;
	int64_t agent = enrolled(&p);
	ask("CREATE SEQUENCE tries");
	ask("GRANT USAGE ON SEQUENCE tries TO PUBLIC");
	ask("CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
	    "IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'not now' USING ERRCODE = "
	    "'40001'; "
	    "END IF; RETURN NULL; END $$");
	ask("CREATE CONSTRAINT TRIGGER fail AFTER UPDATE ON stream DEFERRABLE "
	    "INITIALLY "
	    "DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_twice()");
	ingest_counters(&before);
	assert_int_equal(upload(&p, 20, 1).fate, WIRE_STORED);
	ingest_counters(&after);
	assert_int_equal(after.commit_failures - before.commit_failures, 2);
	assert_int_equal(process_rows(agent), 6);
	ask("DROP TRIGGER fail ON stream");
	peer_finish(&p);
}

/* Sends what has no receipt again, as an agent does. */
static void deliver_all(
	struct peer *p, uint64_t epoch, uint64_t last, bool *acknowledged)
{
	struct wire_batch batch = usual_batch(p);
	struct buf frame = {0};
	for (uint64_t i = 1; i <= last; i++) {
		if (acknowledged[i])
			continue;
		buf_reset(&frame);
		peer_upload(&batch, epoch, i, &frame);
		peer_send(p, frame.data, frame.length, WAIT_MS);
	}
	buf_finish(&frame);
}

static void collect(
	struct peer *p, bool *acknowledged, uint64_t *missing, int timeout_ms)
{
	struct wire_receipt receipt;
	while (*missing > 0 && peer_receipt(p, &receipt, timeout_ms)) {
		assert_int_not_equal(receipt.fate, WIRE_REFUSED);
		if (!acknowledged[receipt.sequence])
			--*missing;
		acknowledged[receipt.sequence] = true;
	}
}

static void a_crash_of_the_database_loses_and_doubles_nothing(void **state)
{
	(void)state;
	enum { BATCHES = 60, CRASHES = 3 };
	struct peer p;
	int64_t agent = enrolled(&p);
	bool acknowledged[BATCHES + 1] = {false};
	uint64_t missing = BATCHES;
	for (int i = 0; i < CRASHES; i++) {
		deliver_all(&p, 17, BATCHES / CRASHES * (i + 1), acknowledged);
		collect(&p, acknowledged, &missing, 50);
		pg_kill(&pg);
		deliver_all(&p, 17, BATCHES / CRASHES * (i + 1), acknowledged);
		usleep(300000);
		pg_run(&pg);
	}
	for (int i = 0; i < 10 && missing > 0; i++) {
		collect(&p, acknowledged, &missing, 3000);
		deliver_all(&p, 17, BATCHES, acknowledged);
	}
	assert_int_equal(missing, 0);
	assert_int_equal(process_rows(agent), 6 * BATCHES);
	peer_finish(&p);
}

/* A clean stop settles what was received; another server goes on from there. */
static void another_server_knows_what_is_stored(void **state)
{
	(void)state;
	struct peer p;
	enrolled(&p);
	assert_int_equal(upload(&p, 19, 1).fate, WIRE_STORED);
	ingest_stop(ingest);
	start_ingest();
	peer_connect(&p, data_port);
	assert_int_equal(upload(&p, 19, 1).fate, WIRE_REPEATED);
	assert_int_equal(upload(&p, 19, 2).fate, WIRE_STORED);
	peer_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_in_the_tables_when_it_is_acknowledged),
		cmocka_unit_test(garbage_is_counted_and_harms_nobody),
		cmocka_unit_test(a_batch_that_cannot_be_opened_is_refused_by_name),
		cmocka_unit_test(absurd_times_are_refused_with_the_reason),
		cmocka_unit_test(an_impossible_value_is_left_out_and_counted),
		cmocka_unit_test(a_repeat_is_stored_once),
		cmocka_unit_test(a_batch_that_the_schema_refuses_stops_no_other),
		cmocka_unit_test(a_batch_that_the_database_cannot_take_blocks_no_other),
		cmocka_unit_test(a_full_disk_holds_batches_back),
		cmocka_unit_test(what_is_new_has_a_limit_for_each_agent),
		cmocka_unit_test(a_renamed_service_keeps_its_process_lives),
		cmocka_unit_test(gaps_are_kept),
		cmocka_unit_test(the_api_is_told_of_new_samples),
		cmocka_unit_test(a_commit_that_fails_acknowledges_nothing),
		cmocka_unit_test(a_crash_of_the_database_loses_and_doubles_nothing),
		cmocka_unit_test(another_server_knows_what_is_stored),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
