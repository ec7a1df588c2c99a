/* measures: server_history z
 *
 * What keeping a value costs: bytes, and CPU to put it in and to get it out.
 *
 *   column     server/history/column.h as segments have it, without zstd
 *   squeezed   the same through zstd, as chunks have it
 *   zstd, zlib the values as they are, 8 bytes each, at their usual levels
 *
 * Days of 10 s readings of real Node processes (tests/support/recorded.h), a metric of
 * a day at a time, with the times' column shared among the metrics.  The ratio is
 * squeezed bytes per value over what the issue allows.
 */
#include "server/history/column.h"
#include "tests/support/recorded.h"

#include <time.h>
#include <zstd.h>

enum { PROCESSES = 3, ROUNDS = 9 };
static const double GOAL_BYTES = 0.62, GOAL_PUT_NS = 6, GOAL_GET_NS = 4;

static struct recorded_day days[PROCESSES];
static uint64_t sum; /* of what came out, so that all of it is read */

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

struct way {
	const char *name;
	void (*put)(struct buf *out, const int64_t *values);
	void (*get)(const struct buf *stored, struct arena *a);
};

static void put_plain(struct buf *out, const int64_t *values)
{
	column_put_values(out, values, NULL, RECORDED_ROWS, false);
}

static void put_squeezed(struct buf *out, const int64_t *values)
{
	column_put_values(out, values, NULL, RECORDED_ROWS, true);
}

static void get_column(const struct buf *stored, struct arena *a)
{
	int64_t *values = NULL;
	bool *has;
	struct err e;
	if (!column_get_values(stored->data, stored->length, a, RECORDED_ROWS, &values,
		    &has, &e)) {
		fprintf(stderr, "bench: %s\n", e.text);
		exit(1);
	}
	sum += (uint64_t)values[RECORDED_ROWS - 1];
}

static void put_zstd(struct buf *out, const int64_t *values)
{
	static ZSTD_CCtx *context;
	size_t length = RECORDED_ROWS * sizeof *values;
	size_t room = ZSTD_compressBound(length);
	if (!context)
		context = ZSTD_createCCtx();
	char *start = buf_reserve(out, room);
	out->length += ZSTD_compressCCtx(context, start, room, values, length, 3);
}

static void get_zstd(const struct buf *stored, struct arena *a)
{
	static ZSTD_DCtx *context;
	int64_t *values = arena_array(a, RECORDED_ROWS, sizeof *values);
	if (!context)
		context = ZSTD_createDCtx();
	ZSTD_decompressDCtx(context, values, RECORDED_ROWS * sizeof *values,
		stored->data, stored->length);
	sum += (uint64_t)values[RECORDED_ROWS - 1];
}

static void put_zlib(struct buf *out, const int64_t *values)
{
	uLong length = RECORDED_ROWS * sizeof *values;
	uLong room = compressBound(length);
	char *start = buf_reserve(out, room);
	compress2((Bytef *)start, &room, (const Bytef *)values, length, 6);
	out->length += room;
}

static void get_zlib(const struct buf *stored, struct arena *a)
{
	int64_t *values = arena_array(a, RECORDED_ROWS, sizeof *values);
	uLong length = RECORDED_ROWS * sizeof *values;
	uncompress(
		(Bytef *)values, &length, (const Bytef *)stored->data, stored->length);
	sum += (uint64_t)values[RECORDED_ROWS - 1];
}

struct cost {
	double bytes, put_ns, get_ns; /* per value */
};

static void measure_once(
	const struct way *way, struct buf *stored, struct arena *a, struct cost *c)
{
	double values = (double)PROCESSES * RECORDED_COLUMNS * RECORDED_ROWS;
	double start = now_ns(), middle;
	size_t bytes = 0;
	for (int p = 0; p < PROCESSES; p++) {
		for (int m = 0; m < RECORDED_COLUMNS; m++) {
			struct buf *one = &stored[p * RECORDED_COLUMNS + m];
			buf_reset(one);
			way->put(one, days[p].values[m]);
			bytes += one->length;
		}
	}
	middle = now_ns();
	for (int i = 0; i < PROCESSES * RECORDED_COLUMNS; i++) {
		arena_reset(a);
		way->get(&stored[i], a);
	}
	*c = (struct cost){(double)bytes / values, (middle - start) / values,
		(now_ns() - middle) / values};
}

