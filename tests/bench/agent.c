/* measures: agent */
/*
 * What the agent costs with 300 processes, against a bare loop that only reads stat
 * and statm of the same processes over descriptors that it keeps open.
 *
 * Both work at the default interval of 10 s and at the same time, so that both meet
 * the same cold caches and the same neighbours.  The agent does all it always does
 * but read PSS: it sums the other processes, encodes, compresses, writes its spool and
 * looks for its server, which is not there.
 */
#include "agent/state.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/err.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	BENCH_PROCESSES = 300,
	BENCH_INTERVAL_MS = 10000,
	BENCH_TICKS = 12,
	BENCH_TICKS_QUICK = 3,
	BENCH_GOAL_RATIO = 3,
};
#define BENCH_GOAL_PSS_KB 3584 /* 3.5 MiB */
#define BENCH_GOAL_RSS_KB 7680 /* 7.5 MiB */

struct bench {
	char folder[64];
	pid_t sleepers[BENCH_PROCESSES];
	pid_t agent, loop;
	int loop_us; /* pipe: microseconds of each pass */
};

struct bench_cpu { /* of one tick */
	double best_ms, median_ms;
};

struct bench_figures {
	struct bench_cpu agent, loop;
	long rss_kb, pss_kb;
};

static void bench_fail(const char *what)
{
	perror(what);
	exit(1);
}

/* A child that ends with us, whatever happens. */
static pid_t bench_fork(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid < 0)
		bench_fail("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

static void bench_sleep_until(int64_t mono_ms)
{
	struct timespec t = {mono_ms / 1000, mono_ms % 1000 * 1000000};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

static int64_t bench_cpu_us(pid_t pid)
{
	clockid_t id;
	struct timespec t;
	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) != 0)
		bench_fail("the CPU clock of a process (has it ended?)");
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void bench_start_sleepers(struct bench *b)
{
	for (int i = 0; i < BENCH_PROCESSES; i++) {
		b->sleepers[i] = bench_fork();
		if (b->sleepers[i] == 0) {
			for (;;)
				pause();
		}
	}
}

static void bench_write_settings(struct bench *b, char config[PATH_MAX])
{
	snprintf(config, PATH_MAX, "%s/agent.conf", b->folder);
	FILE *file = fopen(config, "we");
	if (!file)
		bench_fail(config);
	/* Of the neighbours none is large enough: 300 are followed, not more. */
	fprintf(file,
		"[agent]\ninterval = %dms\npss_budget = 0ms\nmin_rss = 1T\n"
		"log_level = error\n[service bench]\ncommand = bench_agent\n",
		BENCH_INTERVAL_MS);
	fclose(file);
	/* A server that is not there: port 1 of this machine. */
	struct state_enrolment nobody = {.host = "127.0.0.1", .port = 1, .agent_id = 1};
	memset(nobody.server_key, 7, sizeof nobody.server_key);
	struct err e;
	if (!state_write_enrolment(b->folder, &nobody, &e)) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

static void bench_start_agent(struct bench *b)
{
	const char *build = getenv("TIDEMARK_BUILD");
	char program[PATH_MAX], config[PATH_MAX];
	snprintf(program, sizeof program, "%s/tidemark-agent", build ? build : ".");
	bench_write_settings(b, config);
	b->agent = bench_fork();
	if (b->agent == 0) {
		execl(program, program, "run", "--config", config, "--state-dir",
			b->folder, (char *)NULL);
		perror(program);
		_exit(127);
	}
}

/* The least that anybody can do: read what is to be known. */
static void bench_read_all(const int fds[][2])
{
	char text[4096];
	for (int i = 0; i < BENCH_PROCESSES; i++) {
		for (int k = 0; k < 2; k++) {
			if (pread(fds[i][k], text, sizeof text, 0) <= 0)
				bench_fail("reading a sleeper");
		}
	}
}

static void bench_loop(const struct bench *b, int64_t first_ms, int out)
{
	static int fds[BENCH_PROCESSES][2];
	for (int i = 0; i < BENCH_PROCESSES; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/stat", (int)b->sleepers[i]);
		fds[i][0] = open(path, O_RDONLY | O_CLOEXEC);
		snprintf(path, sizeof path, "/proc/%d/statm", (int)b->sleepers[i]);
		fds[i][1] = open(path, O_RDONLY | O_CLOEXEC);
		if (fds[i][0] < 0 || fds[i][1] < 0)
			bench_fail(path);
	}
	bench_read_all(fds); /* the kernel makes its buffers */
	for (int64_t due_ms = first_ms;; due_ms += BENCH_INTERVAL_MS) {
		bench_sleep_until(due_ms);
		int64_t begun_us = bench_cpu_us(getpid());
		bench_read_all(fds);
		int64_t took_us = bench_cpu_us(getpid()) - begun_us;
		if (write(out, &took_us, sizeof took_us) != sizeof took_us)
			_exit(1);
	}
}

static void bench_start_loop(struct bench *b, int64_t first_ms)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		bench_fail("pipe");
	b->loop = bench_fork();
	if (b->loop == 0)
		bench_loop(b, first_ms, ends[1]);
	close(ends[1]);
	b->loop_us = ends[0];
}

/* A "Name:  123 kB" line of the agent's smaps_rollup. */
static long bench_memory_kb(const struct bench *b, const char *name)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)b->agent);
	FILE *file = fopen(path, "re");
	if (!file)
		bench_fail(path);
	long kb = -1;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, name, strlen(name)) == 0)
			kb = strtol(line + strlen(name), NULL, 10);
	}
	fclose(file);
	return kb;
}

