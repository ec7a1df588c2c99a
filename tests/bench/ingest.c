/* measures: server
 *
 * Rows per second of the whole way in, against the limit of the database alone.
 *
 *   bare   COPY BINARY of rows that are ready in memory, one connection
 *   path   the same rows as frames of agents: CURVE sockets, decoding, repeats,
 *          dictionaries, COPY, commit, receipt; until the last receipt is here
 *
 * Both use the same cluster and the same tables, in turn.  Frames are made before
 * the clock starts: on a real fleet that happens elsewhere; sending them does not
 * count as elsewhere, it shares this machine with the server.
 */
#include "common/clock.h"
#include "common/log.h"
#include "server/cluster.h"
#include "server/keys.h"
#include "server/store/samples.h"
#include "server/store/tokens.h"
#include "tests/support/peer.h"
#include "tests/support/ports.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	AGENTS = 100,
	PROCESSES = 20, /* of each agent */
	WINDOW = 16,    /* batches under way, as an agent has it */
	ROWS_PER_BATCH = PROCESSES + 1,
	BARE_BATCHES = 250, /* in one COPY: 5,000 samples */
	GOAL_PERCENT = 50,
};

struct agent {
	struct peer peer;
	uint64_t sent, received; /* batches of this run */
};

static struct {
	char data_dir[64];
	pid_t server;
	uint16_t port;
	const char *uri;
	struct arena arena;
	struct db *db;
	void *zmq;
	struct agent agents[AGENTS];
	uint64_t sequence;  /* of the last batch of every agent */
	int64_t at_ms;      /* of the next batch */
	int per_agent;      /* batches in one run */
	struct buf *frames; /* [agent * per_agent + n] */
	struct samples *copies;
	int copy_count;
} bench;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	if (bench.server > 0)
		kill(bench.server, SIGTERM);
	exit(1);
}

static void start_server(void)
{
	char program[512], listen[32], log[96];
	const char *build = getenv("TIDEMARK_BUILD");
	snprintf(bench.data_dir, sizeof bench.data_dir,
		"/var/tmp/tidemark-bench-XXXXXX");
	if (!mkdtemp(bench.data_dir))
		die(bench.data_dir, strerror(errno));
	bench.port = ports_free(2);
	snprintf(program, sizeof program, "%s/tidemark-server", build ? build : ".");
	snprintf(listen, sizeof listen, "127.0.0.1:%u", bench.port);
	snprintf(log, sizeof log, "%s.log", bench.data_dir);
	bench.server = fork();
	if (bench.server == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		dup2(fd, 2);
		execl(program, program, "run", "--data-dir", bench.data_dir, "--listen",
			listen, "--roles", "ingest", (char *)NULL);
		_exit(127);
	}
	struct err e;
	arena_init(&bench.arena);
	if (!cluster_uri(bench.data_dir, &bench.arena, &bench.uri, &e))
		die("uri", e.text);
	bench.db = db_create(&(struct db_options){
		.uri = bench.uri, .application_name = "tidemark bench"});
	/* The data socket is bound last. */
	for (int i = 0; !ports_answers(bench.port); i++) {
		if (i == 600 || waitpid(bench.server, NULL, WNOHANG) != 0)
			die("the server did not start, see", log);
		usleep(100000);
	}
}

/* Root reads the key that an unprivileged server owns; so does its owner. */
static void read_server_key(uint8_t *public_key)
{
	struct keys keys;
	struct err e;
	if (!keys_load(bench.data_dir, &keys, &e))
		die("server key", e.text);
	memcpy(public_key, keys.public_key, sizeof keys.public_key);
	keys_wipe(&keys);
}

static void enrol_agents(void)
{
	uint8_t server_key[32];
	struct tokens_row token;
	const char *secret;
	struct err e;
	read_server_key(server_key);
	if (!tokens_create(bench.db,
		    &(struct tokens_options){.kind = TOKENS_JOIN,
			    .name = "bench",
			    .now_ms = clock_unix_ms(),
			    .ttl_ms = 600000,
			    .max_uses = AGENTS},
		    &bench.arena, &token, &secret, &e))
		die("token", e.text);
	bench.zmq = zmq_ctx_new();
	for (int i = 0; i < AGENTS; i++) {
		struct wire_enrol_reply reply;
		struct peer *p = &bench.agents[i].peer;
		peer_init(p, bench.zmq, server_key);
		if (!peer_enrol(p, (uint16_t)(bench.port + 1), token.id, secret, &reply,
			    10000) ||
			*reply.error)
			die("enrol", reply.error);
		peer_connect(p, bench.port);
	}
}

