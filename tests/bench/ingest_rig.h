/*
 * Rig: a server of its own with its own PostgreSQL, agents that are known to it, and
 * what all its processes take; for the benches of the ingest.
 *
 * A bench is one thread.  Whatever fails ends it, and the server with it.
 */
#ifndef TIDEMARK_TESTS_BENCH_INGEST_RIG_H
#define TIDEMARK_TESTS_BENCH_INGEST_RIG_H

#include "common/clock.h"
#include "common/log.h"
#include "server/cluster.h"
#include "server/keys.h"
#include "server/store/db.h"
#include "tests/support/peer.h"
#include "tests/support/ports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	RIG_PROCESSES = 20, /* of each agent */
	RIG_METRICS = 16,   /* of each process, as an agent sends them */
	RIG_ROWS_PER_BATCH = RIG_PROCESSES + 1,
	RIG_VALUES_PER_BATCH = RIG_PROCESSES * RIG_METRICS + METRIC_HOST_COUNT,
	RIG_PIDS_MAX = 1024,
};

struct rig {
	char data_dir[64];
	pid_t server;
	uint16_t port;
	const char *uri;
	uint8_t server_key[32];
	struct arena arena;
	struct db *db;
};

static struct rig rig;

__attribute__((noreturn)) static inline void rig_die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	if (rig.server > 0)
		kill(rig.server, SIGTERM);
	exit(1);
}

/* A statement of the bench's own. */
static inline void rig_script(const char *text)
{
	struct err e;
	if (!db_script(rig.db, text, "script", &e))
		rig_die("script", e.text);
}

/* Brings both sides to the same point: nothing of the other is left to write. */
static inline void rig_checkpoint(void)
{
	rig_script("CHECKPOINT");
}

static inline void rig_run_server(const char *roles, const char *http, const char *log)
{
	char program[512], listen[32];
	const char *build = getenv("TIDEMARK_BUILD");
	snprintf(program, sizeof program, "%s/tidemark-server", build ? build : ".");
	snprintf(listen, sizeof listen, "127.0.0.1:%u", rig.port);
	rig.server = fork();
	if (rig.server != 0)
		return;
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, 2);
	execl(program, program, "run", "--data-dir", rig.data_dir, "--listen", listen,
		"--http", http, roles ? "--roles" : NULL, roles, (char *)NULL);
	_exit(127);
}

/* Roles: NULL for all. */
static inline void rig_start(const char *roles)
{
	char log[96], http[32];
	struct err e;
	struct keys keys;
	log_init("bench", LOG_ERROR);
	if (sodium_init() < 0)
		rig_die("sodium", "cannot be used");
	snprintf(rig.data_dir, sizeof rig.data_dir, "/var/tmp/tidemark-bench-XXXXXX");
	if (!mkdtemp(rig.data_dir))
		rig_die(rig.data_dir, strerror(errno));
	snprintf(log, sizeof log, "%s.log", rig.data_dir);
	rig.port = ports_free(3);
	snprintf(http, sizeof http, "127.0.0.1:%u", rig.port + 2);
	rig_run_server(roles, http, log);
	arena_init(&rig.arena);
	if (!cluster_uri(rig.data_dir, &rig.arena, &rig.uri, &e))
		rig_die("uri", e.text);
	rig.db = db_create(&(struct db_options){
		.uri = rig.uri, .application_name = "tidemark bench"});
	/* The data socket is bound last. */
	for (int i = 0; !ports_answers(rig.port); i++) {
		if (i == 600 || waitpid(rig.server, NULL, WNOHANG) != 0)
			rig_die("the server did not start, see", log);
		usleep(100000);
	}
	/* Root reads the key that an unprivileged server owns; so does its owner. */
	if (!keys_load(rig.data_dir, &keys, &e))
		rig_die("server key", e.text);
	memcpy(rig.server_key, keys.public_key, sizeof rig.server_key);
	keys_wipe(&keys);
}

