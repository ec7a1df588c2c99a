/*
 * What the tests of the ingest stand on: a PostgreSQL, an ingest on two free ports,
 * and agents that talk to it.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_INGEST_FIXTURE_H
#define TIDEMARK_TESTS_UNIT_SERVER_INGEST_FIXTURE_H

#include "common/clock.h"
#include "server/ingest/ingest.h"
#include "server/store/migrate.h"
#include "server/store/tokens.h"
#include "tests/support/peer.h"
#include "tests/support/pg.h"
#include "tests/support/ports.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, SILENCE_MS = 600 };
#define DAY_MS INT64_C(86400000)

static struct pg pg;
static struct db *db;
static struct ingest *ingest;
static void *zmq;
static uint8_t server_public[32], server_secret[32];
static const uint8_t raw_key[32] = "a key with which files are kept";
static uint16_t data_port, enrol_port;
static struct arena arena;

static inline void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static inline int64_t ask(const char *sql)
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

static inline int64_t ask_of(const char *format, int64_t number)
{
	char sql[600];
	snprintf(sql, sizeof sql, format, (long long)number);
	return ask(sql);
}

static inline void start_ingest(void)
{
	struct err e;
	ingest = ingest_start(&(struct ingest_options){.database = pg.uri,
				      .listen_host = "127.0.0.1",
				      .data_port = data_port,
				      .enrol_port = enrol_port,
				      .secret_key = server_secret,
				      .raw_key = raw_key,
				      .raw_retention_ms = 30 * DAY_MS,
				      .gather_ms = 20},
		&e);
	must(ingest, &e);
}

static inline int start(void **state)
{
	(void)state;
	struct err e;
	pg_start(&pg);
	must(migrate_run(pg.uri, NULL, &e), &e);
	if (sodium_init() < 0)
		return -1;
	arena_init(&arena);
	crypto_box_keypair(server_public, server_secret);
	db = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "ingest test"});
	zmq = zmq_ctx_new();
	data_port = ports_free(2);
	enrol_port = (uint16_t)(data_port + 1);
	start_ingest();
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	ingest_stop(ingest);
	db_destroy(db);
	if (peer_sockets == 0)
		zmq_ctx_term(zmq);
	arena_finish(&arena);
	pg_stop(&pg);
	return 0;
}

static inline struct tokens_row make_token(
	int64_t ttl_ms, int64_t max_uses, const char **secret)
{
	struct err e;
	struct tokens_row row;
	must(tokens_create(db,
		     &(struct tokens_options){.kind = TOKENS_JOIN,
			     .name = "test",
			     .now_ms = clock_unix_ms(),
			     .ttl_ms = ttl_ms,
			     .max_uses = max_uses},
		     &arena, &row, secret, &e),
		&e);
	return row;
}

/* An enrolled and connected agent. */
static inline int64_t enrolled(struct peer *p)
{
	const char *secret;
	struct tokens_row token = make_token(60000, 1, &secret);
	struct wire_enrol_reply reply;
	peer_init(p, zmq, server_public);
	assert_true(peer_enrol(p, enrol_port, token.id, secret, &reply, WAIT_MS));
	assert_string_equal(reply.error, "");
	assert_int_equal(reply.data_port, data_port);
	assert_true(reply.agent_id > 0);
	peer_connect(p, data_port);
	return reply.agent_id;
}

static inline struct wire_receipt upload_batch(struct peer *p,
	const struct wire_batch *batch, uint64_t epoch, uint64_t sequence)
{
	struct buf frame = {0};
	struct wire_receipt receipt = {0};
	peer_upload(batch, epoch, sequence, &frame);
	assert_true(peer_send(p, frame.data, frame.length, WAIT_MS));
	assert_true(peer_receipt(p, &receipt, WAIT_MS));
	assert_true(receipt.epoch == epoch);
	assert_int_equal(receipt.sequence, sequence);
	buf_finish(&frame);
	return receipt;
}

static inline struct wire_batch usual_batch(struct peer *p)
{
	return peer_batch(p,
		&(struct peer_shape){.processes = 3,
			.ticks = 2,
			.at_unix_ms = clock_unix_ms() - 20000,
			.step_ms = 10000,
			.first_pid = 100},
		&arena);
}

static inline struct wire_receipt upload(
	struct peer *p, uint64_t epoch, uint64_t sequence)
{
	struct wire_batch batch = usual_batch(p);
	return upload_batch(p, &batch, epoch, sequence);
}

/* Rows of processes that this agent has in the database. */
static inline int64_t process_rows(int64_t agent)
{
	return ask_of("SELECT count(*) FROM sample s JOIN generation g ON g.id = "
		      "s.generation_id JOIN agent a USING (host_id) WHERE a.id = %lld",
		agent);
}

#endif
