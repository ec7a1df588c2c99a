/*
 * Which services a reader is shown.
 */
#include "server/store/migrate.h"
#include "server/store/services.h"
#include "tests/support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

#define NOW INT64_C(1795341600000) /* 2026-11-22 10:00 UTC */

static struct pg pg;
static struct db *db;
static struct arena arena;
static struct err e;

static void script(const char *text)
{
	if (!db_script(db, text, "test", &e))
		fail_msg("%s", e.text);
}

/* One host whose agent reported until `seen_at`; a service that runs, and one whose
 * process ended five minutes before that. */
static int set_up(void **state)
{
	(void)state;
	pg_start(&pg);
	arena_init(&arena);
	db = db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "tidemark test"});
	if (!migrate_run(pg.uri, NULL, &e))
		return -1;
	script("INSERT INTO host (machine_id, name, interval_ms) VALUES ('m', 'h', "
	       "10000);"
	       "INSERT INTO agent (public_key, host_id, last_seen_at, last_sample_at)"
	       " VALUES (decode(repeat('01', 32), 'hex'), 1, '2026-11-22 09:59:55+00',"
	       " '2026-11-22 09:59:55+00');"
	       "INSERT INTO service (name) VALUES ('runs'), ('ended');"
	       "INSERT INTO fingerprint (service_id, version, runtime)"
	       " VALUES (1, '', ''), (2, '', '');"
	       "INSERT INTO slot (service_id, host_id, ordinal)"
	       " VALUES (1, 1, 0), (2, 1, 0);"
	       "INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, pid,"
	       " start_ticks, started_at, last_sample_at, command, rule) VALUES"
	       " (1, 1, 1, 'b', 1, 1, '2026-11-22 09:00+00', '2026-11-22 09:59:30+00',"
	       " 'c', 'r'),"
	       " (2, 2, 1, 'b', 2, 2, '2026-11-22 09:00+00', '2026-11-22 09:54:55+00',"
	       " 'c', 'r')");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_destroy(db);
	arena_finish(&arena);
	pg_stop(&pg);
	return 0;
}

/* The names on the page, joined. */
static const char *page(int64_t now_ms)
{
	struct services_row *rows;
	size_t count;
	if (!services_page(db, &(struct services_filter){.limit = 10}, now_ms, &arena,
		    &rows, &count, &e))
		fail_msg("%s", e.text);
	const char *names = "";
	for (size_t i = 0; i < count; i++)
		names = arena_printf(&arena, "%s%s ", names, rows[i].name);
	return names;
}

static void a_service_that_ended_leaves_the_list(void **state)
{
	(void)state;
	assert_string_equal(page(NOW), "runs ");
}

static void a_silent_agent_hides_nothing_that_ran(void **state)
{
	(void)state;
	assert_string_equal(page(NOW + 2 * 3600 * 1000), "runs ");
}

static void an_open_alert_keeps_an_ended_service(void **state)
{
	(void)state;
	script("INSERT INTO finding (service_id, fingerprint_id, kind, first_at, "
	       "last_at,"
	       " slots, slots_leaking, hosts, hosts_leaking, summary, reasons) VALUES"
	       " (2, 2, 'leak', now(), now(), 1, 1, 1, 1, '', '[]');"
	       "INSERT INTO alert (finding_id, opened_at) VALUES (1, now())");
	assert_non_null(strstr(page(NOW), "ended"));
	script("UPDATE alert SET state = 'resolved'");
	assert_string_equal(page(NOW), "runs ");
}

static const char *verdict(int64_t now_ms)
{
	struct services_row *rows;
	size_t count;
	if (!services_page(db, &(struct services_filter){.limit = 10}, now_ms, &arena,
		    &rows, &count, &e))
		fail_msg("%s", e.text);
	assert_int_equal(count, 1);
	return rows[0].verdict;
}

/* Also when nothing newer was said of anything. */
static void an_old_verdict_no_longer_counts(void **state)
{
	(void)state;
	script("INSERT INTO version_verdict (fingerprint_id, service_id, at, verdict, "
	       "slots, slots_leaking, hosts, hosts_leaking, summary, reasons) VALUES "
	       "(1, 1, '2026-11-22 09:59:30+00', 'leak', 1, 1, 1, 1, '', '[]')");
	assert_string_equal(verdict(NOW), "leak");
	assert_string_equal(verdict(NOW + 16 * 60000), "learning");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_that_ended_leaves_the_list),
		cmocka_unit_test(a_silent_agent_hides_nothing_that_ran),
		cmocka_unit_test(an_open_alert_keeps_an_ended_service),
		cmocka_unit_test(an_old_verdict_no_longer_counts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
