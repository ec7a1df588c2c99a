/* measures: server_compact z
 *
 * What a value takes on disk when it is cold: in PostgreSQL's own words, tables,
 * indexes and TOAST together.
 *
 * A day of 10 s readings of recorded Node processes (tests/support/recorded.h), one on
 * each host, two versions of one service, is written as ingest writes it, and moved on
 * by the compactor's own code until it is chunks and rollups.  Then the files are
 * measured, and every value of some processes is read back and compared.
 *
 *   chunk            what keeps the values
 *   slot_rollup      hours of seats
 *   version_rollup   five minutes and hours of versions: few rows, whatever the fleet
 *
 * The ratio is bytes of all of them for each value.
 */
#include "server/compact/work.h"
#include "server/store/migrate.h"
#include "server/store/storage.h"
#include "tests/support/pg.h"
#include "tests/support/readings.h"
#include "tests/support/recorded.h"

#include <libpq-fe.h>
#include <time.h>

enum { PROCESSES = 120, PROCESSES_QUICK = 40, TICKS = 6, CHECKED = 3 };
static const double GOAL_BYTES = 0.7;
static const int64_t DAY_MS = INT64_C(1795219200000); /* 2026-11-21 */

/* Where recorded columns are stored.  Queues are not metrics of a process: their depth
 * and what entered stand in for a backlog and a busy counter. */
static const int metric_of[RECORDED_COLUMNS] = {PROCESS_rss_kb, PROCESS_heap_total_kb,
	PROCESS_heap_used_kb, PROCESS_external_kb, PROCESS_array_buffers_kb,
	PROCESS_heap_floor_kb, PROCESS_gc_full_count, PROCESS_minor_faults,
	PROCESS_requests, PROCESS_backlog};

static struct pg pg;
static struct readings readings;
static struct recorded_day *days;

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

static struct wire_values values_of(const struct recorded_day *day, int row)
{
	struct wire_values values = {0};
	for (int c = 0; c < RECORDED_COLUMNS; c++) {
		values.present |= UINT64_C(1) << metric_of[c];
		values.value[metric_of[c]] = day->values[c][row];
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
			const struct recorded_day *day = &days[i % processes];
			int at = row + i / processes;
			struct wire_values values = values_of(day, at);
			samples_add_process(
				&samples, i % processes + 1, day->at_ms[at], &values);
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

/* Bytes of all partitions of a table, with indexes and TOAST. */
static double table_bytes(const char *table)
{
	char sql[256];
	PGconn *conn = PQconnectdb(pg.uri);
	snprintf(sql, sizeof sql,
		"SELECT sum(pg_total_relation_size(relid)) FROM "
		"pg_partition_tree('%s') WHERE isleaf",
		table);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		fprintf(stderr, "bench: %s\n", PQerrorMessage(conn));
		exit(1);
	}
	double bytes = atof(PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(conn);
	return bytes;
}

static double print_bytes(double values)
{
	static const char *const tables[] = {
		"chunk", "slot_rollup", "version_rollup_300", "version_rollup_3600"};
	double all = 0;
	printf("%-22s %12s %16s\n", "", "bytes", "for each value");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		double bytes = table_bytes(tables[i]);
		printf("%-22s %12.0f %16.4f\n", tables[i], bytes, bytes / values);
		all += bytes;
	}
	return all;
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	int processes = quick ? PROCESSES_QUICK : PROCESSES;
	double values = (double)processes * RECORDED_ROWS * RECORDED_COLUMNS;
	struct err e;
	days = calloc((size_t)processes, sizeof *days);
	for (int i = 0; i < processes; i++)
		recorded_make_day(&days[i], DAY_MS, (unsigned)i);
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e))
		die("migrate", &e);
	readings_init(&readings, pg.uri, processes, 1, 1);
	double start = now_s();
	write_day(processes);
	double written = now_s();
	double hot = table_bytes("sample");
	move_on();
	double moved = now_s();
	for (int i = 0; i < CHECKED; i++)
		read_back(i * (processes - 1) / (CHECKED - 1));
	printf("%d processes, %.1f million values: written in %.1f s, moved on in %.1f "
	       "s\n",
		processes, values / 1e6, written - start, moved - written);
	printf("%-22s %12.0f %16.4f\n", "sample, while hot", hot, hot / values);
	double bytes = print_bytes(values) / values;
	printf("disk ratio=%.3f goal=%.1f %s\n", bytes, GOAL_BYTES,
		bytes <= GOAL_BYTES ? "ok" : "short");
	readings_finish(&readings);
	pg_stop(&pg);
	return 0;
}
