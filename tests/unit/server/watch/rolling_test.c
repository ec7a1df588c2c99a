/*
 * Rollouts over a real database: stage by stage to all, back when agents fall silent,
 * cost too much or do not get through; one server at a time; and hosts go where the
 * rules say.  What agents would say is written into the database here.
 */
#include "server/store/config_agents.h"
#include "server/store/config_desired.h"
#include "server/store/config_groups.h"
#include "server/store/migrate.h"
#include "server/store/rollouts.h"
#include "server/watch/rolling.h"
#include "tests/support/pg.h"
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <string.h>

#define START_MS INT64_C(1795341600000) /* 2026-11-22 10:00 UTC */

static struct pg pg;
static struct db *db, *other;
static struct arena arena;
static int64_t now_ms;
static struct rolling_memory memory;
static const struct audit_actor ada = {0, "ada"};

static void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static struct db *open_db(void)
{
	return db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "rolling"});
}

static int begin(void **state)
{
	struct err e;
	(void)state;
	pg_start(&pg);
	must(migrate_run(pg.uri, NULL, &e), &e);
	arena_init(&arena);
	db = open_db();
	other = open_db();
	return 0;
}

static int end(void **state)
{
	(void)state;
	db_destroy(db);
	db_destroy(other);
	arena_finish(&arena);
	pg_stop(&pg);
	return 0;
}

__attribute__((format(printf, 1, 2))) static void sql(const char *format, ...)
{
	struct buf text = {0};
	char line[2000];
	struct err e;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	buf_text(&text, line);
	must(db_script(db, text.data, line, &e), &e);
	buf_finish(&text);
}

/* All agents have spoken now, and acknowledge what they are to run. */
static void all_acknowledge(void)
{
	sql("UPDATE agent a SET last_seen_at = to_timestamp(%" PRId64
	    " / 1000.0), config_id = COALESCE(c.desired_id, 0), config_hash = "
	    "COALESCE(r.hash, 0), config_at = now(), cpu_ppm = 3000, rss_bytes = "
	    "9000000 FROM agent_config c LEFT JOIN config_revision r ON r.id = "
	    "c.desired_id WHERE c.agent_id = a.id",
		now_ms);
}

static void step(void)
{
	struct err e;
	memory.assign_ms = 0;
	must(rolling_step(db, now_ms, &memory, &arena, &e), &e);
}

static void pass(int64_t seconds)
{
	now_ms += seconds * 1000;
	all_acknowledge();
	step();
}

/* Ten hosts, h-0 to h-9, whose agents report and take settings. */
static void fleet(void)
{
	now_ms = START_MS;
	memory = (struct rolling_memory){0};
	sql("UPDATE config_group SET good_id = NULL; DELETE FROM agent_config; "
	    "DELETE FROM config_group; DELETE FROM agent; DELETE FROM host_label; "
	    "DELETE FROM host; INSERT INTO host (machine_id, name, kernel, cpus, "
	    "interval_ms) SELECT 'm' || i, 'h-' || i, '', 1, 10000 FROM "
	    "generate_series(0, 9) i; INSERT INTO agent (public_key, host_id, version, "
	    "last_seen_at, config_id, config_hash) SELECT decode(md5(name) || "
	    "md5('x' || name), 'hex'), id, '0.2.0', to_timestamp(%" PRId64
	    " / 1000.0), 0, 0 FROM host",
		now_ms);
}

static int64_t make_group(const char *name, const char *host, int64_t position)
{
	struct config_groups_wish wish = {.actor = ada,
		.now_ms = now_ms,
		.name = name,
		.host = host,
		.labels = "{}",
		.position = position,
		.plan = {.canary_hosts = 1,
			.part_pct = 30,
			.soak_s = 60,
			.automatic = true,
			.silent_s = 60,
			.cpu_ppm = 50000,
			.rss_bytes = 64 << 20}};
	struct config_groups_row *row;
	struct err e;
	must(config_groups_add(db, &wish, &arena, &row, &e), &e);
	assert_non_null(row);
	return row->id;
}

static struct config_groups_row *group(int64_t id)
{
	struct config_groups_row *row;
	struct err e;
	must(config_groups_one(db, id, now_ms, &arena, &row, &e), &e);
	return row;
}

