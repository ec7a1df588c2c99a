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
 *
 * And what a value takes of the CPU on the path: all processes of the server and of its
 * PostgreSQL, from the first frame to the end of the checkpoint that brings the rows
 * home.
 */
#include "server/store/samples.h"
#include "tests/bench/ingest_rig.h"

enum {
	AGENTS = 100,
	WINDOW = 16,        /* as an agent has it */
	BARE_BATCHES = 250, /* in one COPY: 5,000 samples */
};
#define GOAL_RATIO 0.8
#define GOAL_US    0.5 /* of CPU for each value */

static struct {
	struct peer peers[AGENTS];
	struct rig_flow flows[AGENTS];
	uint64_t sequence;  /* of the last batch of every agent */
	int64_t at_ms;      /* of the next batch */
	int per_agent;      /* batches in one run */
	struct buf *frames; /* [agent * per_agent + n] */
	struct samples *copies;
	int copy_count;
} bench;

static void make_copy(int agent, int n, const struct wire_tick *tick)
{
	struct samples *copy = &bench.copies[(n * AGENTS + agent) / BARE_BATCHES];
	samples_add_host(copy, agent + 1, tick->at_unix_ms, &tick->host);
	for (int32_t p = 0; p < RIG_PROCESSES; p++)
		samples_add_process(copy, agent * RIG_PROCESSES + p + 1,
			tick->at_unix_ms, &tick->samples[p].values);
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
			struct wire_batch batch = rig_batch(
				&bench.peers[i], bench.at_ms, &a);
			peer_upload(&batch, 1, bench.sequence + 1 + (uint64_t)n,
				&bench.frames[i * per_agent + n]);
			make_copy(i, n, &batch.ticks[0]);
			arena_reset(&a);
		}
		bench.at_ms += 10000;
	}
	for (int i = 0; i < AGENTS; i++)
		bench.flows[i] = (struct rig_flow){.peer = &bench.peers[i],
			.frames = &bench.frames[i * per_agent],
			.count = (uint64_t)per_agent};
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
		if (!db_begin(rig.db, &e) ||
			!samples_copy(rig.db, &bench.copies[i], &e) ||
			!db_commit(rig.db, &e))
			rig_die("copy", e.text);
	return (double)(clock_mono_ms() - start_ms) / 1000;
}

struct figures {
	double rows, values, bare_s, path_s;
	struct rig_cpu cpu;
};

/* The path first: it makes the partitions. */
static void measure(int per_agent, struct figures *sum)
{
	make_run(per_agent);
	double batches = (double)AGENTS * per_agent;
	double rows = batches * RIG_ROWS_PER_BATCH;
	double values = batches * RIG_VALUES_PER_BATCH;
	rig_checkpoint();
	struct rig_cpu before = rig_cpu();
	double path_s = rig_run(bench.flows, AGENTS, WINDOW);
	rig_checkpoint();
	struct rig_cpu cpu = rig_cpu_since(before);
	double bare_s = run_bare();
	drop_run();
	printf("%10.0f %12.0f %12.0f %8.2f %12.2f %12.2f %8.2f\n", rows, rows / bare_s,
		rows / path_s, bare_s / path_s, cpu.server_s / values * 1e6,
		cpu.database_s / values * 1e6,
		(cpu.server_s + cpu.database_s) / values * 1e6);
	fflush(stdout);
	sum->rows += rows;
	sum->values += values;
	sum->bare_s += bare_s;
	sum->path_s += path_s;
	sum->cpu.server_s += cpu.server_s;
	sum->cpu.database_s += cpu.database_s;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int rounds = quick ? 2 : 5, per_agent = quick ? 240 : 600;
	struct figures sum = {0}, warm = {0};
	rig_start("ingest");
	void *zmq = zmq_ctx_new();
	rig_make_agents(bench.peers, zmq, AGENTS);
	for (int i = 0; i < AGENTS; i++)
		peer_connect(&bench.peers[i], rig.port);
	bench.at_ms = (clock_unix_ms() / 86400000 - 2) * 86400000;
	printf("%d agents on sockets of their own, window %d; a batch is one 10 s tick "
	       "of %d processes\nwith %d metrics and a host row of %d: %d values; bare "
	       "COPY commits every %d rows\n",
		AGENTS, WINDOW, RIG_PROCESSES, RIG_METRICS, METRIC_HOST_COUNT,
		RIG_VALUES_PER_BATCH, BARE_BATCHES * RIG_ROWS_PER_BATCH);
	printf("%10s %12s %12s %8s %12s %12s %8s\n", "rows", "bare rows/s",
		"path rows/s", "ratio", "server us/v", "postgres us", "sum");
	measure(2, &warm);
	for (int i = 0; i < rounds; i++)
		measure(per_agent, &sum);
	printf("the first line is new to the server; its peak is %ld MiB\n",
		rig_peak_mib());
	for (int i = 0; i < AGENTS; i++)
		peer_finish(&bench.peers[i]);
	zmq_ctx_term(zmq);
	rig_stop();
	double us = (sum.cpu.server_s + sum.cpu.database_s) / sum.values * 1e6;
	double ratio = sum.bare_s / sum.path_s;
	printf("ingest-cpu ratio=%.2f goal=1.00 %s\n", us / GOAL_US,
		us <= GOAL_US ? "ok" : "short");
	printf("ingest ratio=%.2f goal=%.2f %s\n", ratio, GOAL_RATIO,
		ratio >= GOAL_RATIO && us <= GOAL_US ? "ok" : "short");
	return 0;
}