/* The figures mean nothing unless the agent really follows them all. */
static void bench_check_followed(const struct bench *b)
{
	struct buf text = {0};
	struct err e;
	bool found;
	int64_t written;
	if (!state_read_status(b->folder, &text, &written, &found, &e) || !found) {
		fprintf(stderr, "the agent has written no status\n");
		exit(1);
	}
	static const char label[] = "following ";
	const char *line = strstr(text.data, label);
	long followed = line ? strtol(line + strlen(label), NULL, 10) : 0;
	if (followed < BENCH_PROCESSES) {
		fprintf(stderr, "the agent follows only %ld processes\n", followed);
		exit(1);
	}
	buf_finish(&text);
}

static int bench_remove(
	const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void bench_end(struct bench *b)
{
	kill(b->agent, SIGTERM);
	kill(b->loop, SIGKILL);
	for (int i = 0; i < BENCH_PROCESSES; i++)
		kill(b->sleepers[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	nftw(b->folder, bench_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static bool bench_row(const char *what, double value, double goal, const char *unit)
{
	bool ok = value <= goal;
	printf("%-34s %10.2f %10.2f  %-4s %s\n", what, value, goal, unit,
		ok ? "ok" : "short");
	return ok;
}

static int bench_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Every tick has the same work, as what is read once a minute is spread over them: so
 * the best one shows what it costs, and the others what the neighbours add. */
static void bench_sum_up(int64_t *us, int count, struct bench_cpu *out)
{
	qsort(us, (size_t)count, sizeof *us, bench_compare);
	out->best_ms = (double)us[0] / 1000;
	out->median_ms = (double)us[count / 2] / 1000;
}

static void bench_report_cpu(const char *what, const struct bench_cpu *cpu)
{
	printf("%-34s %10.2f %10.2f %10.2f\n", what, cpu->best_ms, cpu->median_ms,
		cpu->best_ms * 60000 / BENCH_INTERVAL_MS);
}

static void bench_report(const struct bench_figures *f)
{
	printf("%-34s %10s %10s %10s\n", "CPU, ms", "best tick", "median",
		"per minute");
	bench_report_cpu("bare loop", &f->loop);
	bench_report_cpu("agent", &f->agent);
	printf("%-34s %10s %10s\n", "", "measured", "goal");
	double ratio = f->agent.best_ms / f->loop.best_ms;
	bool ok = bench_row("agent / bare loop", ratio, BENCH_GOAL_RATIO, "");
	ok = bench_row("agent PSS", (double)f->pss_kb / 1024,
		     BENCH_GOAL_PSS_KB / 1024.0, "MiB") &&
	     ok;
	ok = bench_row("agent RSS", (double)f->rss_kb / 1024,
		     BENCH_GOAL_RSS_KB / 1024.0, "MiB") &&
	     ok;
	printf("agent ratio=%.2f goal=%.2f %s\n", ratio, (double)BENCH_GOAL_RATIO,
		ok ? "ok" : "short");
}

/* The agent's ticks and the loop's passes, one after the other. */
static void bench_measure(struct bench *b, int ticks, struct bench_figures *out)
{
	int64_t agent_us[BENCH_TICKS], loop_us[BENCH_TICKS];
	/* Processes are followed once they have lived an interval. */
	bench_sleep_until(clock_mono_ms() + BENCH_INTERVAL_MS + 200);
	int64_t begun_ms = clock_mono_ms();
	bench_start_agent(b);
	bench_start_loop(b, begun_ms + BENCH_INTERVAL_MS + 500);
	/* The first tick finds out who is who; the ones after it are measured. */
	bench_sleep_until(begun_ms + BENCH_INTERVAL_MS / 2);
	int64_t before_us = bench_cpu_us(b->agent);
	for (int i = 0; i < ticks; i++) {
		int64_t due_ms = begun_ms + (int64_t)(i + 1) * BENCH_INTERVAL_MS;
		bench_sleep_until(
			due_ms + (i + 1 < ticks ? BENCH_INTERVAL_MS / 2 : 1500));
		int64_t now_us = bench_cpu_us(b->agent);
		agent_us[i] = now_us - before_us;
		before_us = now_us;
		if (read(b->loop_us, &loop_us[i], sizeof loop_us[i]) !=
			sizeof loop_us[i])
			bench_fail("the bare loop");
	}
	bench_sum_up(agent_us, ticks, &out->agent);
	bench_sum_up(loop_us, ticks, &out->loop);
	out->rss_kb = bench_memory_kb(b, "Rss:");
	out->pss_kb = bench_memory_kb(b, "Pss:");
	bench_check_followed(b);
}

int main(int argc, char **argv)
{
	int ticks = argc > 1 && strcmp(argv[1], "--quick") == 0 ? BENCH_TICKS_QUICK
								: BENCH_TICKS;
	setvbuf(stdout, NULL, _IOLBF, 0);
	static struct bench b = {.folder = "/tmp/tidemark_bench_XXXXXX"};
	struct rlimit files = {4096, 4096};
	setrlimit(RLIMIT_NOFILE, &files);
	if (!mkdtemp(b.folder))
		bench_fail("mkdtemp");
	printf("%d sleeping processes, %d ticks of %d s\n", BENCH_PROCESSES, ticks,
		BENCH_INTERVAL_MS / 1000);
	bench_start_sleepers(&b);
	struct bench_figures figures;
	bench_measure(&b, ticks, &figures);
	bench_end(&b);
	bench_report(&figures);
	return 0;
}