static inline void rig_stop(void)
{
	char command[128];
	db_destroy(rig.db);
	kill(rig.server, SIGTERM);
	waitpid(rig.server, NULL, 0);
	arena_finish(&rig.arena);
	snprintf(command, sizeof command, "rm -rf %s %s.log", rig.data_dir,
		rig.data_dir);
	if (system(command) != 0)
		fprintf(stderr, "bench: %s is left behind\n", rig.data_dir);
}

static inline void rig_insert_agents(const struct peer *peers, size_t count)
{
	struct buf text = {0};
	buf_text(&text, "WITH new (machine_id, key) AS (VALUES ");
	for (size_t i = 0; i < count; i++) {
		char key[65];
		sodium_bin2hex(key, sizeof key, peers[i].public_key, 32);
		buf_printf(&text, "%s('%s', '\\x%s'::bytea)", i ? ", " : "",
			peers[i].machine_id, key);
	}
	buf_text(&text,
		"), home AS (INSERT INTO host (machine_id, name) SELECT machine_id, "
		"'host-' || left(machine_id, 6) FROM new RETURNING id, machine_id) "
		"INSERT INTO agent (public_key, host_id) SELECT key, id FROM new JOIN "
		"home USING (machine_id)");
	rig_script(text.data);
	buf_finish(&text);
}

/* Keys of agents that the server knows from now on, as if they had enrolled. */
static inline void rig_make_agents(struct peer *peers, void *zmq, size_t count)
{
	enum { AT_ONCE = 1000 };
	for (size_t i = 0; i < count; i++)
		peer_init(&peers[i], zmq, rig.server_key);
	for (size_t i = 0; i < count; i += AT_ONCE)
		rig_insert_agents(peers + i, count - i < AT_ONCE ? count - i : AT_ONCE);
	rig_script("NOTIFY keys, 'enrolled'");
	/* The server reads all keys at once. */
	usleep(500000);
}

/* One tick of an agent: RIG_METRICS of each process, all of the host. */
static inline struct wire_batch rig_batch(
	const struct peer *p, int64_t at_unix_ms, struct arena *a)
{
	struct wire_batch batch = peer_batch(p,
		&(struct peer_shape){.processes = RIG_PROCESSES,
			.ticks = 1,
			.at_unix_ms = at_unix_ms,
			.first_pid = 1000},
		a);
	for (size_t i = 0; i < RIG_PROCESSES; i++) {
		struct wire_values *values = &batch.ticks[0].samples[i].values;
		batch.processes[i].started_unix_ms = 1700000000000;
		for (int m = PROCESS_heap_used_kb; m < RIG_METRICS; m++) {
			values->present |= UINT64_C(1) << m;
			values->value[m] = 50000 + at_unix_ms / 10000 % 997;
		}
	}
	return batch;
}

/* What one agent sends in a run: frames that were made before. */
struct rig_flow {
	struct peer *peer;
	const struct buf *frames;
	uint64_t count, sent, received;
};

static inline void rig_flow_send(struct rig_flow *flow, uint64_t window)
{
	while (flow->sent < flow->count && flow->sent - flow->received < window) {
		const struct buf *frame = &flow->frames[flow->sent];
		if (zmq_send(flow->peer->socket, frame->data, frame->length,
			    ZMQ_DONTWAIT) < 0)
			return;
		flow->sent++;
	}
}

static inline void rig_flow_receive(struct rig_flow *flow)
{
	struct err e;
	struct wire_receipt receipt;
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	while (zmq_msg_recv(&frame, flow->peer->socket, ZMQ_DONTWAIT) >= 0) {
		if (!wire_receipt_decode(zmq_msg_data(&frame), zmq_msg_size(&frame),
			    &flow->peer->arena, &receipt, &e))
			rig_die("receipt", e.text);
		if (receipt.fate != WIRE_STORED)
			rig_die("not stored", receipt.reason);
		flow->received++;
		arena_reset(&flow->peer->arena);
	}
	zmq_msg_close(&frame);
}

