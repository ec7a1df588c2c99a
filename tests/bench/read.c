/* measures: server
 *
 * How long charts take through the HTTP API, over 30 days of history of a fleet of 200
 * hosts, its newest rows hot:
 *
 *   one    30 days of one metric of one process, each reading of it read, 300 points:
 *          at most 8 ms to the first byte
 *   many   24 hours of 200 instances at five minutes: at most 30 ms to the last byte
 * and 125 kB of gzip hours  30 days of the same 200, from hours
 *
 * `many` also against Prometheus with the same series, when it is installed: at most
 * half of its time.  With --quick the fleet runs fewer services, and there is no
 * Prometheus.
 */
#include "tests/bench/past_fleet.h"

#include "common/log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { HOSTS = 200, DAYS = 30 };
static const double ONE_MS = 8, MANY_MS = 30, MANY_BYTES = 125000, PROMETHEUS = 0.5;

static bool say(const char *name, double ratio, double most)
{
	printf("read-%s ratio=%.2f goal=%.2f %s\n", name, ratio, most,
		ratio <= most ? "ok" : "short");
	return ratio <= most;
}

static double worst = 0;

static void hold(const char *name, double measured, double goal)
{
	say(name, measured / goal, 1);
	if (measured / goal > worst)
		worst = measured / goal;
}

static void run(char *const argv[])
{
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "%s failed\n", argv[0]);
		exit(99);
	}
}

/* The same 24 hours of the same instances, as blocks of Prometheus. */
static void write_blocks(char *folder)
{
	char path[128];
	snprintf(path, sizeof path, "%s/in", folder);
	FILE *out = fopen(path, "w");
	fprintf(out, "# TYPE rss_kb gauge\n");
	for (int h = 1; h <= HOSTS; h++)
		for (int64_t at = PAST_FLEET_NOW_MS - PARTITIONS_DAY_MS;
			at < PAST_FLEET_NOW_MS; at += PAST_FLEET_TICK_MS)
			fprintf(out,
				"rss_kb{host=\"web-%d\",service=\"service-1\"} "
				"%" PRId64 " %.3f\n",
				h, past_fleet_value(h % PAST_FLEET_PATTERNS, at),
				(double)past_fleet_at(h % PAST_FLEET_PATTERNS, at) /
					1000);
	fprintf(out, "# EOF\n");
	fclose(out);
	char data[128];
	snprintf(data, sizeof data, "%s/data", folder);
	run((char *[]){"promtool", "tsdb", "create-blocks-from", "openmetrics", path,
		data, NULL});
}

static pid_t start_prometheus(const char *folder, uint16_t port)
{
	char config[128], data[160], listen[64];
	snprintf(config, sizeof config, "%s/config", folder);
	snprintf(data, sizeof data, "--storage.tsdb.path=%s/data", folder);
	snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%d", port);
	FILE *out = fopen(config, "w");
	fprintf(out, "global: {}\n");
	fclose(out);
	char file[160];
	snprintf(file, sizeof file, "--config.file=%s", config);
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execlp("prometheus", "prometheus", file, data, listen,
			"--storage.tsdb.retention.time=10y", (char *)NULL);
		_exit(127);
	}
	return child;
}

static bool answers(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
	close(fd);
	return ok;
}

static double ask_prometheus(int times)
{
	char folder[] = "/tmp/tidemark-prometheus-XXXXXX", target[400];
	uint16_t port = (uint16_t)(20000 + getpid() % 20000);
	if (!mkdtemp(folder))
		exit(99);
	write_blocks(folder);
	pid_t server = start_prometheus(folder, port);
	for (int i = 0; i < 600 && !answers(port); i++)
		usleep(50000);
	usleep(1000000);
	snprintf(target, sizeof target,
		"/api/v1/query_range?query=max_over_time(rss_kb%%7Bservice%%3D%%22"
		"service-1%%22%%7D%%5B5m%%5D)&start=%" PRId64 "&end=%" PRId64
		"&step=300",
		(PAST_FLEET_NOW_MS - PARTITIONS_DAY_MS) / 1000,
		PAST_FLEET_NOW_MS / 1000);
	struct past_fleet_answer a = past_fleet_measure(port, target, "", times);
	printf("Prometheus: %zu kB, %.1f ms\n", a.bytes / 1000, a.last_ms);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	run((char *[]){"rm", "-rf", "--", folder, NULL});
	return a.last_ms;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	struct past_fleet fleet = {HOSTS, quick ? 2 : 20, DAYS};
	int times = quick ? 15 : 41;
	char cookie[128], target[300];
	double start = past_fleet_now();
	past_fleet_start(&fleet);
	printf("%d processes, %d days: made in %.0f s\n", fleet.hosts * fleet.services,
		fleet.days, (past_fleet_now() - start) / 1000);
	api_log_in("eve", cookie);
	uint16_t port = api_port(api_under_test);

	snprintf(target, sizeof target,
		"/api/v1/series?instance=%d&metric=rss_kb&source=raw&points=300"
		"&from=%" PRId64 "&to=%" PRId64,
		fleet.services * 77 + 1, PAST_FLEET_NOW_MS - 30 * PARTITIONS_DAY_MS,
		PAST_FLEET_NOW_MS);
	struct past_fleet_answer one = past_fleet_measure(port, target, cookie, times);
	printf("one: 30 days, 1 process, %zu kB: %.1f ms to the first byte\n",
		one.bytes / 1000, one.first_ms);
	hold("one", one.first_ms, ONE_MS);

	snprintf(target, sizeof target,
		"/api/v1/series?service=1&metric=rss_kb&points=290&from=%" PRId64
		"&to=%" PRId64,
		PAST_FLEET_NOW_MS - PARTITIONS_DAY_MS, PAST_FLEET_NOW_MS);
	struct past_fleet_answer many = past_fleet_measure(port, target, cookie, times);
	printf("many: 24 hours, 200 processes, %zu kB: %.1f ms to the first byte, %.1f "
	       "to the last\n",
		many.bytes / 1000, many.first_ms, many.last_ms);
	hold("many", many.last_ms, MANY_MS);
	hold("many-bytes", (double)many.bytes, MANY_BYTES);

	snprintf(target, sizeof target,
		"/api/v1/series?service=1&metric=rss_kb&points=720&from=%" PRId64
		"&to=%" PRId64,
		PAST_FLEET_DAY_MS - 30 * PARTITIONS_DAY_MS, PAST_FLEET_DAY_MS);
	struct past_fleet_answer hours = past_fleet_measure(port, target, cookie, 5);
	printf("hours: 30 days, 200 processes, %zu kB: %.1f ms\n", hours.bytes / 1000,
		hours.last_ms);
	api_stop(api_under_test);
	db_destroy(api_db);
	pg_stop(&api_pg);
	if (!quick && system("command -v prometheus promtool >/dev/null") == 0)
		hold("prometheus", many.last_ms, PROMETHEUS * ask_prometheus(times));
	else
		printf("Prometheus is not asked\n");
	printf("read ratio=%.2f goal=1.00 %s\n", worst, worst <= 1 ? "ok" : "short");
	return 0;
}
