/* measures: server_watch server
 *
 * What a turn of the watch takes over a fleet of hosts with 20 processes each, which
 * are read every ten seconds (fleet_page.sql).
 *
 *   first   the turn that opens: who runs, and the last quarter of an hour
 *   usual   the median of turns ten seconds apart, each with two readings of every
 * process at most, of which `step` in the detector linear  the usual turn of a process
 * among the most, against one among 20,000
 *
 * A usual turn of 20,000 processes may take a second.  With --quick there is no more
 * than those.
 */
#include "server/watch/turn.h"
#include "tests/bench/past_fleet.h"

#include "common/log.h"

static const double GOAL_MS = 1000;
enum { TURNS = 12, INTERVAL_S = 10 };

static int64_t now_s;

static void start(int hosts)
{
	struct err e = {0};
	struct arena a;
	arena_init(&a);
	pg_start(&api_pg);
	past_fleet_check(migrate_run(api_pg.uri, NULL, &e), "migrate", &e);
	now_s = clock_unix_ms() / 1000;
	api_db = db_create(&(struct db_options){
		.uri = arena_printf(&a,
			"%s options='-c bench.hosts=%d -c bench.services=20 -c "
			"bench.now=%" PRId64 "'",
			api_pg.uri, hosts, now_s),
		.application_name = "tidemark bench"});
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/bench/fleet_page.sql");
	/* Nothing of before is stored, and nothing is to be looked for. */
	past_fleet_sql(api_db,
		"UPDATE host SET first_seen_at = now() - interval '5 minutes'; "
		"UPDATE generation SET last_sample_at = last_sample_at - interval '30 "
		"days' WHERE id NOT IN (SELECT life_id FROM slot)");
	past_fleet_sql(api_db, "VACUUM ANALYZE");
	arena_finish(&a);
}

static void stop(void)
{
	db_destroy(api_db);
	pg_stop(&api_pg);
}

/* What agents store in ten seconds. */
static void live(void)
{
	now_s += INTERVAL_S;
	past_fleet_sql(api_db,
		"INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, "
		"rss_file_kb, swap_kb, cpu_ms, threads, fds, heap_used_kb, "
		"heap_total_kb) SELECT s.life_id, to_timestamp(%" PRId64
		" - 2) + s.host_id * interval '0.1 ms', 180000, 160000 + s.id %% 7, "
		"20000, 0, 4000, 11, 30, 90000, 120000 FROM slot s WHERE s.host_id %% "
		"100 <> 0 ORDER BY s.host_id",
		now_s);
	past_fleet_sql(api_db,
		"UPDATE generation SET last_sample_at = to_timestamp(%" PRId64
		") - interval '2 s' WHERE id IN (SELECT life_id FROM slot WHERE "
		"host_id "
		"%% 100 <> 0); UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
		"), last_sample_at = to_timestamp(%" PRId64
		") - interval '2 s' WHERE host_id %% 100 <> 0",
		now_s, now_s, now_s);
}

static double turn_ms(struct turn *turn, struct db *db, struct turn_report *report)
{
	struct err e = {0};
	double began = past_fleet_now();
	past_fleet_check(turn_run(turn, db, now_s * 1000, report, &e), "turn", &e);
	return past_fleet_now() - began;
}

/* The usual turn, in ms. */
static double measure(int hosts)
{
	struct turn_report report;
	double first_ms = 0, ms[TURNS], step_ms = 0;
	size_t readings = 0;
	start(hosts);
	struct db *db = db_create(&(struct db_options){
		.uri = api_pg.uri, .application_name = "tidemark watch"});
	struct turn *turn = turn_create();
	do {
		first_ms += turn_ms(turn, db, &report);
		readings += report.readings;
	} while (report.behind);
	printf("%9d %9.0f", hosts * 20, first_ms);
	fflush(stdout);
	for (int i = 0; i < TURNS; i++) {
		live();
		ms[i] = turn_ms(turn, db, &report);
		step_ms += (double)report.step_ms / TURNS;
	}
	qsort(ms, TURNS, sizeof *ms, past_fleet_compare);
	printf(" %9.0f %9.0f %9.0f\n", ms[TURNS / 2], ms[TURNS - 1], step_ms);
	turn_destroy(turn);
	db_destroy(db);
	stop();
	return ms[TURNS / 2];
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	log_init("bench", LOG_WARN);
	printf("%9s %9s %9s %9s %9s\n", "processes", "first ms", "usual ms", "worst ms",
		"step ms");
	double usual_ms = measure(1000);
	if (!quick)
		printf("linear %.2f\n", measure(5000) / 5 / usual_ms);
	printf("watch_turn ratio=%.2f goal=1.00 %s\n", usual_ms / GOAL_MS,
		usual_ms <= GOAL_MS ? "ok" : "short");
	return 0;
}
