/* measures: server
 *
 * Values per second of CPU beside Prometheus, fed the same data in the same run: 100
 * agents, each tick of 10 s a request of its own.
 *
 *   tidemark     CURVE sockets, all processes of the server and its PostgreSQL, until
 *                the checkpoint that brings the rows home
 *   prometheus   Debian's, as a receiver of remote-write: a series for each metric of
 *                each process, HTTP over one connection, protobuf in snappy's framing
 * as one literal, which takes no work to inflate; its later compaction of the head into
 * blocks does not count
 *
 * Series and processes are known before the clock starts.  Who is not installed
 * (tests/bench/packages) is said to be, and left out; with nobody left the answer is
 * "short".  Zabbix is not fed here: its server needs a schema that Debian's package
 * only loads by hand.
 */
#include "tests/bench/ingest_rig.h"

enum { AGENTS = 100, WINDOW = 16, READY_MS = 20000 };
#define GOAL 5.0

static struct peer peers[AGENTS];
static int64_t at_ms;

/* The CPU seconds of `ticks` ticks of all agents. */
static double run_tidemark(int ticks, uint64_t first)
{
	struct arena a;
	struct rig_flow flows[AGENTS];
	struct buf *frames = calloc((size_t)(AGENTS * ticks), sizeof *frames);
	arena_init(&a);
	for (int i = 0; i < AGENTS; i++) {
		for (int n = 0; n < ticks; n++) {
			uint64_t sequence = first + (uint64_t)n;
			struct wire_batch batch = rig_batch(
				&peers[i], at_ms + (int64_t)sequence * 10000, &a);
			peer_upload(&batch, 1, sequence, &frames[i * ticks + n]);
			arena_reset(&a);
		}
		flows[i] = (struct rig_flow){.peer = &peers[i],
			.frames = &frames[i * ticks],
			.count = (uint64_t)ticks};
	}
	rig_checkpoint();
	struct rig_cpu before = rig_cpu();
	rig_run(flows, AGENTS, WINDOW);
	rig_checkpoint();
	struct rig_cpu cpu = rig_cpu_since(before);
	for (int i = 0; i < AGENTS * ticks; i++)
		buf_finish(&frames[i]);
	free(frames);
	arena_finish(&a);
	return cpu.server_s + cpu.database_s;
}

static void put_varint(struct buf *out, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		buf_byte(out, (char)(value | 128));
	buf_byte(out, (char)value);
}

static void put_bytes(struct buf *out, int field, const void *bytes, size_t length)
{
	put_varint(out, (uint64_t)(field << 3 | 2));
	put_varint(out, length);
	buf_append(out, bytes, length);
}

static void put_label(struct buf *series, const char *name, const char *value)
{
	struct buf label = {0};
	put_bytes(&label, 1, name, strlen(name));
	put_bytes(&label, 2, value, strlen(value));
	put_bytes(series, 1, label.data, label.length);
	buf_finish(&label);
}

/* prometheus.WriteRequest: a series of one sample.  `process` NULL: of the host. */
static void put_series(struct buf *request, const char *metric, const char *host,
	const char *process, int64_t value, int64_t unix_ms)
{
	struct buf series = {0}, sample = {0};
	double number = (double)value;
	put_label(&series, "__name__", metric);
	put_label(&series, "host", host);
	if (process) {
		put_label(&series, "service", "checkout");
		put_label(&series, "slot", process);
	}
	buf_byte(&sample, 1 << 3 | 1);
	buf_append(&sample, &number, sizeof number); /* little-endian, as here */
	put_varint(&sample, 2 << 3);
	put_varint(&sample, (uint64_t)unix_ms);
	put_bytes(&series, 2, sample.data, sample.length);
	put_bytes(request, 1, series.data, series.length);
	buf_finish(&series);
	buf_finish(&sample);
}

static void put_tick(
	struct buf *request, const char *host, const struct wire_tick *tick)
{
	for (int m = 0; m < METRIC_HOST_COUNT; m++)
		if (tick->host.present >> m & 1)
			put_series(request, metric_host[m].name, host, NULL,
				tick->host.value[m], tick->at_unix_ms);
	for (size_t p = 0; p < tick->sample_count; p++) {
		const struct wire_values *values = &tick->samples[p].values;
		char slot[16];
		snprintf(slot, sizeof slot, "%zu", p);
		for (int m = 0; m < METRIC_PROCESS_COUNT; m++)
			if (values->present >> m & 1)
				put_series(request, metric_process[m].name, host, slot,
					values->value[m], tick->at_unix_ms);
	}
}

/* HTTP around snappy around the request. */
static void put_post(struct buf *out, const struct buf *request)
{
	struct buf body = {0};
	put_varint(&body, request->length);
	uint32_t literal = (uint32_t)request->length - 1;
	buf_byte(&body, (char)(63 << 2)); /* a literal, its length in four bytes */
	buf_append(&body, &literal, sizeof literal);
	buf_append(&body, request->data, request->length);
	buf_printf(out,
		"POST /api/v1/write HTTP/1.1\r\nHost: bench\r\nContent-Encoding: "
		"snappy\r\nContent-Type: application/x-protobuf\r\n"
		"X-Prometheus-Remote-Write-Version: 0.1.0\r\nContent-Length: "
		"%zu\r\n\r\n",
		body.length);
	buf_append(out, body.data, body.length);
	buf_finish(&body);
}