static int64_t roll_out(int64_t id, const char *interval)
{
	const struct setting_value values[] = {{1, interval}};
	const struct config_revisions_wish wish = {
		.actor = ada, .group_id = id, .values = values, .count = 1, .note = ""};
	struct config_revisions_row *row;
	struct err e;
	bool done;
	must(config_revisions_add(db, &wish, &arena, &row, &e), &e);
	const struct config_revisions_step begun = {
		.actor = ada, .group_id = id, .now_ms = now_ms, .revision = row->id};
	must(config_revisions_rollout(db, &begun, &arena, &done, &e), &e);
	assert_true(done);
	return row->id;
}

static const char *state_of(int64_t id, const char **reason)
{
	struct config_revisions_row *row;
	struct err e;
	must(config_revisions_one(db, id, &arena, &row, &e), &e);
	if (reason)
		*reason = row->reason;
	return row->state;
}

/* How many agents are to run the revision. */
static size_t told(int64_t id)
{
	struct config_desired d;
	struct err e;
	size_t n = 0;
	must(config_desired_read(db, &arena, &d, &e), &e);
	for (size_t i = 0; i < d.agent_count; i++)
		n += d.orders[d.agents[i].orders].revision == (uint64_t)id;
	return n;
}

/* A first revision that all of a new group run. */
static int64_t well(int64_t *good)
{
	fleet();
	int64_t id = make_group("all", "", 1);
	*good = roll_out(id, "20s");
	for (int i = 0; i < 12; i++)
		pass(61);
	assert_string_equal(state_of(*good, NULL), "good");
	return id;
}

static void a_change_reaches_one_then_a_part_then_all(void **state)
{
	(void)state;
	fleet();
	int64_t id = make_group("all", "", 1);
	int64_t revision = roll_out(id, "20s");
	assert_int_equal(told(revision), 1);
	step(); /* nobody has acknowledged yet */
	assert_int_equal(group(id)->rollout->settled_ms, 0);
	pass(10);
	assert_int_equal(group(id)->rollout->settled_ms, now_ms);
	assert_int_equal(group(id)->rollout->until_ms, now_ms + 60000);
	pass(59);
	assert_int_equal(told(revision), 1);
	pass(1);
	pass(1);
	assert_int_equal(group(id)->rollout->stage, CONFIG_REVISIONS_PART);
	assert_int_equal(told(revision), 3);
	pass(1);
	pass(60);
	pass(1);
	assert_int_equal(told(revision), 10);
	assert_string_equal(state_of(revision, NULL), "rolling");
	pass(1);
	pass(60);
	assert_string_equal(state_of(revision, NULL), "good");
	struct config_groups_row *g = group(id);
	assert_null(g->rollout);
	assert_int_equal(g->good->id, revision);
	assert_int_equal(g->counts[0], 10);
	int64_t second = roll_out(id, "30s");
	for (int i = 0; i < 12; i++)
		pass(61);
	assert_string_equal(state_of(second, NULL), "good");
	assert_string_equal(state_of(revision, NULL), "replaced");
}

static void expect_back(int64_t id, int64_t bad, int64_t good, const char *says)
{
	const char *reason;
	assert_string_equal(state_of(bad, &reason), "rolled_back");
	if (!strstr(reason, says))
		fail_msg("'%s' does not say '%s'", reason, says);
	assert_int_equal(told(bad), 0);
	assert_int_equal(told(good), 10);
	assert_int_equal(group(id)->good->id, good);
	struct err e;
	struct audit_row *audit;
	size_t count;
	must(audit_page(db, &(struct audit_filter){.limit = 1}, &arena, &audit, &count,
		     &e),
		&e);
	assert_string_equal(audit[0].action, "config.rollback");
	assert_string_equal(audit[0].actor, "server");
	assert_string_equal(audit[0].detail, reason);
}

/* All but those that are to run the revision. */
static void others_report(int64_t revision)
{
	sql("UPDATE agent a SET last_seen_at = to_timestamp(%" PRId64
	    " / 1000.0) FROM agent_config c WHERE c.agent_id = a.id AND c.desired_id "
	    "IS DISTINCT FROM %" PRId64,
		now_ms, revision);
}

