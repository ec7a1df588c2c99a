/* measures: common */
/*
 * A snapshot that is larger than 32-bit counters: more than 2^31 edge fields (quick: a
 * tenth of that), one object of 5 GiB, a chain as long as there are objects.
 *
 * Nobody has to have such a file: it is written into the summariser's pipe as it is
 * made.  What the summary must say is known beforehand, to the last byte.  Peak memory
 * is compared with the bytes that went through.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BENCH_FIRST = 3, /* ordinal of the first item */
	BENCH_ITEM_EDGES = 12,
	BENCH_ITEM_BYTES = 48,
	BENCH_CLASSES = 10,
	BENCH_FIELDS = 6,
};
#define BENCH_ITEMS       UINT64_C(60000000) /* 720 M edges, 2.16 G edge fields */
#define BENCH_ITEMS_QUICK UINT64_C(6000000)
#define BENCH_LARGE_BYTES (UINT64_C(5) << 30)
#define BENCH_GOAL_RSS    1.4

struct bench {
	FILE *out;
	uint64_t items, written;
};

static void bench_fail(const char *what)
{
	perror(what);
	exit(1);
}

static void bench_text(struct bench *b, const char *text)
{
	b->written += strlen(text);
	fputs(text, b->out);
}

/* As printf with %PRIu64 and the byte behind it, but fast. */
static void bench_number(struct bench *b, uint64_t value, char after)
{
	char text[24];
	size_t at = sizeof text;
	text[--at] = after;
	do
		text[--at] = (char)('0' + value % 10);
	while (value /= 10);
	b->written += sizeof text - at;
	fwrite_unlocked(text + at, 1, sizeof text - at, b->out);
}

/* type, name, id, self size, edges, detachedness */
static void bench_node(struct bench *b, uint64_t ordinal, const uint64_t field[4])
{
	if (ordinal)
		bench_text(b, ",");
	bench_number(b, field[0], ',');
	bench_number(b, field[1], ',');
	bench_number(b, 2 * ordinal + 1, ',');
	bench_number(b, field[2], ',');
	bench_number(b, field[3], ',');
	bench_number(b, 0, '\n');
}

static uint64_t bench_item_edges(const struct bench *b, uint64_t item)
{
	return item + 1 < b->items ? BENCH_ITEM_EDGES : BENCH_ITEM_EDGES - 1;
}

static void bench_nodes(struct bench *b)
{
	bench_text(b, "\"nodes\":[");
	bench_node(b, 0, (uint64_t[]){9, 1, 0, 2});
	bench_node(b, 1, (uint64_t[]){9, 2, 0, 0});
	bench_node(b, 2, (uint64_t[]){3, 3, 0, 1});
	for (uint64_t i = 0; i < b->items; i++) {
		uint64_t bytes = i ? BENCH_ITEM_BYTES : BENCH_LARGE_BYTES;
		bench_node(b, BENCH_FIRST + i,
			(uint64_t[]){3, 5 + i % BENCH_CLASSES, bytes,
				bench_item_edges(b, i)});
	}
	bench_text(b, "],\n");
}

/* type, name or index, node */
static void bench_edge(struct bench *b, uint64_t type, uint64_t name, uint64_t to)
{
	bench_text(b, to == 1 ? "" : ",");
	bench_number(b, type, ',');
	bench_number(b, name, ',');
	bench_number(b, to * BENCH_FIELDS, '\n');
}

static void bench_edges(struct bench *b)
{
	bench_text(b, "\"edges\":[");
	bench_edge(b, 1, 1, 1); /* the first has no comma before it */
	bench_edge(b, 5, 4, 2); /* shortcut to the global object */
	bench_edge(b, 2, 4, BENCH_FIRST);
	uint64_t random = 1;
	for (uint64_t i = 0; i < b->items; i++) {
		if (i + 1 < b->items)
			bench_edge(b, 2, 4, BENCH_FIRST + i + 1);
		for (int k = 1; k < BENCH_ITEM_EDGES; k++) {
			random = random * UINT64_C(6364136223846793005) + 1;
			bench_edge(
				b, 1, (uint64_t)k, BENCH_FIRST + (random >> 33) % 990);
		}
	}
	bench_text(b, "],\n");
}

