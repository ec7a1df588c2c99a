/* measures: common */
/*
 * A snapshot of a live process, streamed: how long its event loop stands still, what
 * the client computes meanwhile, how soon after the last byte the table is there, how
 * soon after it nobody can connect to the inspector any more, and that the process goes
 * on.
 *
 * The process is a Node.js that holds on to requests until its snapshot is about 100 MB
 * (quick: 30).  Captures take turns on a host: while another one runs, we wait for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BENCH_ROUNDS = 3, /* the slowest counts */
	BENCH_TRIES = 20,
	BENCH_TRY_S = 3,
	BENCH_GOAL_TABLE_MS = 500,
	BENCH_GOAL_CLOSED_MS = 1000,
	BENCH_EXIT_REFUSED = 4,
};

struct bench_process {
	pid_t pid;
	FILE *to, *from;
};

struct bench_round {
	int64_t pause_ms, table_ms, closed_ms, bytes;
	double cpu_s, rss_mib;
};

static void bench_fail(const char *what)
{
	perror(what);
	exit(1);
}

static void bench_give_up(struct bench_process *p, const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	fclose(p->to); /* it ends with its input */
	exit(1);
}

/* Both ends of it are pipes. */
static void bench_start(struct bench_process *p, const char *mib)
{
	char script[4096], line[64];
	int in[2], out[2];
	snprintf(script, sizeof script, "%s/tests/bench/heap/grow.mjs",
		TIDEMARK_SOURCE_DIR);
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		bench_fail("pipe");
	p->pid = fork();
	if (p->pid < 0)
		bench_fail("fork");
	if (p->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		if (!freopen("/dev/null", "w", stderr)) /* it says who debugs it */
			_exit(126);
		execlp("node", "node", script, mib, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->to = fdopen(in[1], "w");
	p->from = fdopen(out[0], "r");
	if (!p->to || !p->from)
		bench_fail("fdopen");
	if (!fgets(line, sizeof line, p->from) || strcmp(line, "ready\n") != 0)
		bench_give_up(p, "the process to look at did not start");
}

/* Its event loop turns: it answers. */
static bool bench_is_alive(struct bench_process *p)
{
	char line[64];
	return fputs("alive\n", p->to) >= 0 && fflush(p->to) == 0 &&
	       fgets(line, sizeof line, p->from) && strncmp(line, "alive ", 6) == 0;
}

static void bench_exec(const char *folder, pid_t pid, const char *answer)
{
	char agent[4096], state[4096], number[24];
	snprintf(agent, sizeof agent, "%s/tidemark-agent", folder);
	snprintf(state, sizeof state, "%s/heap_live.state", folder);
	snprintf(number, sizeof number, "%d", (int)pid);
	if (!freopen(answer, "w", stdout) || !freopen("/dev/null", "w", stderr))
		_exit(126);
	execl(agent, agent, "snapshot", "take", number, "--yes", "--json",
		"--state-dir", state, "--snapshot-cooldown", "0", NULL);
	_exit(127);
}

/* The exit status of the client. */
static int bench_take(
	const char *folder, pid_t of, const char *answer, struct bench_round *round)
{
	struct rusage used;
	int status;
	fflush(stdout); /* or both would write it */
	pid_t pid = fork();
	if (pid < 0)
		bench_fail("fork");
	if (pid == 0)
		bench_exec(folder, of, answer);
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			bench_fail("wait4");
	round->cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	round->rss_mib = (double)used.ru_maxrss / 1024;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool bench_number(const char *answer, const char *key, int64_t *out)
{
	const char *at = strstr(answer, key);
	return at && sscanf(at + strlen(key), "%" SCNd64, out) == 1;
}

static void bench_read(const char *path, char *answer, size_t size)
{
	FILE *file = fopen(path, "r");
	if (!file)
		bench_fail(path);
	answer[fread(answer, 1, size - 1, file)] = '\0';
	fclose(file);
}

static void bench_round(
	struct bench_process *p, const char *folder, struct bench_round *round)
{
	static char answer[1 << 20];
	char path[4096];
	int status = BENCH_EXIT_REFUSED;
	snprintf(path, sizeof path, "%s/heap_live.json", folder);
	for (int i = 0; i < BENCH_TRIES && status == BENCH_EXIT_REFUSED; i++) {
		if (i)
			sleep(BENCH_TRY_S);
		status = bench_take(folder, p->pid, path, round);
		bench_read(path, answer, sizeof answer);
	}
	if (status != 0) {
		fprintf(stderr, "%.2000s\n", answer);
		bench_give_up(p, "no snapshot could be taken");
	}
	if (!bench_number(answer, "\"pauseMs\":", &round->pause_ms) ||
		!bench_number(answer, "\"streamBytes\":", &round->bytes) ||
		!bench_number(answer, "\"tableAfterLastChunkMs\":", &round->table_ms) ||
		!bench_number(answer, "\"closedMs\":", &round->closed_ms))
		bench_give_up(p, "the answer does not say what it took");
	if (!bench_is_alive(p))
		bench_give_up(p, "the process does not answer any more");
}

int main(int argc, char **argv)
{
	const char *folder = getenv("TIDEMARK_BUILD");
	if (!folder) {
		fprintf(stderr,
			"bench: TIDEMARK_BUILD is not set; use tests/bench/run\n");
		return 2;
	}
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	struct bench_process p;
	struct bench_round worst = {0};
	bench_start(&p, quick ? "30" : "100");
	printf("%8s %9s %8s %8s %9s %10s\n", "MiB", "pause ms", "CPU s", "peak MiB",
		"table ms", "closed ms");
	for (int i = 0; i < (quick ? 1 : BENCH_ROUNDS); i++) {
		struct bench_round r;
		bench_round(&p, folder, &r);
		printf("%8.0f %9" PRId64 " %8.2f %8.0f %9" PRId64 " %10" PRId64 "\n",
			(double)r.bytes / 1048576, r.pause_ms, r.cpu_s, r.rss_mib,
			r.table_ms, r.closed_ms);
		fflush(stdout);
		if (r.table_ms > worst.table_ms)
			worst.table_ms = r.table_ms;
		if (r.closed_ms > worst.closed_ms)
			worst.closed_ms = r.closed_ms;
	}
	fclose(p.to);
	waitpid(p.pid, NULL, 0);
	double closed = (double)worst.closed_ms / BENCH_GOAL_CLOSED_MS;
	double table = (double)worst.table_ms / BENCH_GOAL_TABLE_MS;
	printf("heap_live-closed ratio=%.2f goal=1 %s\n", closed,
		closed <= 1 ? "ok" : "short");
	printf("heap_live ratio=%.2f goal=1 %s\n", table, table <= 1 ? "ok" : "short");
	return 0;
}
