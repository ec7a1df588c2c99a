/* What leaking versions consist of, and others do not, is named: over a real database,
 * through whole turns, with packages as ingest would have left them. */
#include "server/store/readings.h"
#include "tests/unit/server/watch/town.h"

#include <string.h>

enum { HOSTS = 21, LEAKING = 12 };

static struct town town;
static long long lives[HOSTS];

static int start(void **state)
{
	(void)state;
	town_start(&town);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	town_stop(&town);
	return 0;
}

/* A content of app 2.0.0 with these packages, '{"name", "version"}' pairs. */
static void content(int id, const char *packages)
{
	town_sql(&town,
		"INSERT INTO content (id, hash, app, app_version, git_head, build_id, "
		"image, runtime, runtime_version, source, is_cut, environment, "
		"remarks) OVERRIDING SYSTEM VALUE VALUES (%d, repeat('%d', 32), "
		"'checkout', '2.0.0', '', '', '', 'node', '20.11.1', "
		"'package-lock.json', false, '{}', '{}')",
		id, id);
	town_sql(&town,
		"WITH p AS (SELECT regexp_replace(x, '@[^@]*$', '') AS name, "
		"regexp_replace(x, '^.*@', '') AS version FROM "
		"unnest(string_to_array('%s', ' ')) AS x), made AS (INSERT INTO "
		"package (name, version) SELECT name, version FROM p ON CONFLICT "
		"(name, version) DO UPDATE SET name = EXCLUDED.name RETURNING id) "
		"INSERT INTO content_package SELECT %d, id FROM made",
		packages, id);
}

/* 21 hosts, all of which say that they run 2.0.0: fingerprints 11, 12, 13 of contents
 * 1, 2, 3. */
static int reset(void **state)
{
	(void)state;
	town_reset(&town);
	town_sql(&town,
		"INSERT INTO host (machine_id, name, interval_ms, first_seen_at) "
		"SELECT 'm' || i, 'host-' || i, 10000, timestamptz '2026-11-01 "
		"00:00+00' FROM generate_series(3, %d) AS i",
		HOSTS);
	town_sql(&town,
		"INSERT INTO agent (public_key, host_id) SELECT "
		"decode(repeat(to_char(i, 'FM00'), 32), 'hex'), i FROM "
		"generate_series(3, %d) AS i",
		HOSTS);
	town_sql(&town,
		"INSERT INTO fingerprint (id, service_id, version, runtime, hash) "
		"OVERRIDING SYSTEM VALUE SELECT 10 + i, 1, '2.0.0', 'node 20.11.1', "
		"repeat(i::text, 32) FROM generate_series(1, 3) AS i");
	return 0;
}

/* The first twelve hosts run version `bad` and leak; of the rest the last `others` run
 * version `other`, which does not, nor does the version of those between. */
static void settle(int bad, int good, int other, int others)
{
	for (int i = 0; i < HOSTS; i++)
		lives[i] = town_process(&town, i + 1, 0,
			i < LEAKING           ? bad
			: i >= HOSTS - others ? other
					      : good);
}

static void live(double hours)
{
	for (double at = 0; at < hours; at += 0.5) {
		town_wait(&town, 30);
		for (int i = 0; i < HOSTS; i++)
			town_read(&town, lives[i], 60, i < LEAKING ? 1.2 : 0);
		town_turn(&town);
	}
}

static const char *cause(void)
{
	return town_sql(&town, "SELECT cause FROM finding WHERE active");
}

/* The reasons of the alert, one a line. */
static const char *reasons(void)
{
	return town_sql(&town,
		"SELECT string_agg(r ->> 'text', E'\\n') FROM finding f JOIN alert a "
		"ON a.finding_id = f.id, jsonb_array_elements(f.reasons) AS r "
		"WHERE f.active");
}

static void says(const char *what)
{
	if (!strstr(reasons(), what))
		fail_msg("the alert's reasons do not say \"%s\":\n%s", what, reasons());
}

static void packages_that_come_together_are_named_together(void **state)
{
	(void)state;
	content(1, "@pm2/io@4.2.1 express@4.18.2 koa@2.0.0 pm2@3.5.1");
	content(2, "@pm2/io@4.1.2 express@4.18.2 koa@1.9.0 pm2@3.4.1");
	settle(11, 12, 12, 0);
	live(6);
	assert_string_equal(cause(), "@pm2/io 4.2.1");
	says("Leaks with @pm2/io 4.2.1: 12 of 12 hosts; without: 0 of 9");
	says("Always deployed with it, so equally suspect: koa 2.0.0, pm2 3.5.1");
	assert_null(strstr(reasons(), "express"));
	/* Whoever reads it must find which of the two that are called 2.0.0. */
	const char *said = town_sql(
		&town, "SELECT summary FROM version_verdict WHERE fingerprint_id = 11");
	if (!strstr(said, "2.0.0 · deps 111111"))
		fail_msg("the version's summary does not name it: %s", said);
}

/* Five hosts have the other two new packages and do not leak. */
static void the_package_that_explains_alone_wins(void **state)
{
	(void)state;
	content(1, "aaa@1.0.0 @pm2/io@4.2.1 pm2@3.5.1");
	content(2, "aaa@0.9.0 @pm2/io@4.1.2 pm2@3.4.1");
	content(3, "aaa@1.0.0 @pm2/io@4.1.2 pm2@3.5.1");
	settle(11, 12, 13, 5);
	live(6);
	assert_string_equal(cause(), "@pm2/io 4.2.1");
	says("Leaks with @pm2/io 4.2.1: 12 of 12 hosts; without: 0 of 9");
	says("12 of 12 hosts; without: 0 of 9\n");
}

/* The contents come after the alert was raised. */
static void what_comes_late_is_told(void **state)
{
	(void)state;
	settle(11, 12, 12, 0);
	live(6);
	assert_string_equal(cause(), "");
	assert_null(strstr(reasons(), "Leaks with"));
	content(1, "@pm2/io@4.2.1 express@4.18.2");
	town_turn(&town);
	content(2, "@pm2/io@4.1.2 express@4.18.2");
	live(1);
	assert_string_equal(cause(), "@pm2/io 4.2.1");
	says("Leaks with @pm2/io 4.2.1: 12 of 12 hosts; without: 0 of 9");
}

/* A service that installs from different lock files everywhere. */
static void of_too_many_the_telling_ones_are_kept(void **state)
{
	(void)state;
	content(1, "zzz@4.2.1");
	content(2, "zzz@4.1.2");
	content(3, "zzz@4.1.2");
	town_sql(&town,
		"WITH made AS (INSERT INTO package (name, version) SELECT 'p' || i, "
		"(i %% 2)::text FROM generate_series(1, 6000) AS i RETURNING id, "
		"version) INSERT INTO content_package SELECT CASE version WHEN '0' "
		"THEN 2 ELSE 3 END, id FROM made");
	struct err e;
	static const int64_t ids[] = {11, 12, 13};
	struct readings_part *parts;
	size_t count, found = 0;
	assert_true(readings_parts(town.db, ids, 3, &town.arena, &parts, &count, &e));
	assert_in_range(count, 1, READINGS_PARTS_MAX + 3);
	for (size_t i = 0; i < count; i++)
		found += strcmp(parts[i].name, "zzz") == 0;
	assert_int_equal(found, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			packages_that_come_together_are_named_together, reset),
		cmocka_unit_test_setup(the_package_that_explains_alone_wins, reset),
		cmocka_unit_test_setup(what_comes_late_is_told, reset),
		cmocka_unit_test_setup(of_too_many_the_telling_ones_are_kept, reset),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