static void silence_takes_it_back(void **state)
{
	(void)state;
	int64_t good, id = well(&good), bad = roll_out(id, "5s");
	pass(10);
	/* They are silent until three of the intervals that they were told have passed:
	 * 20 s, as the host still says. */
	now_ms += 59000;
	others_report(bad);
	step();
	assert_string_equal(state_of(bad, NULL), "rolling");
	now_ms += 2000;
	others_report(bad);
	step();
	expect_back(id, bad, good, "stopped reporting: nothing came for 60 seconds");
}

/* Hours of it: nobody is heard, and then all come back, some later than others. */
static void an_outage_takes_nothing_back(void **state)
{
	(void)state;
	const char *reason;
	int64_t good, id = well(&good), bad = roll_out(id, "5s");
	pass(10);
	for (int i = 0; i < 3; i++) {
		now_ms += 3600 * 1000;
		step();
		assert_string_equal(state_of(bad, &reason), "rolling");
		assert_non_null(strstr(reason, "Most agents do not report"));
		assert_int_equal(group(id)->rollout->settled_ms, 0);
	}
	for (int i = 0; i < 10; i++) {
		now_ms += 59 * 1000;
		others_report(bad);
		step();
		assert_string_equal(state_of(bad, NULL), "rolling");
	}
	assert_int_equal(told(bad), 1);
	now_ms += 80 * 1000;
	others_report(bad);
	step();
	expect_back(id, bad, good, "stopped reporting");
}

/* A database whose clock jumps has heard nobody either. */
static void a_jump_of_the_clock_takes_nothing_back(void **state)
{
	(void)state;
	int64_t good, id = well(&good), revision = roll_out(id, "5s");
	pass(10);
	now_ms += INT64_C(86400) * 1000;
	step();
	assert_string_equal(state_of(revision, NULL), "rolling");
	now_ms -= INT64_C(86400) * 1000;
	for (int i = 0; i < 12; i++)
		pass(61);
	assert_string_equal(state_of(revision, NULL), "good");
}

static void what_is_paused_only_goes_back(void **state)
{
	(void)state;
	int64_t good, id = well(&good), bad = roll_out(id, "5s");
	pass(10);
	sql("UPDATE config_revision SET state = 'paused' WHERE id = %" PRId64, bad);
	for (int i = 0; i < 5; i++)
		pass(61);
	assert_string_equal(state_of(bad, NULL), "paused");
	assert_int_equal(told(bad), 1);
	sql("UPDATE agent SET rss_bytes = 100 << 20");
	step();
	expect_back(id, bad, good, "took 100.0 MiB");
}

/* Who was revoked is no canary any more, and shares are of those that report. */
static void the_revoked_and_the_silent_count_nowhere(void **state)
{
	(void)state;
	fleet();
	int64_t id = make_group("all", "", 1);
	int64_t revision = roll_out(id, "20s");
	sql("UPDATE agent SET revoked_at = now() WHERE id IN (SELECT agent_id FROM "
	    "agent_config WHERE desired_id = %" PRId64 ")",
		revision);
	assert_int_equal(told(revision), 0);
	step();
	assert_int_equal(told(revision), 1);
	sql("UPDATE agent SET revoked_at = now() WHERE id IN (SELECT agent_id FROM "
	    "agent_config WHERE desired_id IS NULL LIMIT 4)");
	for (int i = 0; i < 3; i++)
		pass(61);
	assert_int_equal(group(id)->rollout->stage, CONFIG_REVISIONS_PART);
	assert_int_equal(told(revision), 2); /* of five */
}

static void a_group_that_fails_stops_no_other(void **state)
{
	(void)state;
	struct err e;
	fleet();
	int64_t one = make_group("one", "h-1", 1), two = make_group("two", "h-2", 2);
	roll_out(one, "20s");
	roll_out(two, "20s");
	sql("CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
	    "NEW.group_id = %" PRId64 " THEN RAISE 'no room'; END IF; RETURN NEW; END "
	    "$$; CREATE TRIGGER fails BEFORE UPDATE ON config_revision FOR EACH ROW "
	    "EXECUTE FUNCTION fails()",
		one);
	now_ms += 10000;
	all_acknowledge();
	assert_false(rolling_step(db, now_ms, &memory, &arena, &e));
	assert_non_null(strstr(e.text, "group 'one'"));
	assert_int_equal(group(one)->rollout->settled_ms, 0);
	assert_int_equal(group(two)->rollout->settled_ms, now_ms);
	sql("DROP TRIGGER fails ON config_revision; DROP FUNCTION fails()");
	pass(1);
	assert_int_equal(group(one)->rollout->settled_ms, now_ms);
}

