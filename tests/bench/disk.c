/* measures: server_compact z
 *
 * What a value takes on disk when it is cold: in PostgreSQL's own words, tables,
 * indexes and TOAST together.
 *
 * A day of 10 s readings of recorded Node processes (tests/support/recorded.h), one on
 * each host, is written as ingest writes it, and moved on by the compactor's own code
 * until it is chunks and rollups.  What the agent reads besides and was not recorded is
 * made up by rule, so that rows are as wide as they are and share what they share.
 * Then the files are measured, and every value of some processes is read back and
 * compared.
 *
 *   chunk            what keeps the values
 *   slot_rollup      hours of seats
 *   version_rollup   five minutes and hours of versions: few rows, whatever the fleet
 *
 * The ratio is bytes for each recorded value: in chunks those of recorded metrics and
 * their part of the times, and an even part of all rollups.  Values made up do not
 * count: many never change, and would make it look better.
 */
#include "server/compact/work.h"
#include "server/store/migrate.h"
#include "server/store/storage.h"
#include "tests/support/pg.h"
#include "tests/support/readings.h"
#include "tests/support/recorded.h"

#include <libpq-fe.h>
#include <time.h>

enum { PROCESSES = 200, PROCESSES_QUICK = 60, TICKS = 6, CHECKED = 3 };
static const double GOAL_BYTES = 0.7;
static const int64_t DAY_MS = INT64_C(1795219200000); /* 2026-11-21 */

/* Where recorded columns are stored.  Queues are not metrics of a process: their depth
 * and what entered stand in for a backlog and a busy counter. */
static const int metric_of[RECORDED_COLUMNS] = {PROCESS_rss_kb, PROCESS_heap_total_kb,
	PROCESS_heap_used_kb, PROCESS_external_kb, PROCESS_array_buffers_kb,
	PROCESS_heap_floor_kb, PROCESS_gc_full_count, PROCESS_minor_faults,
	PROCESS_requests, PROCESS_backlog};

/* What else the agent reads of a Node process at every reading: a value that stays, or
 * noise of a few bits about it, in steps; counters grow by it. */
static const struct rule {
	int metric;
	int64_t base, step;
	int noise_bits;
	bool grows;
} rules[] = {
	{PROCESS_rss_anon_kb, 40000, 4, 9, false},
	{PROCESS_rss_file_kb, 47832, 0, 0, false},
	{PROCESS_rss_shmem_kb, 0, 0, 0, false},
	{PROCESS_swap_kb, 0, 0, 0, false},
	{PROCESS_cpu_ms, 300, 10, 3, true},
	{PROCESS_threads, 11, 0, 0, false},
	{PROCESS_fds, 24, 1, 2, false},
	{PROCESS_major_faults, 0, 0, 0, true},
	{PROCESS_cgroup_usage_kb, 90000, 4, 9, false},
	{PROCESS_cgroup_oom_kills, 0, 0, 0, true},
	{PROCESS_heap_limit_kb, 2096128, 0, 0, false},
	{PROCESS_heap_new_kb, 0, 1, 12, false},
	{PROCESS_heap_old_kb, 20000, 1, 9, false},
	{PROCESS_heap_large_kb, 256, 0, 0, false},
	{PROCESS_heap_code_kb, 400, 1, 2, false},
	{PROCESS_heap_other_kb, 1400, 1, 1, false},
	{PROCESS_native_contexts, 1, 0, 0, false},
	{PROCESS_detached_contexts, 0, 0, 0, false},
	{PROCESS_loop_delay_p99_us, 10500, 1, 8, false},
	{PROCESS_loop_delay_max_us, 11000, 1, 11, false},
	{PROCESS_loop_busy_permille, 40, 1, 5, false},
	{PROCESS_gc_count, 2, 1, 2, true},
	{PROCESS_gc_ms, 4, 1, 4, true},
	{PROCESS_resources, 8, 1, 2, false},
	{PROCESS_timers, 3, 1, 1, false},
	{PROCESS_listeners, 2, 0, 0, false},
	{PROCESS_insides_us, 900, 1, 9, false},
	{PROCESS_insides_bytes, 310, 1, 2, false},
	{PROCESS_insides_pause_us, 700, 0, 0, false},
};
enum { RULES = sizeof rules / sizeof *rules, METRICS = RECORDED_COLUMNS + RULES };