static void bench_write(struct bench *b)
{
	uint64_t edges = 3 + b->items * BENCH_ITEM_EDGES - 1;
	char head[1600];
	snprintf(head, sizeof head,
		"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\","
		"\"self_size\",\"edge_count\",\"detachedness\"],\"node_types\":[["
		"\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\","
		"\"regexp\",\"number\",\"native\",\"synthetic\"],\"string\",\"number\","
		"\"number\",\"number\",\"number\"],\"edge_fields\":[\"type\","
		"\"name_or_index\",\"to_node\"],\"edge_types\":[[\"context\","
		"\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\","
		"\"weak\"],\"string_or_number\",\"node\"],\"trace_function_info_"
		"fields\":"
		"[],\"trace_node_fields\":[],\"sample_fields\":[],\"location_fields\":["
		"]},"
		"\"node_count\":%llu,\"edge_count\":%llu,\"trace_function_count\":0,"
		"\"extra_native_bytes\":0},\n",
		(unsigned long long)(b->items + BENCH_FIRST),
		(unsigned long long)edges);
	bench_text(b, head);
	bench_nodes(b);
	bench_edges(b);
	bench_text(b, "\"trace_function_infos\":[],\"trace_tree\":[],\"samples\":[],"
		      "\"locations\":[],\n\"strings\":[\"<dummy>\",\"\",\"(GC roots)\","
		      "\"global\",\"next\"");
	for (int i = 0; i < BENCH_CLASSES; i++) {
		char name[20];
		snprintf(name, sizeof name, ",\"Item%d\"", i);
		bench_text(b, name);
	}
	bench_text(b, "]}");
}

/* The summariser, reading the pipe; its answer goes into a file. */
static pid_t bench_start(const char *folder, int in, const char *answer)
{
	char agent[4096];
	snprintf(agent, sizeof agent, "%s/tidemark-agent", folder);
	pid_t pid = fork();
	if (pid < 0)
		bench_fail("fork");
	if (pid == 0) {
		dup2(in, STDIN_FILENO);
		if (!freopen(answer, "w", stdout))
			_exit(126);
		execl(agent, agent, "snapshot", "summarize", "-", "--json", NULL);
		_exit(127);
	}
	return pid;
}

static bool bench_says(const char *answer, const char *format, uint64_t value)
{
	char wanted[200];
	snprintf(wanted, sizeof wanted, format, (unsigned long long)value);
	if (strstr(answer, wanted))
		return true;
	fprintf(stderr, "bench: the summary does not say %s\n", wanted);
	return false;
}

static bool bench_check(const char *path, uint64_t items)
{
	static char answer[1 << 20];
	FILE *file = fopen(path, "r");
	if (!file)
		bench_fail(path);
	answer[fread(answer, 1, sizeof answer - 1, file)] = '\0';
	fclose(file);
	uint64_t total = BENCH_LARGE_BYTES + (items - 1) * BENCH_ITEM_BYTES;
	if (strstr(answer, "\"mode\":\"shallow\"")) {
		printf("exact was refused, the shallow table is there\n");
		return bench_says(answer, "\"nodeCount\":%llu", items + BENCH_FIRST) &&
		       bench_says(answer, "\"count\":%llu", items / BENCH_CLASSES);
	}
	return bench_says(answer, "\"nodeCount\":%llu", items + BENCH_FIRST) &&
	       bench_says(answer, "\"edgeCount\":%llu", 2 + items * BENCH_ITEM_EDGES) &&
	       bench_says(answer, "\"totalSize\":%llu", total) &&
	       bench_says(answer, "\"retained\":%llu", total) &&
	       bench_says(answer, "\"count\":%llu", items / BENCH_CLASSES);
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
	struct bench b = {.items = quick ? BENCH_ITEMS_QUICK : BENCH_ITEMS};
	char answer[4096];
	snprintf(answer, sizeof answer, "%s/heap_huge.json", folder);
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0 || !(b.out = fdopen(ends[1], "w")))
		bench_fail("pipe");
	pid_t pid = bench_start(folder, ends[0], answer);
	close(ends[0]);
	static char buffer[1 << 20];
	setvbuf(b.out, buffer, _IOFBF, sizeof buffer);
	bench_write(&b);
	if (fclose(b.out) != 0)
		bench_fail("the summariser did not read to the end");
	struct rusage used;
	int status;
	if (wait4(pid, &status, 0, &used) != pid || status != 0) {
		fprintf(stderr, "bench: the summariser failed with status %d\n",
			status);
		return 1;
	}
	double gib = (double)b.written / (1 << 30);
	double rss_gib = (double)used.ru_maxrss / (1 << 20);
	printf("%.1f GiB, %.2f G edge fields: %.1f s CPU, peak %.1f GiB\n", gib,
		(double)(3 * (2 + b.items * BENCH_ITEM_EDGES)) / 1e9,
		(double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec), rss_gib);
	if (!bench_check(answer, b.items))
		return 1;
	double ratio = rss_gib / gib;
	printf("heap_huge ratio=%.2f goal=%.2f %s\n", ratio, BENCH_GOAL_RSS,
		ratio <= BENCH_GOAL_RSS ? "ok" : "short");
	return 0;
}