static void cost_takes_it_back(void **state)
{
	(void)state;
	int64_t good, id = well(&good), bad = roll_out(id, "1s");
	pass(10);
	all_acknowledge();
	sql("UPDATE agent SET cpu_ppm = 50000");
	step();
	assert_string_equal(state_of(bad, NULL), "rolling");
	sql("UPDATE agent SET cpu_ppm = 61000");
	step();
	expect_back(id, bad, good, "took 6.1 % of a core");
	bad = roll_out(id, "1s");
	pass(10);
	sql("UPDATE agent SET rss_bytes = 100 << 20");
	step();
	expect_back(id, bad, good, "took 100.0 MiB");
}

/* One that cost more than the bound before is measured by itself. */
static void what_was_dear_before_may_stay_so(void **state)
{
	(void)state;
	int64_t good, id = well(&good);
	sql("UPDATE agent SET cpu_ppm = 80000");
	int64_t revision = roll_out(id, "15s");
	all_acknowledge();
	sql("UPDATE agent SET cpu_ppm = 110000");
	step();
	assert_string_equal(state_of(revision, NULL), "rolling");
	sql("UPDATE agent SET cpu_ppm = 121000");
	step();
	assert_string_equal(state_of(revision, NULL), "rolled_back");
}

static void an_agent_that_gave_it_up_takes_it_back(void **state)
{
	(void)state;
	int64_t good, id = well(&good), bad = roll_out(id, "1s");
	all_acknowledge();
	sql("UPDATE agent SET config_exceptions = 'interval failed'");
	step();
	expect_back(id, bad, good, "did not get through");
	sql("UPDATE agent SET config_exceptions = ''");
}

static void another_server_leaves_it_out(void **state)
{
	(void)state;
	struct err e;
	fleet();
	int64_t id = make_group("all", "", 1);
	int64_t revision = roll_out(id, "20s");
	pass(10);
	must(db_begin(other, &e), &e);
	must(rollouts_turn(other, &arena, &e), &e);
	pass(120);
	pass(120);
	assert_int_equal(told(revision), 1);
	db_rollback(other);
	pass(1);
	pass(1);
	assert_int_equal(told(revision), 3);
}

static void the_first_rule_that_fits_wins(void **state)
{
	(void)state;
	struct config_agents_row *rows;
	size_t count;
	struct err e;
	fleet();
	sql("INSERT INTO host_label SELECT id, 'env', 'prod-' || name FROM host WHERE "
	    "name "
	    "IN ('h-1', 'h-2')");
	int64_t rest = make_group("rest", "h-*", 100);
	int64_t first = make_group(
		"first", "h-[!]", 50); /* brackets are no glob here */
	assert_int_equal(group(rest)->hosts, 10);
	assert_int_equal(group(first)->hosts, 0);
	sql("UPDATE config_group SET host = '', labels = '{\"env\": \"prod-*\"}' WHERE "
	    "id "
	    "= %" PRId64,
		first);
	step();
	assert_int_equal(group(first)->hosts, 2);
	assert_int_equal(group(rest)->hosts, 8);
	const struct config_agents_filter filter = {.group_id = first,
		.states = config_agents_state_name,
		.state_count = CONFIG_AGENTS_STATES,
		.limit = 100};
	must(config_agents_page(db, &filter, now_ms, &arena, &rows, &count, &e), &e);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].host.name, "h-1");
}

