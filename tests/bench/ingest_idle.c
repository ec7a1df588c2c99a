/* measures: server
 *
 * What a server takes that has little to do: 200 hosts, each with 240 values every ten
 * seconds, in real time.  CPU per minute of the whole server, all roles, and of its
 * PostgreSQL; the machine's other work does not count.  The goal is 300 ms a minute.
 *
 * Hosts tick at times of their own, spread over the interval, as on a real fleet.  Five
 * minutes, so that each regular work of the server has its turn; --quick is half a
 * minute, times two.
 */
#include "tests/bench/ingest_rig.h"

enum {
	AGENTS = 200,
	PROCESSES = 14, /* of 16 metrics: 224 values, and 16 of the host */
	HOST_METRICS = 16,
	INTERVAL_MS = 10000,
	WARM_MS = 30000, /* all is known, and has been written once */
	FULL_MS = 300000,
	QUICK_MS = 30000,
	GOAL_MS = 300,
};

static struct {
	struct peer peers[AGENTS];
	uint64_t sequence[AGENTS];
	int64_t next_ms[AGENTS];
	uint64_t stored;
	struct buf frame;
	struct arena arena;
} bench;

static void tick(int number)
{
	struct wire_batch batch = rig_batch(
		&bench.peers[number], clock_unix_ms() - 5, &bench.arena);
	batch.process_count = batch.ticks[0].sample_count = PROCESSES;
	batch.ticks[0].host.present &= (UINT64_C(1) << HOST_METRICS) - 1;
	buf_reset(&bench.frame);
	peer_upload(&batch, 1, ++bench.sequence[number], &bench.frame);
	if (zmq_send(bench.peers[number].socket, bench.frame.data, bench.frame.length,
		    ZMQ_DONTWAIT) < 0)
		rig_die("send", zmq_strerror(zmq_errno()));
	bench.next_ms[number] += INTERVAL_MS;
	arena_reset(&bench.arena);
}

static void run(int64_t length_ms)
{
	int64_t end_ms = clock_mono_ms() + length_ms;
	for (int64_t now_ms; (now_ms = clock_mono_ms()) < end_ms;) {
		struct wire_receipt receipt;
		for (int i = 0; i < AGENTS; i++) {
			if (bench.next_ms[i] <= now_ms)
				tick(i);
			while (peer_receipt(&bench.peers[i], &receipt, 0)) {
				if (receipt.fate != WIRE_STORED)
					rig_die("not stored", receipt.reason);
				bench.stored++;
				arena_reset(&bench.peers[i].arena);
			}
		}
		usleep(10000);
	}
}

static void start_agents(void *zmq)
{
	rig_make_agents(bench.peers, zmq, AGENTS);
	int64_t now_ms = clock_mono_ms();
	for (int i = 0; i < AGENTS; i++) {
		peer_connect(&bench.peers[i], rig.port);
		bench.next_ms[i] = now_ms + 2000 + (int64_t)i * INTERVAL_MS / AGENTS;
	}
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int64_t length_ms = quick ? QUICK_MS : FULL_MS;
	void *zmq = zmq_ctx_new();
	arena_init(&bench.arena);
	rig_start(NULL);
	start_agents(zmq);
	printf("%d hosts, %d values each every %d s; all roles in one process\n",
		AGENTS, PROCESSES * RIG_METRICS + HOST_METRICS, INTERVAL_MS / 1000);
	run(WARM_MS);
	uint64_t stored = bench.stored;
	struct rig_cpu before = rig_cpu();
	run(length_ms);
	struct rig_cpu cpu = rig_cpu_since(before);
	double minutes = (double)length_ms / 60000;
	double total_ms = (cpu.server_s + cpu.database_s) * 1000 / minutes;
	printf("%10s %14s %16s %16s %12s\n", "seconds", "batches/s", "server ms/min",
		"postgres ms/min", "sum ms/min");
	printf("%10.0f %14.1f %16.1f %16.1f %12.1f\n", minutes * 60,
		(double)(bench.stored - stored) / minutes / 60,
		cpu.server_s * 1000 / minutes, cpu.database_s * 1000 / minutes,
		total_ms);
	for (int i = 0; i < AGENTS; i++)
		peer_finish(&bench.peers[i]);
	buf_finish(&bench.frame);
	arena_finish(&bench.arena);
	zmq_ctx_term(zmq);
	rig_stop();
	printf("ingest_idle ratio=%.2f goal=1.00 %s\n", total_ms / GOAL_MS,
		total_ms <= GOAL_MS ? "ok" : "short");
	return 0;
}