/* All of it, until the last receipt is here; the seconds that took.  `window`: batches
 * of an agent under way. */
static inline double rig_run(struct rig_flow *flows, size_t count, uint64_t window)
{
	int64_t start_ms = clock_mono_ms(), heard_ms = start_ms;
	zmq_pollitem_t *items = calloc(count, sizeof *items);
	for (size_t i = 0; i < count; i++) {
		flows[i].sent = flows[i].received = 0;
		items[i] = (zmq_pollitem_t){
			.socket = flows[i].peer->socket, .events = ZMQ_POLLIN};
	}
	for (bool done = false; !done;) {
		done = true;
		for (size_t i = 0; i < count; i++) {
			rig_flow_receive(&flows[i]);
			rig_flow_send(&flows[i], window);
			done &= flows[i].received == flows[i].count;
		}
		/* Whoever is not connected yet is asked again soon. */
		int came = done ? 0 : zmq_poll(items, (int)count, 100);
		if (came > 0)
			heard_ms = clock_mono_ms();
		if (clock_mono_ms() - heard_ms > 60000)
			rig_die("no receipt for a minute, see", rig.data_dir);
	}
	free(items);
	return (double)(clock_mono_ms() - start_ms) / 1000;
}

/* CPU time in seconds since they started, of the server itself and of its database. */
struct rig_cpu {
	double server_s, database_s;
};

/* The CPU clock of another process, all its threads, to the nanosecond. */
static inline double rig_clock_s(pid_t pid)
{
	clockid_t clock;
	struct timespec t;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Its parent, and what its children took that are gone; false: it is gone itself. */
static inline bool rig_read_stat(pid_t pid, pid_t *parent, double *children_s)
{
	char path[64], line[1024];
	long user = 0, system = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	bool ok = file && fgets(line, sizeof line, file) && strrchr(line, ')') &&
		  sscanf(strrchr(line, ')'),
			  ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*d %*d %ld "
			  "%ld",
			  parent, &user, &system) == 3;
	if (file)
		fclose(file);
	*children_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
	return ok;
}

/* Those below the server in the tree of processes: PostgreSQL. */
static inline struct rig_cpu rig_cpu(void)
{
	static pid_t pid[RIG_PIDS_MAX], parent[RIG_PIDS_MAX];
	static double children_s[RIG_PIDS_MAX];
	static bool ours[RIG_PIDS_MAX];
	struct rig_cpu cpu = {.server_s = rig_clock_s(rig.server)};
	int count = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		pid[count] = atoi(entry->d_name);
		if (pid[count] > 0 && count < RIG_PIDS_MAX - 1 &&
			rig_read_stat(pid[count], &parent[count], &children_s[count]))
			ours[count++] = false;
	}
	if (proc)
		closedir(proc);
	for (bool more = true; more;) {
		more = false;
		for (int i = 0; i < count; i++)
			for (int j = 0; j < count && !ours[i]; j++)
				more |= ours[i] = parent[i] == rig.server ||
						  (ours[j] && parent[i] == pid[j]);
	}
	for (int i = 0; i < count; i++)
		if (ours[i])
			cpu.database_s += rig_clock_s(pid[i]) + children_s[i];
	return cpu;
}

static inline struct rig_cpu rig_cpu_since(struct rig_cpu before)
{
	struct rig_cpu now = rig_cpu();
	return (struct rig_cpu){
		now.server_s - before.server_s, now.database_s - before.database_s};
}

/* Most memory that the server's own process has had. */
static inline long rig_peak_mib(void)
{
	char path[64], line[256];
	long kb = 0;
	snprintf(path, sizeof path, "/proc/%d/status", rig.server);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		sscanf(line, "VmHWM: %ld", &kb);
	if (file)
		fclose(file);
	return kb / 1024;
}

#endif