static void a_new_host_runs_what_its_group_does(void **state)
{
	(void)state;
	int64_t good;
	well(&good);
	sql("INSERT INTO host (machine_id, name, kernel, cpus, interval_ms) VALUES "
	    "('new', "
	    "'new', '', 1, 10000); INSERT INTO agent (public_key, host_id, version) "
	    "SELECT decode(md5('n') || md5('nn'), 'hex'), id, '0.2.0' FROM host WHERE "
	    "name "
	    "= 'new'");
	step();
	assert_int_equal(told(good), 11);
	/* So does one that comes while the others need not be looked at yet. */
	struct err e;
	sql("DELETE FROM agent_config WHERE agent_id = (SELECT max(id) FROM agent)");
	memory.assign_ms = now_ms + 1000;
	must(rolling_step(db, now_ms, &memory, &arena, &e), &e);
	assert_int_equal(told(good), 11);
}

static void drift_is_seen(void **state)
{
	(void)state;
	int64_t good, id = well(&good);
	sql("UPDATE agent SET config_hash = 1 WHERE host_id = (SELECT id FROM host "
	    "WHERE "
	    "name = 'h-3'); UPDATE agent SET config_id = NULL WHERE host_id = (SELECT "
	    "id "
	    "FROM host WHERE name = 'h-4'); UPDATE agent SET config_exceptions = "
	    "'interval overridden' WHERE host_id = (SELECT id FROM host WHERE name = "
	    "'h-5'); UPDATE agent SET config_exceptions = 'interval overridden,inspect "
	    "forbidden' WHERE host_id = (SELECT id FROM host WHERE name = 'h-6'); "
	    "UPDATE "
	    "agent SET last_seen_at = to_timestamp(%" PRId64
	    " / 1000.0) WHERE host_id = (SELECT id FROM host WHERE name = 'h-7')",
		now_ms - 3600000);
	/* same, waiting, overridden, refused, drift, silent, old */
	const int64_t expected[CONFIG_GROUPS_STATES] = {5, 0, 1, 1, 1, 1, 1};
	struct config_groups_row *g = group(id);
	for (size_t i = 0; i < CONFIG_GROUPS_STATES; i++)
		if (g->counts[i] != expected[i])
			fail_msg("%s: %" PRId64, config_groups_state_name[i],
				g->counts[i]);
}

/* One that falls silent before it is told, or cannot take settings, is neither a canary
 * nor does the stage wait for it. */
static void the_silent_do_not_hold_it_up(void **state)
{
	(void)state;
	fleet();
	int64_t id = make_group("all", "", 1);
	sql("UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
	    " / 1000.0) WHERE host_id IN (SELECT id FROM host WHERE name < 'h-8'); "
	    "UPDATE "
	    "agent SET config_id = NULL WHERE host_id IN (SELECT id FROM host WHERE "
	    "name = "
	    "'h-8')",
		now_ms - 3600000);
	int64_t revision = roll_out(id, "20s");
	for (int i = 0; i < 12; i++) {
		now_ms += 61000;
		sql("UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
		    " / 1000.0), config_id = %" PRId64
		    ", config_hash = (SELECT hash FROM config_revision WHERE id = "
		    "%" PRId64
		    ") WHERE host_id IN (SELECT id FROM host WHERE name = 'h-9')",
			now_ms, revision, revision);
		step();
	}
	assert_string_equal(state_of(revision, NULL), "good");
	assert_int_equal(told(revision), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_reaches_one_then_a_part_then_all),
		cmocka_unit_test(silence_takes_it_back),
		cmocka_unit_test(an_outage_takes_nothing_back),
		cmocka_unit_test(a_jump_of_the_clock_takes_nothing_back),
		cmocka_unit_test(what_is_paused_only_goes_back),
		cmocka_unit_test(the_revoked_and_the_silent_count_nowhere),
		cmocka_unit_test(a_group_that_fails_stops_no_other),
		cmocka_unit_test(cost_takes_it_back),
		cmocka_unit_test(what_was_dear_before_may_stay_so),
		cmocka_unit_test(an_agent_that_gave_it_up_takes_it_back),
		cmocka_unit_test(another_server_leaves_it_out),
		cmocka_unit_test(the_first_rule_that_fits_wins),
		cmocka_unit_test(a_new_host_runs_what_its_group_does),
		cmocka_unit_test(drift_is_seen),
		cmocka_unit_test(the_silent_do_not_hold_it_up),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
