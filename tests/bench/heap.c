/* measures: common */
/*
 * What a summary of a heap snapshot costs: ours beside DevTools' own worker and memlab,
 * and beside the physical limit, one pass over all integers of the same file.
 *
 * The snapshots are made here, by a Node.js process that holds on to requests.  Every
 * contestant runs as a process of its own, one after the other; CPU is user and system
 * time and memory the peak resident set, both as wait4 tells them.  All files are read
 * from the page cache.  TIDEMARK_BENCH_MIB="50 200 1000" sets other sizes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BENCH_ROUNDS = 3, /* of ours and the scan: the best counts */
	BENCH_RSS_FROM_MIB = 200,
	BENCH_SIZES_MAX = 8,
};
#define BENCH_GOAL_CPU  12.0 /* peers need at least so many times ours */
#define BENCH_GOAL_RSS  1.4  /* times the file, from BENCH_RSS_FROM_MIB on */
#define BENCH_GOAL_SCAN 0.25 /* of the scan's speed */

struct bench_cost {
	double cpu_s, rss_mib;
};

struct bench_row {
	double file_mib;
	struct bench_cost scan, ours, devtools, memlab;
};

static void bench_fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Adds up every integer of the file, as any reader must at least look at them. */
static void bench_scan(const char *file)
{
	static char buffer[1 << 20];
	int fd = open(file, O_RDONLY);
	if (fd < 0)
		bench_fail(file);
	uint64_t sum = 0, number = 0;
	ssize_t got;
	while ((got = read(fd, buffer, sizeof buffer)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			unsigned digit = (unsigned char)buffer[i] - '0';
			if (digit < 10) {
				number = 10 * number + digit;
			} else {
				sum += number;
				number = 0;
			}
		}
	}
	close(fd);
	_exit(got < 0 || sum == 1 ? 1 : 0);
}

/* Runs a program to its end, without its output; NULL: the scan. */
static struct bench_cost bench_run(char *const *command, const char *file)
{
	pid_t pid = fork();
	if (pid < 0)
		bench_fail("fork");
	if (pid == 0) {
		if (!command)
			bench_scan(file);
		int nowhere = open("/dev/null", O_RDWR);
		dup2(nowhere, STDOUT_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	struct rusage used;
	int status;
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			bench_fail("wait4");
	if (status != 0) {
		fprintf(stderr, "bench: %s failed with status %d\n",
			command ? command[0] : "the scan", status);
		exit(1);
	}
	return (struct bench_cost){
		.cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
			 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
		.rss_mib = (double)used.ru_maxrss / 1024,
	};
}

static struct bench_cost bench_best(char *const *command, const char *file)
{
	struct bench_cost best = bench_run(command, file);
	for (int i = 1; i < BENCH_ROUNDS; i++) {
		struct bench_cost now = bench_run(command, file);
		if (now.cpu_s < best.cpu_s)
			best.cpu_s = now.cpu_s;
		if (now.rss_mib > best.rss_mib)
			best.rss_mib = now.rss_mib;
	}
	return best;
}

static void bench_script(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/tests/bench/heap/%s", TIDEMARK_SOURCE_DIR, name);
}

static void bench_node(const char *script, const char *file, struct bench_cost *out)
{
	char path[4096];
	bench_script(path, sizeof path, script);
	char *const command[] = {
		"node", "--max-old-space-size=16000", path, (char *)file, NULL};
	*out = bench_run(command, file);
}

static void bench_make(const char *mib, const char *file)
{
	char path[4096];
	bench_script(path, sizeof path, "grow.mjs");
	char *const command[] = {"node", "--max-old-space-size=16000", path,
		(char *)mib, (char *)file, NULL};
	bench_run(command, file);
}

static struct bench_row bench_size(const char *mib, const char *folder)
{
	char file[4096], agent[4096];
	snprintf(file, sizeof file, "%s/bench-%s.heapsnapshot", folder, mib);
	snprintf(agent, sizeof agent, "%s/tidemark-agent", folder);
	bench_make(mib, file);
	struct stat made;
	if (stat(file, &made) != 0)
		bench_fail(file);
	char *const ours[] = {
		agent, "snapshot", "summarize", file, "--json", "--exact", NULL};
	struct bench_row row = {.file_mib = (double)made.st_size / 1048576};
	row.scan = bench_best(NULL, file);
	row.ours = bench_best(ours, file);
	bench_node("devtools.mjs", file, &row.devtools);
	bench_node("memlab.mjs", file, &row.memlab);
	unlink(file);
	return row;
}

static void bench_print(const struct bench_row *r)
{
	printf("%8.0f %8.2f %8.2f %8.2f %8.2f %9.0f %9.0f %9.0f\n", r->file_mib,
		r->scan.cpu_s, r->ours.cpu_s, r->devtools.cpu_s, r->memlab.cpu_s,
		r->ours.rss_mib, r->devtools.rss_mib, r->memlab.rss_mib);
}

static const char *bench_word(bool ok)
{
	return ok ? "ok" : "short";
}

static void bench_judge(const struct bench_row *r)
{
	double peer = r->devtools.cpu_s < r->memlab.cpu_s ? r->devtools.cpu_s
							  : r->memlab.cpu_s;
	double cpu = peer / r->ours.cpu_s;
	double rss = r->ours.rss_mib / r->file_mib;
	double scan = r->scan.cpu_s / r->ours.cpu_s;
	printf("\nat %.0f MiB: peers' CPU %.1f times ours (DevTools %.1f, memlab "
	       "%.1f)\n",
		r->file_mib, cpu, r->devtools.cpu_s / r->ours.cpu_s,
		r->memlab.cpu_s / r->ours.cpu_s);
	printf("heap-scan ratio=%.2f goal=%.2f %s\n", scan, BENCH_GOAL_SCAN,
		bench_word(scan >= BENCH_GOAL_SCAN));
	if (r->file_mib >= BENCH_RSS_FROM_MIB * 0.9)
		printf("heap-rss ratio=%.2f goal=%.2f %s\n", rss, BENCH_GOAL_RSS,
			bench_word(rss <= BENCH_GOAL_RSS));
	printf("heap ratio=%.1f goal=%.0f %s\n", cpu, BENCH_GOAL_CPU,
		bench_word(cpu >= BENCH_GOAL_CPU));
}

int main(int argc, char **argv)
{
	const char *folder = getenv("TIDEMARK_BUILD");
	const char *sizes = getenv("TIDEMARK_BENCH_MIB");
	if (!folder) {
		fprintf(stderr,
			"bench: TIDEMARK_BUILD is not set; use tests/bench/run\n");
		return 2;
	}
	if (!sizes)
		sizes = argc > 1 && strcmp(argv[1], "--quick") == 0 ? "50" : "50 200";
	char list[200];
	snprintf(list, sizeof list, "%s", sizes);
	/* The worker is bundled before anything is measured. */
	struct bench_cost ignored;
	bench_node("devtools.mjs", "--bundle", &ignored);

	printf("%8s %8s %8s %8s %8s %9s %9s %9s\n", "MiB", "scan s", "ours s",
		"DevTools", "memlab", "ours MiB", "DevTools", "memlab");
	struct bench_row row = {0};
	char *rest = list;
	for (const char *mib; (mib = strsep(&rest, " "));) {
		if (!*mib)
			continue;
		row = bench_size(mib, folder);
		bench_print(&row);
		fflush(stdout);
	}
	bench_judge(&row);
	return 0;
}