static void post(int fd, const struct buf *text)
{
	char answer[1024];
	for (size_t at = 0; at < text->length;) {
		ssize_t n = write(fd, text->data + at, text->length - at);
		if (n <= 0)
			rig_die("prometheus", strerror(errno));
		at += (size_t)n;
	}
	ssize_t n = read(fd, answer, sizeof answer - 1);
	answer[n > 0 ? n : 0] = 0;
	if (strncmp(answer, "HTTP/1.1 20", 11) != 0)
		rig_die("prometheus says", answer);
}

static double run_prometheus(pid_t pid, int fd, int ticks, uint64_t first)
{
	struct arena a;
	struct buf *posts = calloc((size_t)(AGENTS * ticks), sizeof *posts);
	arena_init(&a);
	for (int n = 0; n < ticks; n++) {
		for (int i = 0; i < AGENTS; i++) {
			struct buf request = {0};
			struct wire_batch batch = rig_batch(&peers[i],
				at_ms + (int64_t)(first + (uint64_t)n) * 10000, &a);
			put_tick(&request, peers[i].machine_id, &batch.ticks[0]);
			put_post(&posts[n * AGENTS + i], &request);
			buf_finish(&request);
			arena_reset(&a);
		}
	}
	double before_s = rig_clock_s(pid);
	for (int i = 0; i < AGENTS * ticks; i++)
		post(fd, &posts[i]);
	double cpu_s = rig_clock_s(pid) - before_s;
	for (int i = 0; i < AGENTS * ticks; i++)
		buf_finish(&posts[i]);
	free(posts);
	arena_finish(&a);
	return cpu_s;
}

static pid_t start_prometheus(const char *program, const char *folder, uint16_t port)
{
	char config[96], config_option[128], path[128], listen[64];
	snprintf(config, sizeof config, "%s/prometheus.yml", folder);
	FILE *file = fopen(config, "we");
	if (!file || fprintf(file, "global: {scrape_interval: 1h}\n") < 0 ||
		fclose(file) != 0)
		rig_die(config, strerror(errno));
	snprintf(config_option, sizeof config_option, "--config.file=%s", config);
	snprintf(path, sizeof path, "--storage.tsdb.path=%s/data", folder);
	snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%u", port);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(fd, 1);
		dup2(fd, 2);
		execl(program, program, config_option, path, listen,
			"--web.enable-remote-write-receiver", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in at = ports_address(port);
	for (int waited_ms = 0; waited_ms < READY_MS; waited_ms += 100) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
			return fd;
		close(fd);
		usleep(100000);
	}
	return -1;
}

static void print_row(const char *name, double values, double cpu_s)
{
	printf("%-12s %12.0f %10.2f %14.2f %18.0f\n", name, values, cpu_s,
		cpu_s / values * 1e6, values / cpu_s);
	fflush(stdout);
}

/* The CPU seconds, or 0: it is not installed. */
static double measure_prometheus(int ticks)
{
	static const char program[] = "/usr/bin/prometheus";
	char folder[] = "/var/tmp/tidemark-bench-peer-XXXXXX", command[96];
	if (access(program, X_OK) != 0) {
		printf("%-12s not installed, left out\n", "prometheus");
		return 0;
	}
	if (!mkdtemp(folder))
		rig_die(folder, strerror(errno));
	uint16_t port = ports_free(1);
	pid_t pid = start_prometheus(program, folder, port);
	int fd = connect_to(port);
	if (fd < 0)
		rig_die("prometheus", "did not start");
	sleep(1); /* it listens before it is ready */
	run_prometheus(pid, fd, 1, 1);
	double cpu_s = run_prometheus(pid, fd, ticks, 2);
	close(fd);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "bench: %s is left behind\n", folder);
	return cpu_s;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int ticks = quick ? 40 : 200;
	double values = (double)AGENTS * ticks * RIG_VALUES_PER_BATCH;
	rig_start("ingest");
	void *zmq = zmq_ctx_new();
	rig_make_agents(peers, zmq, AGENTS);
	for (int i = 0; i < AGENTS; i++)
		peer_connect(&peers[i], rig.port);
	at_ms = clock_unix_ms() - 7200000;
	printf("%d agents, %d ticks of %d values each\n", AGENTS, ticks,
		RIG_VALUES_PER_BATCH);
	printf("%-12s %12s %10s %14s %18s\n", "", "values", "CPU s", "us a value",
		"values/CPU s");
	run_tidemark(1, 1);
	double own_s = run_tidemark(ticks, 2);
	print_row("tidemark", values, own_s);
	double prometheus_s = measure_prometheus(ticks);
	if (prometheus_s > 0)
		print_row("prometheus", values, prometheus_s);
	for (int i = 0; i < AGENTS; i++)
		peer_finish(&peers[i]);
	zmq_ctx_term(zmq);
	rig_stop();
	double ratio = prometheus_s / own_s;
	printf("ingest_peers ratio=%.2f goal=%.2f %s\n", ratio, GOAL,
		ratio >= GOAL ? "ok" : "short");
	return 0;
}