/* The quickest of some rounds: the machine is not ours alone. */
static struct cost measure(const struct way *way, int rounds)
{
	static struct buf stored[PROCESSES * RECORDED_COLUMNS];
	struct cost best = {0}, c;
	struct arena a;
	arena_init(&a);
	for (int i = 0; i < rounds; i++) {
		measure_once(way, stored, &a, &c);
		if (i == 0 || c.put_ns < best.put_ns)
			best.put_ns = c.put_ns;
		if (i == 0 || c.get_ns < best.get_ns)
			best.get_ns = c.get_ns;
		best.bytes = c.bytes;
	}
	arena_finish(&a);
	return best;
}

/* As segments have them: five minutes at a time. */
static void measure_segments(int rounds)
{
	enum { ROWS = 30 };
	struct buf out = {0};
	size_t bytes = 0;
	double best = 0, values = (double)RECORDED_COLUMNS * RECORDED_ROWS;
	for (int round = 0; round < rounds; round++) {
		double start = now_ns();
		bytes = 0;
		for (int i = 0; i < RECORDED_COLUMNS * RECORDED_ROWS; i += ROWS) {
			buf_reset(&out);
			column_put_values(&out,
				days[0].values[i / RECORDED_ROWS] + i % RECORDED_ROWS,
				NULL, ROWS, false);
			bytes += out.length;
		}
		double took = (now_ns() - start) / values;
		best = round == 0 || took < best ? took : best;
	}
	printf("%-18s %10.3f %10s %10.2f\n", "of five minutes", (double)bytes / values,
		"", best);
	buf_finish(&out);
}

/* Of the column of times, for each value of the metrics that share it. */
static double times_bytes(bool squeeze)
{
	size_t bytes = 0;
	for (int p = 0; p < PROCESSES; p++) {
		struct buf out = {0};
		column_put_times(&out, days[p].at_ms, RECORDED_ROWS, squeeze);
		bytes += out.length;
		buf_finish(&out);
	}
	return (double)bytes / PROCESSES / RECORDED_ROWS / RECORDED_COLUMNS;
}

static void print_metrics(void)
{
	printf("\n%-18s %10s %10s\n", "bytes per value", "column", "squeezed");
	for (int m = 0; m < RECORDED_COLUMNS; m++) {
		double bytes[2] = {0};
		for (int p = 0; p < 2 * PROCESSES; p++) {
			struct buf out = {0};
			column_put_values(&out, days[p / 2].values[m], NULL,
				RECORDED_ROWS, p % 2);
			bytes[p % 2] += (double)out.length / PROCESSES / RECORDED_ROWS;
			buf_finish(&out);
		}
		printf("%-18s %10.3f %10.3f\n", recorded_name[m], bytes[0], bytes[1]);
	}
}

int main(int argc, char **argv)
{
	static const struct way ways[] = {{"column", put_plain, get_column},
		{"squeezed", put_squeezed, get_column},
		{"zstd of int64", put_zstd, get_zstd},
		{"zlib of int64", put_zlib, get_zlib}};
	struct cost c[4];
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	for (unsigned p = 0; p < PROCESSES; p++)
		recorded_make_day(&days[p], INT64_C(1795305600000), p);
	printf("%-18s %10s %10s %10s %10s\n", "", "bytes", "of times", "put ns",
		"get ns");
	for (int i = 0; i < 4; i++) {
		c[i] = measure(&ways[i], quick && i > 1 ? 3 : ROUNDS);
		double times = i < 2 ? times_bytes(i == 1) : 0;
		c[i].bytes += times;
		printf("%-18s %10.3f %10.3f %10.2f %10.2f\n", ways[i].name, c[i].bytes,
			times, c[i].put_ns, c[i].get_ns);
	}
	measure_segments(ROUNDS);
	print_metrics();
	printf("\nbytes of squeezed over zstd of int64: %.2f, over zlib: %.2f\n",
		c[1].bytes / c[2].bytes, c[1].bytes / c[3].bytes);
	printf("put %.2f of %.0f ns, get %.2f of %.0f ns\n", c[0].put_ns, GOAL_PUT_NS,
		c[0].get_ns, GOAL_GET_NS);
	bool ok = c[1].bytes <= GOAL_BYTES && c[0].put_ns <= GOAL_PUT_NS &&
		  c[0].get_ns <= GOAL_GET_NS && sum;
	printf("codec ratio=%.3f goal=%.2f %s\n", c[1].bytes, GOAL_BYTES,
		ok ? "ok" : "short");
	return 0;
}