static struct pg pg;
static struct readings readings;
static struct recorded_day *days;
static int64_t totals[PROCESSES][RULES]; /* of counters */
static uint64_t seed;

static void die(const char *what, const struct err *e)
{
	fprintf(stderr, "bench: %s: %s\n", what, e->text);
	exit(1);
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put_value(struct wire_values *values, int metric, int64_t value)
{
	values->present |= UINT64_C(1) << metric;
	values->value[metric] = value;
}

static struct wire_values values_of(int process, int row)
{
	struct wire_values values = {0};
	for (int c = 0; c < RECORDED_COLUMNS; c++)
		put_value(&values, metric_of[c], days[process].values[c][row]);
	for (int i = 0; i < RULES; i++) {
		uint64_t noise = readings_random(&seed) >> 1;
		noise &= (UINT64_C(1) << rules[i].noise_bits) - 1;
		int64_t value = rules[i].base + rules[i].step * (int64_t)noise;
		if (rules[i].grows)
			value = totals[process][i] += value;
		put_value(&values, rules[i].metric, value);
	}
	return values;
}

/* A minute of all processes in each transaction. */
static void write_day(int processes)
{
	struct samples samples = {0};
	struct err e;
	for (int row = 0; row < RECORDED_ROWS; row += TICKS) {
		if (row % 360 == 0 && !partitions_make(readings.db,
					      DAY_MS + INT64_C(10000) * row, &e))
			die("partitions", &e);
		for (int i = 0; i < TICKS * processes; i++) {
			int process = i % processes, at = row + i / processes;
			struct wire_values values = values_of(process, at);
			samples_add_process(&samples, process + 1,
				days[process].at_ms[at], &values);
		}
		if (!db_begin(readings.db, &e) ||
			!samples_copy(readings.db, &samples, &e) ||
			!db_commit(readings.db, &e))
			die("write", &e);
		samples_reset(&samples);
	}
	samples_finish(&samples);
}

static void move_on(void)
{
	struct work work = {.step = {.main = readings.db, .readings = readings.db},
		.raw_retention_ms = 30 * PARTITIONS_DAY_MS,
		.rollup_retention_ms = 730 * PARTITIONS_DAY_MS};
	struct storage_bounds bounds = {0};
	struct err e;
	if (!storage_close(readings.db, DAY_MS + PARTITIONS_DAY_MS, &e))
		die("close", &e);
	do {
		if (!work_windows(&work, 0, &e))
			die("windows", &e);
	} while (work.behind);
	if (!work_seal(&work, DAY_MS + PARTITIONS_DAY_MS, &e))
		die("seal", &e);
	if (!storage_read(readings.db, &bounds, &e))
		die("bounds", &e);
	if (bounds.sealed_ms != DAY_MS + PARTITIONS_DAY_MS) {
		fprintf(stderr, "bench: the day was not sealed\n");
		exit(1);
	}
}

static bool compare(void *context, const struct history_columns *columns, struct err *e)
{
	const struct recorded_day *day = context;
	bool same = columns->rows == RECORDED_ROWS;
	for (int row = 0; same && row < RECORDED_ROWS; row++) {
		same = columns->at_ms[row] == day->at_ms[row];
		for (int c = 0; same && c < RECORDED_COLUMNS; c++)
			same = columns->has[c][row] &&
			       columns->values[c][row] == day->values[c][row];
	}
	return same || err_set(e, ERR_INPUT, "read other values than were written");
}

static void read_back(int process)
{
	struct history_subject subject = {
		.id = process + 1, .service_id = 1, .host_id = process + 1};
	struct history_ask ask = {.subjects = &subject,
		.count = 1,
		.metrics = metric_of,
		.metric_count = RECORDED_COLUMNS,
		.from_ms = DAY_MS,
		.to_ms = DAY_MS + PARTITIONS_DAY_MS};
	struct history_sources sources;
	struct err e;
	if (!history_read(readings.db, &ask, compare, &days[process], &sources, &e))
		die("history", &e);
	if (sources.hot || sources.segments || !sources.chunks) {
		fprintf(stderr, "bench: not all was read from chunks\n");
		exit(1);
	}
}

struct table_bytes {
	double all, rows, toast, indexes; /* of all partitions */
};

static double ask(const char *format, const char *table)
{
	char sql[512];
	PGconn *conn = PQconnectdb(pg.uri);
	snprintf(sql, sizeof sql, format, table);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		fprintf(stderr, "bench: %s\n", PQerrorMessage(conn));
		exit(1);
	}
	double answer = atof(PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(conn);
	return answer;
}

#define PARTITIONS " FROM pg_partition_tree('%s') WHERE isleaf"

static struct table_bytes table_bytes(const char *table)
{
	struct table_bytes b = {
		.all = ask(
			"SELECT sum(pg_total_relation_size(relid))" PARTITIONS, table),
		.rows = ask("SELECT sum(pg_relation_size(relid))" PARTITIONS, table),
		.indexes = ask("SELECT sum(pg_indexes_size(relid))" PARTITIONS, table)};
	b.toast = b.all - b.rows - b.indexes; /* and maps of a few pages */
	return b;
}

/* The part of what chunks hold that is of recorded metrics and their times. */
static double recorded_part(void)
{
	char metrics[256], sql[512];
	size_t length = 0;
	for (int c = 0; c < RECORDED_COLUMNS; c++)
		length += (size_t)snprintf(metrics + length, sizeof metrics - length,
			"%s%d", c ? "," : "", metric_of[c]);
	snprintf(sql, sizeof sql,
		"SELECT sum((length(data) + length(rest)) * CASE WHEN metric = -1 THEN "
		"%d / %d.0 WHEN metric IN (%s) THEN 1 ELSE 0 END) / sum(length(data) + "
		"length(rest)) FROM %%s",
		RECORDED_COLUMNS, METRICS, metrics);
	return ask(sql, "chunk");
}

/* Returns bytes of the tables but the first, which are *chunk. */
static double print_bytes(double values, double *chunk)
{
	static const char *const tables[] = {
		"chunk", "slot_rollup", "version_rollup_300", "version_rollup_3600"};
	double all = 0;
	printf("%-22s %9s %9s %9s %9s\n", "bytes for each value", "rows", "toast",
		"indexes", "all");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct table_bytes b = table_bytes(tables[i]);
		printf("%-22s %9.4f %9.4f %9.4f %9.4f\n", tables[i], b.rows / values,
			b.toast / values, b.indexes / values, b.all / values);
		all += b.all;
		if (i == 0)
			*chunk = b.all;
	}
	return all - *chunk;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	int processes = quick ? PROCESSES_QUICK : PROCESSES;
	double recorded = (double)processes * RECORDED_ROWS * RECORDED_COLUMNS;
	double values = recorded / RECORDED_COLUMNS * METRICS, chunk;
	struct err e;
	days = calloc((size_t)processes, sizeof *days);
	for (int i = 0; i < processes; i++)
		recorded_make_day(&days[i], DAY_MS, (unsigned)i);
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e))
		die("migrate", &e);
	readings_init(&readings, pg.uri, processes, 1, 1);
	readings_sql(&readings, "UPDATE generation SET fingerprint_id = 1");
	double start = now_s();
	write_day(processes);
	double written = now_s();
	double hot = table_bytes("sample").all;
	move_on();
	double moved = now_s();
	for (int i = 0; i < CHECKED; i++)
		read_back(i * (processes - 1) / (CHECKED - 1));
	printf("%d processes, %.1f million values: written in %.1f s, moved on in %.1f "
	       "s\n",
		processes, values / 1e6, written - start, moved - written);
	double rollups = print_bytes(values, &chunk);
	printf("%-22s %39.4f\n", "all", (chunk + rollups) / values);
	printf("%-22s %39.4f\n", "sample, while hot", hot / values);
	chunk *= recorded_part();
	printf("of recorded values: chunk %.4f, rollups %.4f\n", chunk / recorded,
		rollups / values);
	double bytes = chunk / recorded + rollups / values;
	printf("disk ratio=%.3f goal=%.1f %s\n", bytes, GOAL_BYTES,
		bytes <= GOAL_BYTES ? "ok" : "short");
	readings_finish(&readings);
	pg_stop(&pg);
	return 0;
}
