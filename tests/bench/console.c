/* measures: server
 *
 * The server that console.sh looks at: the fleet of fleet_page.sql, with days of
 * history of the newest process of each seat.  Says "ready PORT", and ends with its
 * input.
 *
 *     bench_console HOSTS DAYS
 */
#include "tests/bench/past_fleet.h"

#include "common/log.h"

enum { SERVICES = 20, LIVES = 20 };

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	struct err e = {0};
	struct arena a;
	struct past_fleet f = {.hosts = atoi(argv[1]),
		.services = SERVICES,
		.days = atoi(argv[2]),
		.metric = PROCESS_rss_anon_kb};
	f.first = f.hosts * SERVICES * (LIVES - 1);
	log_init("bench", LOG_WARN);
	arena_init(&a);
	pg_start(&api_pg);
	past_fleet_check(migrate_run(api_pg.uri, NULL, &e), "migrate", &e);
	api_db = db_create(&(struct db_options){
		.uri = arena_printf(&a,
			"%s options='-c bench.hosts=%d -c bench.services=%d -c "
			"bench.now=%" PRId64 "'",
			api_pg.uri, f.hosts, SERVICES, PAST_FLEET_NOW_MS / 1000),
		.application_name = "tidemark bench"});
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/bench/fleet_page.sql");
	/* Each seat's newest process has lived for all of the history. */
	past_fleet_sql(api_db,
		"UPDATE generation SET started_at = started_at - interval '%d days', "
		"last_sample_at = last_sample_at - CASE WHEN id > %d THEN interval '0' "
		"ELSE interval '%d days' END; "
		"SELECT slot_seat(ARRAY(SELECT id FROM slot))",
		f.days, f.first, f.days);
	past_fleet_history(&f, api_db);
	past_fleet_sql(api_db, "VACUUM ANALYZE");
	api_now = PAST_FLEET_NOW_MS;
	api_launch();
	printf("ready %u\n", api_port(api_under_test));
	fflush(stdout);
	while (getchar() != EOF)
		;
	api_stop(api_under_test);
	db_destroy(api_db);
	pg_stop(&api_pg);
	arena_finish(&a);
	return 0;
}
