/* Who comes in, who does not, and what each is told. */
#include "tests/unit/server/ingest/fixture.h"

/* How often `text` is in what is logged while `act` runs. */
static int count_said(const char *text, void (*act)(void))
{
	char said[64 * 1024];
	FILE *log = tmpfile();
	int old = dup(STDERR_FILENO), count = 0;
	assert_non_null(log);
	dup2(fileno(log), STDERR_FILENO);
	act();
	dup2(old, STDERR_FILENO);
	close(old);
	rewind(log);
	size_t n = fread(said, 1, sizeof said - 1, log);
	said[n] = 0;
	for (const char *at = said; (at = strstr(at, text)); at++)
		count++;
	fclose(log);
	return count;
}

static void knock_with_unknown_keys(void)
{
	for (int i = 0; i < 3; i++) {
		struct peer p;
		peer_init(&p, zmq, server_public);
		peer_connect(&p, data_port);
		assert_false(peer_send(&p, "x", 1, 300));
		peer_finish(&p);
	}
}

/* join tells people to look there. */
static void a_denied_connection_is_logged_once_a_minute(void **state)
{
	(void)state;
	assert_int_equal(count_said("connection from 127.0.0.1 denied: unknown key",
				 knock_with_unknown_keys),
		1);
}

static void an_unknown_key_gets_nothing(void **state)
{
	(void)state;
	struct ingest_counters before, after;
	struct peer p;
	struct wire_receipt receipt;
	ingest_counters(&before);
	peer_init(&p, zmq, server_public);
	peer_connect(&p, data_port);
	assert_false(peer_send(&p, "x", 1, SILENCE_MS));
	assert_false(peer_receipt(&p, &receipt, 0));
	for (int i = 0; i < WAIT_MS / 10; i++) {
		ingest_counters(&after);
		if (after.handshakes_refused > before.handshakes_refused)
			break;
		usleep(10000);
	}
	assert_true(after.handshakes_refused > before.handshakes_refused);
	peer_finish(&p);
}

/* Peers that speak no CURVE never get past the greeting. */
static void a_peer_without_curve_gets_nothing(void **state)
{
	(void)state;
	char endpoint[64];
	int timeout_ms = SILENCE_MS, linger = 0, one = 1;
	snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", data_port);
	void *plain = zmq_socket(zmq, ZMQ_DEALER);
	zmq_setsockopt(plain, ZMQ_SNDTIMEO, &timeout_ms, sizeof timeout_ms);
	zmq_setsockopt(plain, ZMQ_LINGER, &linger, sizeof linger);
	zmq_setsockopt(plain, ZMQ_IMMEDIATE, &one, sizeof one);
	int connected = zmq_connect(plain, endpoint);
	int sent = zmq_send(plain, "x", 1, 0);
	zmq_close(plain);
	assert_int_equal(connected, 0);
	assert_int_equal(sent, -1);
}

static void a_token_that_is_not_good_is_told_so(void **state)
{
	(void)state;
	const char *secret, *other;
	struct wire_enrol_reply reply;
	struct peer p;
	peer_init(&p, zmq, server_public);

	struct tokens_row token = make_token(60000, 1, &secret);
	make_token(60000, 1, &other);
	assert_true(peer_enrol(&p, enrol_port, token.id, other, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "unknown"));
	assert_int_equal(reply.agent_id, 0);

	char sql[200];
	snprintf(sql, sizeof sql,
		"UPDATE token SET expires_at = now() - interval '1 s' WHERE id = '%s'",
		token.id);
	ask(sql);
	assert_true(peer_enrol(&p, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "expired"));

	token = make_token(60000, 1, &secret);
	assert_true(peer_enrol(&p, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	uint32_t agent = reply.agent_id;
	/* The reply was lost, the agent asks again: the same place, no second use. */
	assert_true(peer_enrol(&p, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	assert_int_equal(reply.agent_id, agent);

	struct peer q;
	peer_init(&q, zmq, server_public);
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "used up"));
	peer_finish(&q);

	/* Who is in does not come in again with another's token, or an old one. */
	struct tokens_row next = make_token(60000, 1, &other);
	peer_init(&q, zmq, server_public);
	assert_true(peer_enrol(&q, enrol_port, next.id, other, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "used up"));
	snprintf(sql, sizeof sql,
		"UPDATE token SET expires_at = now() - interval '1 s' WHERE id = '%s'",
		next.id);
	ask(sql);
	assert_true(peer_enrol(&q, enrol_port, next.id, other, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "expired"));
	peer_finish(&q);
	peer_finish(&p);
}

static void a_copied_machine_is_told_so(void **state)
{
	(void)state;
	const char *secret;
	struct tokens_row token = make_token(60000, 2, &secret);
	struct wire_enrol_reply reply;
	struct peer p;
	enrolled(&p);
	memcpy(p.machine_id, "ffff", 4);
	struct wire_receipt receipt = upload(&p, 5, 1);
	assert_int_equal(receipt.fate, WIRE_HELD);
	assert_non_null(strstr(receipt.reason, "another machine"));
	assert_true(peer_enrol(&p, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "another machine"));
	peer_finish(&p);
}

/* A machine id is no secret. */
static void who_is_alive_keeps_his_host(void **state)
{
	(void)state;
	const char *secret;
	struct tokens_row token = make_token(60000, 1, &secret);
	struct wire_enrol_reply reply;
	struct peer p, q;
	int64_t agent = enrolled(&p);
	assert_int_equal(upload(&p, 5, 1).fate, WIRE_STORED);
	peer_init(&q, zmq, server_public);
	memcpy(q.machine_id, p.machine_id, sizeof q.machine_id);
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "has an agent that reports"));
	assert_int_equal(reply.agent_id, 0);
	assert_int_equal(upload(&p, 5, 2).fate, WIRE_STORED);
	ask_of("UPDATE agent SET revoked_at = now() WHERE id = %lld", agent);
	/* The use of the token was not lost. */
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	assert_int_not_equal(reply.agent_id, agent);
	peer_finish(&q);
	peer_finish(&p);
}

