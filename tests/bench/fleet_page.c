/* measures: server
 *
 * How long the answers take that the console's lists are made of, of a fleet of 1,000
 * hosts with 20 services each: 20,000 instances, each of which has had 20 processes
 * (fleet_page.sql).  Through the HTTP API, warm, to the last byte; at most 50 ms each.
 *
 *   20      services of 1,000 instances each
 *   200     services of 100 instances each
 *
 * The page Fleet asks for the first two at once.
 */
#include "tests/bench/past_fleet.h"

#include "common/log.h"

static const double GOAL_MS = 50;

static const char *const targets[] = {
	"/api/v1/fleet",
	"/api/v1/services?limit=100",
	"/api/v1/services/3",
	"/api/v1/services/3/instances?limit=200",
	"/api/v1/services/3/deploys",
	"/api/v1/agents?limit=200",
	"/api/v1/alerts?limit=200",
	"/api/v1/alerts/10",
	"/api/v1/findings?limit=100",
	"/api/v1/queues?limit=200",
	"/api/v1/groups?by=host&limit=100",
	"/api/v1/groups?by=version&limit=100",
	"/api/v1/groups?by=label&label=zone",
	"/api/v1/hosts",
	"/api/v1/hosts?service=3",
	"/api/v1/hosts/7",
	"/api/v1/hosts/7/instances",
	"/api/v1/search?q=service-00",
};
enum { TARGETS = sizeof targets / sizeof *targets };

static void start(int hosts, int services)
{
	struct err e = {0};
	struct arena a;
	arena_init(&a);
	pg_start(&api_pg);
	past_fleet_check(migrate_run(api_pg.uri, NULL, &e), "migrate", &e);
	int64_t now_s = clock_unix_ms() / 1000;
	api_db = db_create(&(struct db_options){
		.uri = arena_printf(&a,
			"%s options='-c bench.hosts=%d -c bench.services=%d -c "
			"bench.now=%" PRId64 "'",
			api_pg.uri, hosts, services, now_s),
		.application_name = "tidemark bench"});
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/bench/fleet_page.sql");
	past_fleet_sql(api_db, "VACUUM ANALYZE");
	api_now = now_s * 1000;
	api_launch();
	arena_finish(&a);
}

static void stop(void)
{
	api_stop(api_under_test);
	db_destroy(api_db);
	pg_stop(&api_pg);
}

/* The slowest. */
static double measure(int hosts, int services, int times)
{
	char cookie[128];
	double worst_ms = 0;
	start(hosts, services);
	api_log_in("eve", cookie);
	printf("\n%d hosts, %d services, %d instances\n%-42s %9s %8s\n", hosts,
		services, hosts * 20, "answer", "bytes", "ms");
	for (size_t i = 0; i < TARGETS; i++) {
		struct past_fleet_answer a = past_fleet_measure(
			api_port(api_under_test), targets[i], cookie, times);
		printf("%-42s %9zu %8.1f\n", targets[i], a.bytes, a.last_ms);
		if (a.last_ms > worst_ms)
			worst_ms = a.last_ms;
	}
	stop();
	return worst_ms;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int times = quick ? 11 : 31;
	log_init("bench", LOG_WARN);
	double worst_ms = measure(1000, 20, times);
	double wide_ms = quick ? 0 : measure(1000, 200, times);
	if (wide_ms > worst_ms)
		worst_ms = wide_ms;
	printf("fleet_page ratio=%.2f goal=1.00 %s\n", worst_ms / GOAL_MS,
		worst_ms <= GOAL_MS ? "ok" : "short");
	return 0;
}