/* The frames and the COPY streams of the next run. */
static void make_run(int per_agent)
{
	struct arena a;
	arena_init(&a);
	bench.per_agent = per_agent;
	bench.frames = calloc((size_t)(AGENTS * per_agent), sizeof *bench.frames);
	bench.copy_count = (AGENTS * per_agent + BARE_BATCHES - 1) / BARE_BATCHES;
	bench.copies = calloc((size_t)bench.copy_count, sizeof *bench.copies);
	for (int n = 0; n < per_agent; n++) {
		for (int i = 0; i < AGENTS; i++) {
			struct wire_batch batch = peer_batch(&bench.agents[i].peer,
				&(struct peer_shape){.processes = PROCESSES,
					.ticks = 1,
					.at_unix_ms = bench.at_ms,
					.first_pid = 1000},
				&a);
			for (size_t p = 0; p < PROCESSES; p++)
				batch.processes[p].started_unix_ms = 1700000000000;
			peer_upload(&batch, 1, bench.sequence + 1 + (uint64_t)n,
				&bench.frames[i * per_agent + n]);
			struct samples *copy =
				&bench.copies[(n * AGENTS + i) / BARE_BATCHES];
			samples_add_host(
				copy, i + 1, bench.at_ms, &batch.ticks[0].host);
			for (int32_t p = 0; p < PROCESSES; p++)
				samples_add_process(copy, i * PROCESSES + p + 1,
					bench.at_ms, &batch.ticks[0].samples[p].values);
			arena_reset(&a);
		}
		bench.at_ms += 10000;
	}
	arena_finish(&a);
}

static void drop_run(void)
{
	for (int i = 0; i < AGENTS * bench.per_agent; i++)
		buf_finish(&bench.frames[i]);
	for (int i = 0; i < bench.copy_count; i++)
		samples_finish(&bench.copies[i]);
	free(bench.frames);
	free(bench.copies);
	bench.sequence += (uint64_t)bench.per_agent;
}

static double run_bare(void)
{
	struct err e;
	int64_t start_ms = clock_mono_ms();
	for (int i = 0; i < bench.copy_count; i++)
		if (!db_begin(bench.db, &e) ||
			!samples_copy(bench.db, &bench.copies[i], &e) ||
			!db_commit(bench.db, &e))
			die("copy", e.text);
	return (double)(clock_mono_ms() - start_ms) / 1000;
}

static void send_more(int number)
{
	struct agent *agent = &bench.agents[number];
	while (agent->sent < (uint64_t)bench.per_agent &&
		agent->sent - agent->received < WINDOW) {
		const struct buf *frame =
			&bench.frames[(uint64_t)number * (uint64_t)bench.per_agent +
				      agent->sent];
		if (zmq_send(agent->peer.socket, frame->data, frame->length,
			    ZMQ_DONTWAIT) < 0)
			return;
		agent->sent++;
	}
}

static void receive_receipts(struct agent *agent)
{
	struct err e;
	struct wire_receipt receipt;
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	while (zmq_msg_recv(&frame, agent->peer.socket, ZMQ_DONTWAIT) >= 0) {
		if (!wire_receipt_decode(zmq_msg_data(&frame), zmq_msg_size(&frame),
			    &agent->peer.arena, &receipt, &e))
			die("receipt", e.text);
		if (receipt.fate != WIRE_STORED)
			die("not stored", receipt.reason);
		agent->received++;
		arena_reset(&agent->peer.arena);
	}
	zmq_msg_close(&frame);
}

