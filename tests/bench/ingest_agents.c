/* measures: server
 *
 * Whether a row costs the same whoever sends it: as many rows from 100, from 1,000 and
 * from 10,000 agents, each with keys, a connection, a stream and processes of its own.
 * The cost is the CPU time of all processes of the server and of its PostgreSQL for a
 * row, from the first frame to the end of the checkpoint that brings the rows home.
 *
 * Before the clock starts every agent has sent one batch: connecting and making what
 * is new is not in the figures but for the time until all have done that.  Agents live
 * in child processes, since descriptors are limited.  --quick ends at 3,000 agents.
 */
#include "tests/bench/ingest_rig.h"

enum {
	CHILD_AGENTS = 2500,
	CHILDREN_MAX = 4,
	IN_FLIGHT = 1600, /* batches of all agents, one each at least */
};
#define GOAL 1.5

struct child {
	pid_t pid;
	int to, from; /* pipes */
};

static struct peer *peers;
static int64_t at_ms;

static void tell(int fd)
{
	if (write(fd, "x", 1) != 1)
		rig_die("pipe", strerror(errno));
}

static void wait_for(int fd)
{
	char byte;
	if (read(fd, &byte, 1) != 1)
		rig_die("a child", "ended too early");
}

/* Batches `first` to `last` of each agent. */
static double send_batches(
	struct peer *own, size_t count, uint64_t first, uint64_t last, uint64_t window)
{
	struct arena a;
	uint64_t each = last - first + 1;
	struct rig_flow *flows = calloc(count, sizeof *flows);
	struct buf *frames = calloc(count * each, sizeof *frames);
	arena_init(&a);
	for (size_t i = 0; i < count; i++) {
		for (uint64_t n = 0; n < each; n++) {
			struct wire_batch batch = rig_batch(
				&own[i], at_ms + (int64_t)(first + n) * 10000, &a);
			peer_upload(&batch, 1, first + n, &frames[i * each + n]);
			arena_reset(&a);
		}
		flows[i] = (struct rig_flow){
			.peer = &own[i], .frames = &frames[i * each], .count = each};
	}
	double seconds = rig_run(flows, count, window);
	for (size_t i = 0; i < count * each; i++)
		buf_finish(&frames[i]);
	free(frames);
	free(flows);
	arena_finish(&a);
	return seconds;
}

static void run_child(
	struct peer *own, size_t count, uint64_t each, uint64_t window, int in, int out)
{
	void *zmq = zmq_ctx_new();
	zmq_ctx_set(zmq, ZMQ_MAX_SOCKETS, CHILD_AGENTS + 10);
	for (size_t i = 0; i < count; i++) {
		own[i].zmq = zmq;
		peer_connect(&own[i], rig.port);
	}
	send_batches(own, count, 1, 1, 1);
	tell(out);
	wait_for(in);
	send_batches(own, count, 2, 1 + each, window);
	tell(out);
	_exit(0);
}

static struct child start_child(
	struct peer *own, size_t count, uint64_t each, uint64_t window)
{
	int down[2], up[2];
	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		rig_die("pipe", strerror(errno));
	fflush(stdout);
	struct child child = {.pid = fork(), .to = down[1], .from = up[0]};
	if (child.pid == 0) {
		close(down[1]);
		close(up[0]);
		run_child(own, count, each, window, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	return child;
}

/* The microseconds of CPU for a row. */
static double measure(size_t agents, size_t batches)
{
	struct child children[CHILDREN_MAX];
	size_t count = 0;
	uint64_t each = batches / agents;
	uint64_t window = IN_FLIGHT / agents ? IN_FLIGHT / agents : 1;
	peers = calloc(agents, sizeof *peers);
	rig_make_agents(peers, NULL, agents);
	int64_t begin_ms = clock_mono_ms();
	for (size_t at = 0; at < agents; at += CHILD_AGENTS)
		children[count++] = start_child(&peers[at],
			agents - at < CHILD_AGENTS ? agents - at : CHILD_AGENTS, each,
			window);
	for (size_t i = 0; i < count; i++)
		wait_for(children[i].from);
	int64_t ready_ms = clock_mono_ms();
	rig_checkpoint();
	struct rig_cpu before = rig_cpu();
	int64_t start_ms = clock_mono_ms();
	for (size_t i = 0; i < count; i++)
		tell(children[i].to);
	for (size_t i = 0; i < count; i++)
		wait_for(children[i].from);
	double seconds = (double)(clock_mono_ms() - start_ms) / 1000;
	rig_checkpoint();
	struct rig_cpu cpu = rig_cpu_since(before);
	for (size_t i = 0; i < count; i++) {
		waitpid(children[i].pid, NULL, 0);
		close(children[i].to);
		close(children[i].from);
	}
	double rows = (double)(each * agents) * RIG_ROWS_PER_BATCH;
	double us = (cpu.server_s + cpu.database_s) / rows * 1e6;
	printf("%8zu %12.1f %10.0f %12.0f %12.2f %12.2f %10.2f %10ld\n", agents,
		(double)(ready_ms - begin_ms) / 1000, rows, rows / seconds,
		cpu.server_s / rows * 1e6, cpu.database_s / rows * 1e6, us,
		rig_peak_mib());
	fflush(stdout);
	for (size_t i = 0; i < agents; i++)
		peer_finish(&peers[i]);
	free(peers);
	return us;
}

int main(int argc, char **argv)
{
	static const size_t agents[] = {100, 1000, 10000}, less[] = {100, 1000, 3000};
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	double best = 0, worst = 0;
	rig_start("ingest");
	at_ms = (clock_unix_ms() / 86400000 - 2) * 86400000;
	printf("rows of %d metrics; %d batches in flight, one an agent at least\n",
		RIG_METRICS, IN_FLIGHT);
	printf("%8s %12s %10s %12s %12s %12s %10s %10s\n", "agents", "all there s",
		"rows", "rows/s", "server us", "postgres us", "us a row", "peak MiB");
	for (size_t i = 0; i < 3; i++) {
		double us = measure(quick ? less[i] : agents[i], quick ? 9000 : 30000);
		best = i == 0 || us < best ? us : best;
		worst = us > worst ? us : worst;
	}
	rig_stop();
	printf("ingest_agents ratio=%.2f goal=%.2f %s\n", worst / best, GOAL,
		worst <= best * GOAL ? "ok" : "short");
	return 0;
}
