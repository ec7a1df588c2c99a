/* measures: server
 *
 * Whether reading the same takes longer when there is more history: 24 hours of 100
 * instances and a day of one, each reading read, with 1, 10 and 100 times as many days
 * kept.  The slowest over the fastest: at most 1.5.
 */
#include "tests/bench/past_fleet.h"

enum { HOSTS = 100, TIMES = 41 };

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	struct past_fleet fleet = {HOSTS, 1, 2};
	static const int days[] = {2, 20, 200};
	double one[3], many[3], worst = 1;
	char cookie[128], target[2][300];
	int sizes = quick ? 2 : 3, times = quick ? 21 : TIMES;
	past_fleet_start(&fleet);
	api_log_in("eve", cookie);
	snprintf(target[0], sizeof target[0],
		"/api/v1/series?instance=7&metric=rss_kb&source=raw&points=300"
		"&from=%" PRId64 "&to=%" PRId64,
		PAST_FLEET_DAY_MS - PARTITIONS_DAY_MS, PAST_FLEET_NOW_MS);
	snprintf(target[1], sizeof target[1],
		"/api/v1/series?service=1&metric=rss_kb&points=290&from=%" PRId64
		"&to=%" PRId64,
		PAST_FLEET_NOW_MS - PARTITIONS_DAY_MS, PAST_FLEET_NOW_MS);
	printf("%8s %16s %22s\n", "days", "one, 36 h", "100 instances, 24 h");
	for (int i = 0; i < sizes; i++) {
		if (i > 0)
			past_fleet_days(&fleet, api_db, days[i - 1], days[i]);
		uint16_t port = api_port(api_under_test);
		one[i] = past_fleet_measure(port, target[0], cookie, times).best_ms;
		many[i] = past_fleet_measure(port, target[1], cookie, times).best_ms;
		printf("%8d %13.1f ms %19.1f ms\n", days[i], one[i], many[i]);
		for (int k = 0; k < i; k++) {
			worst = one[i] / one[k] > worst ? one[i] / one[k] : worst;
			worst = many[i] / many[k] > worst ? many[i] / many[k] : worst;
		}
	}
	api_stop(api_under_test);
	db_destroy(api_db);
	pg_stop(&api_pg);
	printf("growth ratio=%.2f goal=1.50 %s\n", worst, worst < 1.5 ? "ok" : "short");
	return 0;
}