static void an_agent_goes_over_to_another_token(void **state)
{
	(void)state;
	const char *secret;
	struct tokens_row token = make_token(60000, 1, &secret);
	struct wire_enrol_reply reply;
	struct peer p;
	int64_t agent = enrolled(&p);
	for (int i = 0; i < 2; i++) {
		assert_true(
			peer_enrol(&p, enrol_port, token.id, secret, &reply, WAIT_MS));
		assert_string_equal(reply.error, "");
		assert_int_equal(reply.agent_id, agent);
	}
	char sql[200];
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM agent WHERE id = %lld AND token_id = '%s'",
		(long long)agent, token.id);
	assert_int_equal(ask(sql), 1);
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM audit WHERE action = 'agent.enrol' AND detail = "
		"'with token %s'",
		token.id);
	assert_int_equal(ask(sql), 1);
	peer_finish(&p);
}

static void a_revoked_agent_keeps_its_batches(void **state)
{
	(void)state;
	struct peer p;
	int64_t agent = enrolled(&p);
	assert_int_equal(upload(&p, 6, 1).fate, WIRE_STORED);
	ask_of("UPDATE agent SET revoked_at = now() WHERE id = %lld", agent);
	struct wire_receipt receipt = upload(&p, 6, 2);
	assert_int_equal(receipt.fate, WIRE_HELD);
	assert_non_null(strstr(receipt.reason, "revoked"));
	assert_int_equal(
		ask_of("SELECT refused_batches FROM agent WHERE id = %lld", agent), 0);
	assert_int_equal(
		ask_of("SELECT (last_refusal LIKE '%%revoked')::int FROM agent "
		       "WHERE id = %lld",
			agent),
		1);

	/* And does not get in again, once the notice is through. */
	ask("NOTIFY keys, 'revoked'");
	bool refused = false;
	for (int i = 0; i < 20 && !refused; i++) {
		peer_connect(&p, data_port);
		refused = !peer_send(&p, "x", 1, SILENCE_MS);
		usleep(refused ? 0 : 50000);
	}
	assert_true(refused);

	/* A good token takes it in again. */
	const char *secret;
	struct wire_enrol_reply reply;
	struct tokens_row token = make_token(60000, 1, &secret);
	assert_true(peer_enrol(&p, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	assert_int_equal(reply.agent_id, agent);
	peer_connect(&p, data_port);
	assert_int_equal(upload(&p, 6, 2).fate, WIRE_STORED);
	peer_finish(&p);
}

/* ZAP asks at the handshake alone: who is connected is asked for at each message. */
static void revocation_reaches_open_connections_of_all_servers(void **state)
{
	(void)state;
	struct err e;
	struct peer p, q;
	const char *secret;
	struct wire_enrol_reply reply;
	uint16_t other_port = ports_free(2);
	struct ingest *other = ingest_start(
		&(struct ingest_options){.database = pg.uri,
			.listen_host = "127.0.0.1",
			.data_port = other_port,
			.enrol_port = (uint16_t)(other_port + 1),
			.secret_key = server_secret,
			.raw_key = raw_key,
			.raw_retention_ms = 30 * DAY_MS,
			.gather_ms = 20},
		&e);
	must(other, &e);
	struct tokens_row token = make_token(60000, 2, &secret);
	struct peer *peers[] = {&p, &q};
	for (int i = 0; i < 2; i++) {
		peer_init(peers[i], zmq, server_public);
		assert_true(peer_enrol(
			peers[i], enrol_port, token.id, secret, &reply, WAIT_MS));
		assert_string_equal(reply.error, "");
	}
	peer_connect(&p, data_port);
	/* The other server hears of the new key a moment later. */
	for (int i = 0; i < 100; i++) {
		peer_connect(&q, other_port);
		if (peer_send(&q, "x", 1, 200))
			break;
	}
	assert_int_equal(upload(&p, 30, 1).fate, WIRE_STORED);
	assert_int_equal(upload(&q, 31, 1).fate, WIRE_STORED);

	struct tokens_row *row;
	size_t agents;
	struct tokens_revocation revocation = {
		.id = token.id, .now_ms = clock_unix_ms(), .agents = true};
	must(tokens_revoke(db, &revocation, &arena, &row, &agents, &e), &e);
	assert_int_equal(agents, 2);
	/* At first the writer sees it; once the news are through, the intake. */
	struct ingest_counters before, after;
	ingest_counters(&before);
	for (int i = 0; i < 2; i++) {
		uint64_t sequence = 2;
		do {
			struct wire_receipt receipt = upload(
				peers[i], 30 + (uint64_t)i, sequence++);
			assert_int_equal(receipt.fate, WIRE_HELD);
			assert_string_equal(receipt.reason, WIRE_REVOKED);
			ingest_counters(&after);
		} while (after.frames_revoked == before.frames_revoked &&
			 sequence < 1000);
		assert_true(after.frames_revoked > before.frames_revoked);
		before = after;
	}
	assert_int_equal(ask("SELECT count(*) FROM stream WHERE epoch IN (30, 31) AND "
			     "stored @> 2::int8"),
		0);
	/* Garbage is not looked at, and answered by nobody. */
	struct wire_receipt receipt;
	assert_true(peer_send(&p, "garbage", 7, WAIT_MS));
	assert_false(peer_receipt(&p, &receipt, SILENCE_MS));
	peer_finish(&p);
	peer_finish(&q);
	ingest_stop(other);
}

static void an_oversize_frame_costs_only_its_connection(void **state)
{
	(void)state;
	struct peer p, q;
	enrolled(&p);
	enrolled(&q);
	char *big = calloc(1, WIRE_FRAME_BYTES_MAX + 1);
	struct wire_receipt receipt;
	assert_true(peer_send(&p, big, WIRE_FRAME_BYTES_MAX + 1, WAIT_MS));
	assert_false(peer_receipt(&p, &receipt, SILENCE_MS));
	free(big);
	assert_int_equal(upload(&q, 10, 1).fate, WIRE_STORED);
	/* libzmq connects it anew; what it sends then is welcome. */
	peer_connect(&p, data_port);
	assert_int_equal(upload(&p, 10, 1).fate, WIRE_STORED);
	peer_finish(&p);
	peer_finish(&q);
}

/* Enrolling needs the database; connecting does not. */
static void the_door_goes_on_without_the_database(void **state)
{
	(void)state;
	struct peer p, q;
	const char *secret;
	struct wire_enrol_reply reply;
	struct wire_receipt receipt;
	enrolled(&p);
	struct tokens_row token = make_token(60000, 1, &secret);
	pg_kill(&pg);
	peer_init(&q, zmq, server_public);
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_non_null(strstr(reply.error, "try later"));
	peer_connect(&p, data_port);
	struct wire_batch batch = usual_batch(&p);
	struct buf frame = {0};
	peer_upload(&batch, 18, 1, &frame);
	assert_true(peer_send(&p, frame.data, frame.length, WAIT_MS));
	assert_false(peer_receipt(&p, &receipt, SILENCE_MS));
	pg_run(&pg);
	assert_true(peer_receipt(&p, &receipt, WAIT_MS));
	assert_int_equal(receipt.fate, WIRE_STORED);
	assert_true(peer_enrol(&q, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	buf_finish(&frame);
	peer_finish(&p);
	peer_finish(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_denied_connection_is_logged_once_a_minute),
		cmocka_unit_test(an_unknown_key_gets_nothing),
		cmocka_unit_test(a_peer_without_curve_gets_nothing),
		cmocka_unit_test(a_token_that_is_not_good_is_told_so),
		cmocka_unit_test(a_copied_machine_is_told_so),
		cmocka_unit_test(who_is_alive_keeps_his_host),
		cmocka_unit_test(an_agent_goes_over_to_another_token),
		cmocka_unit_test(a_revoked_agent_keeps_its_batches),
		cmocka_unit_test(revocation_reaches_open_connections_of_all_servers),
		cmocka_unit_test(an_oversize_frame_costs_only_its_connection),
		cmocka_unit_test(the_door_goes_on_without_the_database),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
