/* The watch over readings that were put away: what moved on into segments and chunks,
 * and what came late, is judged as if it were hot. */
#include "server/compact/work.h"
#include "server/store/partitions.h"
#include "server/store/storage.h"
#include "server/watch/replaying.h"
#include "tests/unit/server/watch/pair.h"

enum { FIVE_MS = 5 * 60 * 1000, HOT_MIN = 60 };

static struct db *store;
static bool is_put_away; /* else all stays hot */

static int start(void **state)
{
	pair_start(state);
	store = db_create(&(struct db_options){
		.uri = town.pg.uri, .application_name = "tidemark storage"});
	return 0;
}

static int stop(void **state)
{
	db_destroy(store);
	return pair_stop(state);
}

static void begin_anew(void)
{
	struct err e;
	town_reset(&town);
	town_sql(&town, "TRUNCATE sample_late, host_sample_late, segment, chunk, "
			"slot_rollup, version_rollup");
	town_sql(&town, "UPDATE storage SET closed_to = NULL, compacted_to = NULL, "
			"sealed_to = NULL");
	for (int day = 0; day < 4; day++)
		assert_true(partitions_make_ahead(
			store, TOWN_START_MS + day * INT64_C(86400000), &e));
}

static int reset(void **state)
{
	(void)state;
	is_put_away = true;
	begin_anew();
	return 0;
}

static void done(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static void close_to(int64_t at_ms)
{
	struct err e;
	done(storage_close(store, at_ms - at_ms % FIVE_MS, &e), &e);
}

/* As the compactor does, and drops what has been hot for an hour. */
static void put_away(void)
{
	struct err e;
	struct work w = {.step = {.main = store, .readings = store}};
	if (!is_put_away)
		return;
	close_to(town.now_ms);
	done(work_windows(&w, 0, &e), &e);
	done(work_seal(&w, 0, &e), &e);
	for (int i = 0; i < 2; i++)
		town_sql(&town,
			"DELETE FROM %s WHERE at < (SELECT compacted_to FROM "
			"storage) - interval '%d minutes'",
			i ? "host_sample" : "sample", HOT_MIN);
}

/* With turns, and the compactor behind them. */
static void live_on(const struct pair *p, double minutes, double every)
{
	for (double at = 0; at < minutes; at += every) {
		live(p, every);
		town_turn(&town);
		put_away();
	}
}

static long long count(const char *table)
{
	return atoll(town_sql(&town, "SELECT count(*) FROM %s", table));
}

/* What the watch says that begins with nothing but what is stored. */
static char *said_anew(void)
{
	town_sql(&town, "TRUNCATE slot_state, service_state, slot_verdict, "
			"version_verdict, finding, finding_slot, finding_version, "
			"alert, alert_event, feedback, capture, snapshot, "
			"snapshot_class, snapshot_raw, snapshot_raw_part CASCADE");
	restart();
	while (town_turn(&town).behind)
		;
	return verdicts();
}

static void a_past_that_is_put_away_says_the_same(void **state)
{
	(void)state;
	char *said[2];
	for (int round = 0; round < 2; round++) {
		is_put_away = round == 1;
		begin_anew();
		struct pair p = begin(0.25);
		live_on(&p, 20 * 60, 60);
		said[round] = said_anew();
	}
	/* It was read from everywhere. */
	assert_true(count("chunk") > 0 && count("segment") > 0);
	assert_in_range(count("sample"), 4 * 6 * HOT_MIN, 4 * 6 * (HOT_MIN + 10));
	assert_non_null(strstr(said[0], "confirmed"));
	assert_same(said[1], said[0]);
}

static void a_crash_changes_no_verdict(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_on(&p, 5 * 60 + 35, 5);
	char *before = levels();
	restart();
	town_turn(&town);
	assert_same(levels(), before);
}

/* What ingest does with readings of a closed time. */
static void are_late(long long generation)
{
	town_sql(&town,
		"WITH late AS (DELETE FROM sample WHERE generation_id = %lld AND at < "
		"(SELECT closed_to FROM storage) RETURNING *) INSERT INTO sample_late "
		"SELECT * FROM late",
		generation);
}

/* An agent was cut off for hours, and what it kept is stored late. */
static void late_readings_are_judged(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_on(&p, 30, 5);
	for (int at = 0; at < 8 * 60; at += 10) {
		town_wait(&town, 10);
		town_read(&town, p.clean[0], 60, 0);
		town_read(&town, p.leaky[0], 60, 0.5);
		town_sql(&town,
			"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
			" / 1000.0) - interval '8 hours', last_sample_at = (SELECT "
			"max(last_sample_at) FROM generation g WHERE g.host_id = 2) "
			"WHERE host_id = 2",
			town.now_ms);
		town_turn(&town);
		put_away();
	}
	assert_string_equal(level_of(p.leaky[1]), "");
	live(&p, 1);
	are_late(p.clean[1]);
	are_late(p.leaky[1]);
	assert_true(count("sample_late") > 2 * 6 * 60);
	assert_true(town_turn(&town).readings > 2 * 6 * 60);
	assert_string_equal(level_of(p.leaky[1]), "confirmed");
}

/* One in ten agents may be behind when five minutes are closed. */
static void what_is_a_little_late_is_news(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live_on(&p, 24, 2);
	size_t fed = 0;
	for (int minute = 24; minute < 34; minute++) {
		town_wait(&town, 1);
		town_read(&town, p.clean[0], 60, 0);
		town_read(&town, p.leaky[0], 60, 0);
		if (minute % 2 == 1) {
			town_read(&town, p.clean[1], 60, 0);
			town_read(&town, p.leaky[1], 60, 0);
			are_late(p.clean[1]);
			are_late(p.leaky[1]);
		}
		fed += town_turn(&town).readings;
		close_to(town.now_ms);
	}
	assert_true(count("sample_late") > 0);
	assert_int_equal(fed, 4 * 10 * 6);
}

static const char *replayed(void)
{
	struct err e;
	bool more = true;
	struct replaying *r = replaying_create();
	town_sql(&town,
		"INSERT INTO replay (service_id, sensitivity, from_at, to_at) VALUES "
		"(1, 'normal', to_timestamp(%" PRId64 " / 1000.0), "
		"to_timestamp(%" PRId64 " / 1000.0))",
		TOWN_START_MS, town.now_ms);
	while (more)
		done(replaying_work(r, town.db, town.now_ms, &more, &e), &e);
	replaying_destroy(r);
	return town_sql(&town, "SELECT state || text || ' ' || readings || ' ' || "
			       "alarms::text FROM replay");
}

static void replays_read_what_is_put_away(void **state)
{
	(void)state;
	const char *said[2];
	for (int round = 0; round < 2; round++) {
		is_put_away = round == 1;
		begin_anew();
		struct pair p = begin(0.25);
		for (int hour = 0; hour < 20; hour++) {
			live(&p, 60);
			put_away();
		}
		said[round] = replayed();
	}
	assert_true(count("chunk") > 0);
	assert_non_null(strstr(said[0], "confirmed"));
	assert_string_equal(said[1], said[0]);
}

#define PUT_AWAY_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PUT_AWAY_TEST(a_past_that_is_put_away_says_the_same),
		PUT_AWAY_TEST(a_crash_changes_no_verdict),
		PUT_AWAY_TEST(late_readings_are_judged),
		PUT_AWAY_TEST(what_is_a_little_late_is_news),
		PUT_AWAY_TEST(replays_read_what_is_put_away),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
