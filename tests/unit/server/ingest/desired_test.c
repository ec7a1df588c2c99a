/*
 * What agents are to run reaches their receipts when the database says that it changed,
 * without a query for each message; who takes no settings is told none.
 */
#include "common/clock.h"
#include "server/ingest/desired.h"
#include "server/store/migrate.h"
#include "tests/support/pg.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static struct pg pg;
static struct db *db, *writer;
static struct arena arena;

static void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static void sql(const char *text)
{
	struct err e;
	must(db_script(writer, text, "test", &e), &e);
}

static int begin(void **state)
{
	struct err e;
	(void)state;
	pg_start(&pg);
	must(migrate_run(pg.uri, NULL, &e), &e);
	arena_init(&arena);
	db = db_create(&(struct db_options){.uri = pg.uri, .application_name = "t"});
	writer = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "w"});
	sql("INSERT INTO host (machine_id, name) SELECT 'm' || i, 'h' || i FROM "
	    "generate_series(1, 3) i; INSERT INTO agent (id, public_key, host_id, "
	    "version) "
	    "OVERRIDING SYSTEM VALUE SELECT id, decode(md5(name) || md5(name), 'hex'), "
	    "id, "
	    "'' FROM host; INSERT INTO config_group (name, position, canary_hosts, "
	    "part_pct, soak_s, automatic, silent_s, cpu_ppm, rss_bytes, created_by) "
	    "VALUES "
	    "('g', 1, 1, 1, 1, true, 60, 1, 1, 'ada'); INSERT INTO config_revision "
	    "(id, "
	    "group_id, settings, hash, made_by) OVERRIDING SYSTEM VALUE VALUES (7, 1, "
	    "'{\"min_rss\": \"1M\", \"interval\": \"5s\"}', 0, 'ada'), (8, 1, '{}', 0, "
	    "'ada'), (9, 1, '{\"interval\": \"5s\", \"of_a_newer_server\": \"x\"}', "
	    "0, 'ada'); INSERT INTO agent_config (agent_id, "
	    "group_id, desired_id, desired_at) VALUES (1, 1, 7, now()), (2, 1, 8, "
	    "now())");
	return 0;
}

static int end(void **state)
{
	(void)state;
	db_destroy(db);
	db_destroy(writer);
	arena_finish(&arena);
	pg_stop(&pg);
	return 0;
}

static const struct setting_state own = {0};

static void agents_are_told_what_they_do_not_run(void **state)
{
	(void)state;
	struct desired *d = desired_create();
	assert_null(desired_for(d, 1, &own, &arena)); /* not loaded: nobody knows */
	desired_refresh(d, db);
	const struct setting_orders *o = desired_for(d, 1, &own, &arena);
	assert_non_null(o);
	assert_int_equal(o->revision, 7);
	assert_int_equal(o->count, 2);
	assert_int_equal(o->values[0].number, 1);
	assert_string_equal(o->values[0].value, "5s");
	assert_int_equal(o->values[1].number, 3);
	assert_true(o->hash == setting_hash(o->values, o->count));
	assert_null(desired_for(d, 1, NULL, &arena)); /* of a version that takes none */
	struct setting_state runs = {.revision = 7, .hash = o->hash};
	assert_null(desired_for(d, 1, &runs, &arena));
	runs.hash ^= 1; /* the number means something else here */
	assert_non_null(desired_for(d, 1, &runs, &arena));
	o = desired_for(d, 2, &own, &arena);
	assert_int_equal(o->revision, 8);
	assert_int_equal(o->count, 0);
	/* In no group, and runs what it was told before: its own file again. */
	assert_null(desired_for(d, 3, &own, &arena));
	o = desired_for(d, 3, &runs, &arena);
	assert_int_equal(o->revision, 0);
	assert_int_equal(o->count, 0);
	desired_destroy(d);
}

/* A half would look like drift, and flap with the newer server's whole. */
static void what_a_newer_server_means_is_left_to_it(void **state)
{
	(void)state;
	struct desired *d = desired_create();
	struct setting_state runs = {.revision = 9, .hash = 5};
	sql("UPDATE agent_config SET desired_id = 9 WHERE agent_id = 2");
	desired_refresh(d, db);
	assert_null(desired_for(d, 2, &own, &arena));
	assert_null(desired_for(d, 2, &runs, &arena));
	assert_non_null(desired_for(d, 1, &own, &arena));
	sql("UPDATE agent_config SET desired_id = 8 WHERE agent_id = 2");
	desired_destroy(d);
}

static void a_change_is_heard_of(void **state)
{
	(void)state;
	struct desired *d = desired_create();
	desired_refresh(d, db);
	sql("UPDATE agent_config SET desired_id = 8 WHERE agent_id = 1");
	desired_refresh(d, db);
	assert_int_equal(desired_for(d, 1, &own, &arena)->revision, 7);
	sql("NOTIFY config");
	int64_t until_ms = clock_mono_ms() + 20000;
	do
		desired_refresh(d, db);
	while (desired_for(d, 1, &own, &arena)->revision == 7 &&
		clock_mono_ms() < until_ms);
	assert_int_equal(desired_for(d, 1, &own, &arena)->revision, 8);
	/* A revoked agent is told nothing new. */
	sql("UPDATE agent SET revoked_at = now() WHERE id = 1; NOTIFY config");
	until_ms = clock_mono_ms() + 20000;
	do
		desired_refresh(d, db);
	while (desired_for(d, 1, &own, &arena) && clock_mono_ms() < until_ms);
	assert_null(desired_for(d, 1, &own, &arena));
	desired_destroy(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agents_are_told_what_they_do_not_run),
		cmocka_unit_test(what_a_newer_server_means_is_left_to_it),
		cmocka_unit_test(a_change_is_heard_of),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
