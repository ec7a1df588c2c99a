/*
 * Found: two instances of version 1.1.0 that leak, with reports made by hand in place
 * of the detector, for the tests of alerts.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_WATCH_FOUND_H
#define TIDEMARK_TESTS_UNIT_SERVER_WATCH_FOUND_H

#include "server/watch/alerting.h"
#include "tests/unit/server/watch/town.h"

#include <string.h>

static struct town town;
static struct book *book;
static struct fleet_finding finding;
static int64_t versions[2], slots[2];
static struct analyse_rate rates[2];

static inline int start(void **state)
{
	(void)state;
	town_start(&town);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	book_destroy(book);
	town_stop(&town);
	return 0;
}

/* Two instances of version 1.1.0 that run, and what is found of them: 100 MiB an hour
 * since two hours. */
static inline int reset(void **state)
{
	(void)state;
	town_reset(&town);
	for (int host = 1; host <= 2; host++)
		town_process(&town, host, 0, 2);
	town_sql(&town,
		"INSERT INTO app_user (name, password_hash, role) VALUES ('ada', "
		"'x', 'admin')");
	book_destroy(book);
	book = book_create();
	for (int i = 0; i < 2; i++) {
		slots[i] = i + 1;
		rates[i] = (struct analyse_rate){true, 102400, 92160, 112640};
	}
	versions[0] = 2;
	static const struct analyse_reason reason = {true, "It grows"};
	finding = (struct fleet_finding){
		.service_id = 1,
		.kind = ANALYSE_KIND_LEAK,
		.level = ANALYSE_CONFIRMED,
		.lead_fingerprint_id = 2,
		.fingerprint_ids = versions,
		.fingerprint_count = 1,
		.slot_ids = slots,
		.slot_rates = rates,
		.slot_count = 2,
		.slots = 2,
		.hosts = 2,
		.hosts_leaking = 2,
		.rate = {true, 102400, 92160, 112640},
		.onset = {TOWN_START_MS - 2 * 3600000, TOWN_START_MS - 3 * 3600000,
			TOWN_START_MS - 3600000},
		.exhaust = {TOWN_START_MS + 50 * 3600000, TOWN_START_MS + 40 * 3600000,
			0},
		.cause = "version 1.1.0",
		.summary = "Version 1.1.0 leaks",
		.reasons = {&reason, 1},
	};
	return 0;
}

/* The hosts are heard, and both processes with them. */
static inline void hear(void)
{
	town_sql(&town,
		"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
		" / 1000.0), last_sample_at = to_timestamp(%" PRId64 " / 1000.0)",
		town.now_ms, town.now_ms);
	town_sql(&town,
		"UPDATE generation SET last_sample_at = to_timestamp(%" PRId64
		" / 1000.0) WHERE id <= 2",
		town.now_ms);
}

/* One turn: with what `finding` says at its level, nothing when it is quiet. */
static inline bool turn(void)
{
	struct err e;
	struct arena a;
	arena_init(&a);
	struct fleet_report report = {
		.findings = &finding, .finding_count = finding.level != ANALYSE_QUIET};
	struct alerting_input in = {book, &report, town.now_ms};
	bool changed = false;
	if (!book_sync(book, town.db, town.now_ms, &a, &e) ||
		!alerting_update(town.db, &in, &a, &changed, &e))
		fail_msg("%s", e.text);
	arena_finish(&a);
	return changed;
}

static inline bool turns(double minutes, double every)
{
	bool changed = false;
	for (double at = 0; at < minutes; at += every) {
		town_wait(&town, every);
		hear();
		changed = turn() || changed;
	}
	return changed;
}

static inline const char *state_of(void)
{
	return town_sql(&town, "SELECT state || ' ' || resolution FROM alert");
}

static inline const char *story(void)
{
	return town_sql(
		&town, "SELECT string_agg(kind, ' ' ORDER BY id) FROM alert_event");
}

/* Readings of both processes for some minutes, growing from 100 MiB on. */
static inline void read_on(double minutes, double mib_h)
{
	for (double at = 0; at < minutes; at += 10) {
		town_wait(&town, 10);
		for (int i = 1; i <= 2; i++)
			town_read(&town, i, 100, mib_h / 60);
		turn();
	}
}

#endif