static double run_path(void)
{
	int64_t start_ms = clock_mono_ms();
	zmq_pollitem_t items[AGENTS];
	for (int i = 0; i < AGENTS; i++) {
		bench.agents[i].sent = bench.agents[i].received = 0;
		items[i] = (zmq_pollitem_t){
			.socket = bench.agents[i].peer.socket, .events = ZMQ_POLLIN};
	}
	for (bool done = false; !done;) {
		done = true;
		for (int i = 0; i < AGENTS; i++) {
			receive_receipts(&bench.agents[i]);
			send_more(i);
			done &= bench.agents[i].received == (uint64_t)bench.per_agent;
		}
		if (!done && zmq_poll(items, AGENTS, 10000) == 0)
			die("no receipt for 10 s, see", bench.data_dir);
		if (clock_mono_ms() - start_ms > 300000)
			die("path", "not done after 5 minutes");
	}
	return (double)(clock_mono_ms() - start_ms) / 1000;
}

/* Brings both sides to the same point: nothing of the other is left to write. */
static void checkpoint(void)
{
	struct err e;
	if (!db_script(bench.db, "CHECKPOINT", "checkpoint", &e))
		die("checkpoint", e.text);
}

/* What the server's own processes took; its PostgreSQL is counted apart. */
static void print_cost(void)
{
	char path[64], line[512];
	long user = 0, system = 0, hz = sysconf(_SC_CLK_TCK), peak_kb = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", bench.server);
	FILE *file = fopen(path, "r");
	if (file && fgets(line, sizeof line, file) && strrchr(line, ')'))
		sscanf(strrchr(line, ')'),
			") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
			&system);
	if (file)
		fclose(file);
	snprintf(path, sizeof path, "/proc/%d/status", bench.server);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		sscanf(line, "VmHWM: %ld", &peak_kb);
	if (file)
		fclose(file);
	struct rusage agents;
	getrusage(RUSAGE_SELF, &agents);
	printf("server (without PostgreSQL): %.1f s of CPU, %ld MiB at its peak; all "
	       "agents "
	       "and the bare client: %.1f s\n",
		(double)(user + system) / (double)hz, peak_kb / 1024,
		(double)(agents.ru_utime.tv_sec + agents.ru_stime.tv_sec) +
			(double)(agents.ru_utime.tv_usec + agents.ru_stime.tv_usec) /
				1e6);
}

static void remove_data(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s %s.log", bench.data_dir,
		bench.data_dir);
	if (system(command) != 0)
		fprintf(stderr, "bench: %s is left behind\n", bench.data_dir);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int rounds = quick ? 2 : 5, per_agent = quick ? 240 : 600;
	double bare_s = 0, path_s = 0;
	log_init("bench", LOG_ERROR);
	if (sodium_init() < 0)
		return 1;
	start_server();
	enrol_agents();
	bench.at_ms = clock_unix_ms() - INT64_C(86400000) * 2;
	printf("%d agents on sockets of their own, window %d; a batch is one 10 s tick "
	       "of "
	       "%d processes\n(%d samples of 14 metrics and one host row, all "
	       "present); "
	       "bare COPY commits every %d rows\n",
		AGENTS, WINDOW, PROCESSES, PROCESSES, BARE_BATCHES * ROWS_PER_BATCH);
	make_run(2);
	run_path();
	run_bare();
	drop_run();
	printf("%8s %10s %12s %12s %8s\n", "run", "rows", "bare rows/s", "path rows/s",
		"ratio");
	for (int i = 1; i <= rounds; i++) {
		make_run(per_agent);
		double count = (double)AGENTS * per_agent * ROWS_PER_BATCH;
		checkpoint();
		double bare = run_bare();
		checkpoint();
		double path = run_path();
		drop_run();
		printf("%8d %10.0f %12.0f %12.0f %8.2f\n", i, count, count / bare,
			count / path, bare / path);
		fflush(stdout);
		bare_s += bare;
		path_s += path;
	}
	print_cost();
	for (int i = 0; i < AGENTS; i++)
		peer_finish(&bench.agents[i].peer);
	zmq_ctx_term(bench.zmq);
	db_destroy(bench.db);
	kill(bench.server, SIGTERM);
	waitpid(bench.server, NULL, 0);
	remove_data();
	double ratio = bare_s / path_s;
	printf("ingest ratio=%.2f goal=%.1f %s\n", ratio, GOAL_PERCENT / 100.0,
		ratio * 100 >= GOAL_PERCENT ? "ok" : "short");
	return 0;
}
