/*
 * Town: a made-up fleet in a throw-away database, for the tests of the watch.
 *
 * Rows are written by plain SQL, as ingest would have left them.  Time is the test's
 * own: `now_ms` is passed to the watch and moved on by hand.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_WATCH_TOWN_H
#define TIDEMARK_TESTS_UNIT_SERVER_WATCH_TOWN_H

#include "common/arena.h"
#include "server/store/migrate.h"
#include "server/watch/turn.h"
#include "tests/support/pg.h"
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>

#define TOWN_START_MS INT64_C(1795330800000) /* 2026-11-22 07:00 UTC */

struct town {
	struct pg pg;
	PGconn *conn;
	struct db *db;
	struct turn *turn;
	struct arena arena;
	int64_t now_ms;
};

/* The first value of the last statement as text in the arena; "" for NULL and none. */
static inline const char *town_sql(struct town *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline const char *town_sql(struct town *t, const char *format, ...)
{
	char sql[4096];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(sql, sizeof sql, format, arguments);
	va_end(arguments);
	assert_in_range(length, 1, sizeof sql - 1);
	PGresult *result = PQexec(t->conn, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(result));
	const char *text = PQntuples(result) && PQnfields(result)
				   ? arena_strdup(&t->arena, PQgetvalue(result, 0, 0))
				   : "";
	PQclear(result);
	return text;
}

static inline long long town_int(struct town *t, const char *sql)
{
	return atoll(town_sql(t, "%s", sql));
}

static inline void town_connect(struct town *t)
{
	t->conn = PQconnectdb(t->pg.uri);
	assert_int_equal(PQstatus(t->conn), CONNECTION_OK);
	town_sql(t, "SET TIME ZONE 'UTC'; SET client_min_messages = warning");
}

static inline void town_start(struct town *t)
{
	struct err e;
	*t = (struct town){.now_ms = TOWN_START_MS};
	arena_init(&t->arena);
	pg_start(&t->pg);
	if (!migrate_run(t->pg.uri, NULL, &e)) {
		fprintf(stderr, "%s\n", e.text);
		exit(99);
	}
	t->db = db_create(&(struct db_options){
		.uri = t->pg.uri, .application_name = "tidemark test"});
	town_connect(t);
}

static inline void town_stop(struct town *t)
{
	turn_destroy(t->turn);
	db_destroy(t->db);
	PQfinish(t->conn);
	pg_stop(&t->pg);
	arena_finish(&t->arena);
}

/* An empty fleet of two hosts of 8 GiB and a service "checkout" in two versions: ids 1
 * and 2 each. */
static inline void town_reset(struct town *t)
{
	turn_destroy(t->turn);
	t->turn = turn_create();
	t->now_ms = TOWN_START_MS;
	town_sql(t, "ALTER TABLE audit DISABLE TRIGGER audit_keep");
	town_sql(t, "ALTER TABLE audit_seal DISABLE TRIGGER audit_keep");
	town_sql(t, "TRUNCATE audit, audit_seal, capture, snapshot, snapshot_class, "
		    "snapshot_raw, "
		    "snapshot_raw_part, snapshot_policy, host, agent, service, "
		    "fingerprint, slot, generation, sample, "
		    "host_sample, slot_state, service_state, slot_verdict, "
		    "version_verdict, service_trend, finding, finding_slot, "
		    "finding_version, alert, alert_event, feedback, service_setting, "
		    "replay, app_user, session, token, stream, gap, content, package, "
		    "content_package, deploy, census_name, census, warning, source, "
		    "queue, queue_sample RESTART IDENTITY CASCADE");
	town_sql(t, "ALTER TABLE audit_seal ENABLE TRIGGER audit_keep");
	town_sql(t, "ALTER TABLE audit ENABLE TRIGGER audit_keep");
	town_sql(t, "SELECT partition_make(p, date '2026-11-22' + d) FROM (VALUES "
		    "('sample'), ('host_sample'), ('queue_sample')) AS v (p), "
		    "generate_series(-1, 4) AS d");
	town_sql(t, "INSERT INTO host (machine_id, name, interval_ms, first_seen_at) "
		    "SELECT id, name, 10000, timestamptz '2026-11-01 00:00+00' FROM "
		    "(VALUES ('a', 'alpha'), ('b', 'beta')) AS v (id, name)");
	town_sql(t, "INSERT INTO agent (public_key, host_id) SELECT "
		    "decode(repeat(to_char(i, "
		    "'FM00'), 32), 'hex'), i FROM generate_series(1, 2) AS i");
	town_sql(t, "INSERT INTO service (name) VALUES ('checkout')");
	town_sql(t, "INSERT INTO fingerprint (service_id, version, runtime) VALUES (1, "
		    "'1.0.0', 'node'), (1, '1.1.0', 'node')");
}

/* A process that begins now in a seat of `host`; returns its generation's id. */
static inline long long town_process(struct town *t, int host, int ordinal, int version)
{
	town_sql(t,
		"INSERT INTO slot (service_id, host_id, ordinal) VALUES (1, %d, %d) ON "
		"CONFLICT DO NOTHING",
		host, ordinal);
	return atoll(town_sql(t,
		"INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, "
		"pid, "
		"start_ticks, started_at, last_sample_at, command, rule) SELECT s.id, "
		"%d, "
		"%d, 'boot', 100 + (SELECT count(*) FROM generation), 1, "
		"to_timestamp(%" PRId64 " / 1000.0), to_timestamp(%" PRId64
		" / 1000.0), 'node app.js', 'auto' FROM "
		"slot s WHERE host_id = %d AND ordinal = %d RETURNING id",
		version, host, t->now_ms, t->now_ms, host, ordinal));
}

/* Readings of a process every 10 s from its last one up to now: at first base_mib, then
 * mib_min more with each minute since it began, with a wobble of up to 0.6 MiB. */
static inline void town_read(
	struct town *t, long long generation, double base_mib, double mib_min)
{
	town_sql(t,
		"WITH g AS (SELECT * FROM generation WHERE id = %lld) INSERT INTO "
		"sample "
		"(generation_id, at, rss_kb, rss_anon_kb) SELECT id, at, 40960 + kb, "
		"kb FROM (SELECT "
		"id, at, (1024 * (%f + %f * extract(epoch FROM at - started_at) / 60 + "
		"0.1 * "
		"(abs(hashint8(extract(epoch FROM at)::int8 + id)) %% 7)))::int8 AS kb "
		"FROM g, "
		"generate_series(g.last_sample_at + interval '10 s', "
		"to_timestamp(%" PRId64 " / 1000.0), interval '10 s') AS at) s",
		generation, base_mib, mib_min, t->now_ms);
	town_sql(t,
		"UPDATE generation SET last_sample_at = COALESCE((SELECT max(at) FROM "
		"sample WHERE "
		"generation_id = id), last_sample_at) WHERE id = %lld",
		generation);
	town_sql(t,
		"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
		" / 1000.0), last_sample_at = to_timestamp(%" PRId64 " / 1000.0)",
		t->now_ms, t->now_ms);
	town_sql(t,
		"INSERT INTO host_sample (host_id, at, mem_total_kb) SELECT id, "
		"to_timestamp(%" PRId64 " / 1000.0), 8388608 FROM host",
		t->now_ms);
}

static inline void town_wait(struct town *t, double minutes)
{
	t->now_ms += (int64_t)(minutes * 60000);
}

static inline struct turn_report town_turn(struct town *t)
{
	struct turn_report report;
	struct err e;
	if (!turn_run(t->turn, t->db, t->now_ms, &report, &e))
		fail_msg("%s", e.text);
	return report;
}

#endif
