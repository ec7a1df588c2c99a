/* A database that neither works nor fails: the server bears it, and can be stopped. */
#include "tests/unit/server/ingest/fixture.h"

#include <malloc.h>

enum { HEARTBEAT_S = 10, STUCK_S = 5, VISITS = 30, FRAMES = 60, FRAME_PROCESSES = 400 };

static PGconn *stall;

/* The writer waits for a lock. */
static void stall_writer(void)
{
	stall = PQconnectdb(pg.uri);
	PGresult *result = PQexec(stall, "BEGIN; LOCK TABLE stream");
	assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
	PQclear(result);
}

static void go_on(void)
{
	PQfinish(stall);
	stall = NULL;
}

/* Sanitizers keep what was freed, and say 0. */
static size_t allocated_mb(void)
{
	struct mallinfo2 info = mallinfo2();
	return (info.uordblks + info.hblkhd) >> 20;
}

/* Frames that fill a round by their rows, as often as their sender comes back. */
static void send_and_leave(struct peer *p, const struct buf *frame)
{
	peer_connect(p, data_port);
	for (int i = 0; i < FRAMES; i++)
		if (!peer_send(p, frame->data, frame->length, 500))
			break;
	usleep(50000);
	peer_close(p);
}

/* Sends it until there is a receipt, as an agent does. */
static void deliver(struct peer *p, uint64_t epoch, uint64_t sequence)
{
	struct buf frame = {0};
	struct wire_receipt receipt = {0};
	struct wire_batch batch = usual_batch(p);
	peer_upload(&batch, epoch, sequence, &frame);
	for (int i = 0; i < 20 && receipt.sequence != sequence; i++) {
		assert_true(peer_send(p, frame.data, frame.length, WAIT_MS));
		peer_receipt(p, &receipt, 1000);
	}
	assert_int_equal(receipt.sequence, sequence);
	assert_in_range(receipt.fate, WIRE_STORED, WIRE_REPEATED);
	buf_finish(&frame);
}

static void those_who_come_and_go_do_not_end_the_server(void **state)
{
	(void)state;
	struct ingest_counters before, after;
	struct peer p;
	struct buf frame = {0};
	enrolled(&p);
	struct wire_batch batch = peer_batch(&p,
		&(struct peer_shape){.processes = FRAME_PROCESSES,
			.ticks = 3,
			.at_unix_ms = clock_unix_ms() - 20000,
			.step_ms = 5000,
			.first_pid = 100},
		&arena);
	peer_upload(&batch, 30, 1, &frame);
	stall_writer();
	ingest_counters(&before);
	for (int i = 0; i < 3; i++)
		send_and_leave(&p, &frame);
	/* Until then it may be merely busy, and nothing is dropped. */
	ingest_counters(&after);
	assert_int_equal(after.frames_dropped, before.frames_dropped);
	sleep(STUCK_S + 1);
	size_t start_mb = allocated_mb();
	for (int i = 0; i < VISITS; i++)
		send_and_leave(&p, &frame);
	/* What was sent is read, and not kept. */
	assert_in_range(allocated_mb(), 0, start_mb + 40);
	ingest_counters(&after);
	assert_true(after.frames_dropped - before.frames_dropped > VISITS * FRAMES / 2);
	sleep(HEARTBEAT_S + 1);
	go_on();
	peer_connect(&p, data_port);
	deliver(&p, 30, 2);
	buf_finish(&frame);
	peer_finish(&p);
}

/* Every session, and nobody to end them: as when their disk hangs. */
static void signal_sessions(int number)
{
	static char list[40][16];
	static int count;
	if (number == SIGSTOP) {
		PGconn *conn = PQconnectdb(pg.uri);
		PGresult *result = PQexec(conn,
			"SELECT pid FROM pg_stat_activity WHERE application_name LIKE "
			"'tidemark %'");
		count = PQntuples(result);
		assert_in_range(count, 1, 40);
		for (int i = 0; i < count; i++)
			snprintf(list[i], sizeof *list, "%s", PQgetvalue(result, i, 0));
		PQclear(result);
		PQfinish(conn);
	}
	for (int i = 0; i < count; i++)
		kill(atoi(list[i]), number);
}

static void it_stops_while_the_database_is_frozen(void **state)
{
	(void)state;
	struct peer p;
	struct buf frame = {0};
	int64_t agent = enrolled(&p);
	assert_int_equal(upload(&p, 31, 1).fate, WIRE_STORED);
	struct wire_batch batch = usual_batch(&p);
	peer_upload(&batch, 31, 2, &frame);
	signal_sessions(SIGSTOP);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	ask("NOTIFY keys");
	usleep(500000);
	int64_t start_ms = clock_mono_ms();
	ingest_stop(ingest);
	assert_in_range(clock_mono_ms() - start_ms, 0, 12000);
	signal_sessions(SIGCONT);
	start_ingest();
	peer_connect(&p, data_port);
	deliver(&p, 31, 2);
	assert_int_equal(process_rows(agent), 2 * 6);
	buf_finish(&frame);
	peer_finish(&p);
}

/* A key that is known comes in at once, or after a question to the database at most. */
static void the_door_stays_open_while_the_database_is_frozen(void **state)
{
	(void)state;
	struct peer p, q;
	const char *secret;
	struct wire_enrol_reply reply;
	enrolled(&p);
	struct tokens_row token = make_token(60000, 1, &secret);
	ask("NOTIFY keys");
	usleep(300000);
	signal_sessions(SIGSTOP);
	peer_init(&q, zmq, server_public);
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "try later"));
	/* Those who follow are told so at once. */
	int64_t start_ms = clock_mono_ms();
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "try later"));
	for (int i = 0; i < 10; i++) {
		peer_connect(&p, data_port);
		assert_true(peer_send(&p, "x", 1, WAIT_MS));
	}
	assert_in_range(clock_mono_ms() - start_ms, 0, 6000);
	signal_sessions(SIGCONT);
	for (int i = 0; i < 20 && *reply.error; i++) {
		usleep(500000);
		assert_true(
			peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	}
	assert_string_equal(reply.error, "");
	peer_finish(&q);
	peer_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_door_stays_open_while_the_database_is_frozen),
		cmocka_unit_test(it_stops_while_the_database_is_frozen),
		cmocka_unit_test(those_who_come_and_go_do_not_end_the_server),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
