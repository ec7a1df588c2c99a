/* measures: server_compact
 *
 * What five minutes of a large fleet take to become segments: time and memory of the
 * compactor, and the CPU of PostgreSQL beside it.
 *
 * Hosts with 20 services each, a process of each, a reading every 10 s: 200,000
 * processes and 6,000,000 rows (--quick: a tenth).  The rows are made in SQL, as wide
 * as those of processes whose insides are not read.
 *
 * The ratio is the part of one core that it takes, compactor and PostgreSQL together,
 * over the five minutes.  The table says how much of its memory bound it used.
 */
#include "common/clock.h"
#include "server/compact/work.h"
#include "server/history/segment.h"
#include "server/store/migrate.h"
#include "server/store/partitions.h"
#include "server/store/storage.h"
#include "tests/support/pg.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <sys/resource.h>

enum { SERVICES = 20, TICKS = 30 };
static const double GOAL = 0.1;
static const double GOAL_MB = 150;
static const int64_t T0 = INT64_C(1795338000000); /* 2026-11-22 09:00 UTC */

static struct pg pg;

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "compact: %s\n", e->text);
	pg_stop(&pg);
	exit(1);
}

static void script(struct db *db, const char *text)
{
	struct err e;
	must(db_script(db, text, "bench", &e), &e);
}

static void fill(struct db *db, int hosts)
{
	char sql[4096];
	snprintf(sql, sizeof sql,
		"INSERT INTO host (machine_id, name) SELECT h, h FROM "
		"generate_series(1, "
		"%d) h;"
		"INSERT INTO service (name) SELECT s FROM generate_series(1, %d) s;"
		"INSERT INTO fingerprint (service_id, version, runtime) SELECT s, v, "
		"'' "
		"FROM generate_series(1, %d) s, generate_series(1, 2) v;"
		"INSERT INTO slot (service_id, host_id, ordinal) SELECT s, h, 0 FROM "
		"generate_series(1, %d) h, generate_series(1, %d) s;"
		"INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, "
		"pid, "
		"start_ticks, started_at, last_sample_at, command, rule) SELECT id, 2 "
		"* "
		"service_id - host_id %% 2, host_id, '', id, 1, '2026-11-01', "
		"'2026-11-22', "
		"'', '' FROM slot;"
		"SELECT partition_make_hour('sample', '2026-11-22 09:00Z');"
		"SELECT partition_make_hour('host_sample', '2026-11-22 09:00Z')",
		hosts, SERVICES, SERVICES, hosts, SERVICES);
	script(db, sql);
	snprintf(sql, sizeof sql,
		"INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, "
		"rss_file_kb, "
		"rss_shmem_kb, swap_kb, pss_kb, cpu_ms, threads, fds, minor_faults, "
		"major_faults, cgroup_usage_kb, cgroup_limit_kb, cgroup_oom_kills) "
		"SELECT "
		"g, timestamptz '2026-11-22 09:00Z' + t * interval '10 s', 50000 + g + "
		"n, "
		"40000 + g + n, 10000, 0, 0, NULL, 300 * t + n %% 7, 11, 24 + n %% 3, "
		"1000 "
		"* t + n, 0, 60000 + g + n * 4, 524288, 0 FROM generate_series(0, %d) "
		"t, "
		"generate_series(1, %d) g, LATERAL (SELECT (hashint4(g * 31 + t) & "
		"255)::int "
		"AS n) r;"
		"INSERT INTO host_sample (host_id, at, mem_total_kb, mem_available_kb, "
		"cpu_busy_ms) SELECT h, timestamptz '2026-11-22 09:00Z' + t * interval "
		"'10 "
		"s', 16000000, 8000000 - t * h, 300 * t FROM generate_series(0, %d) t, "
		"generate_series(1, %d) h",
		TICKS - 1, hosts * SERVICES, TICKS - 1, hosts);
	script(db, sql);
	struct err e;
	must(partitions_summarize(db, T0, T0 + SEGMENT_MS, &e), &e);
	script(db, "CHECKPOINT");
}

static double own_cpu(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Of the process that serves us in PostgreSQL. */
static double backend_cpu(void)
{
	char path[64];
	unsigned long user = 0, system = 0;
	PGconn *conn = PQconnectdb(pg.uri);
	PGresult *result = PQexec(conn, "SELECT pid FROM pg_stat_activity WHERE "
					"application_name = 'bench'");
	snprintf(path, sizeof path, "/proc/%s/stat", PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(conn);
	FILE *file = fopen(path, "re");
	if (!file ||
		fscanf(file,
			"%*d %*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu "
			"%lu",
			&user, &system) != 2)
		fprintf(stderr, "compact: no %s\n", path);
	if (file)
		fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv)
{
	struct err e;
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int hosts = quick ? 1000 : 10000;
	pg_start(&pg);
	must(migrate_run(pg.uri, NULL, &e), &e);
	struct db *db = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "bench"});
	int64_t made_ms = clock_mono_ms();
	fill(db, hosts);
	made_ms = clock_mono_ms() - made_ms;
	struct work work = {.step = {.main = db, .readings = db}};
	int64_t close_ms = clock_mono_ms();
	must(storage_close(db, T0 + SEGMENT_MS, &e), &e);
	double own = own_cpu(), backend = backend_cpu();
	int64_t began_ms = clock_mono_ms();
	must(work_windows(&work, 0, &e), &e);
	int64_t took_ms = clock_mono_ms() - began_ms;
	own = own_cpu() - own;
	backend = backend_cpu() - backend;
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double mb = (double)usage.ru_maxrss / 1000;
	const struct step_counts *n = &work.step.counts;
	printf("%d processes on %d hosts, %" PRIu64 " rows (made in %.1f s)\n",
		hosts * SERVICES, hosts, n->rows, (double)made_ms / 1000);
	printf("closing          %8.2f s, the first time\n",
		(double)(began_ms - close_ms) / 1000);
	printf("window           %8.2f s, of that CPU: compactor %.2f s, PostgreSQL "
	       "%.2f "
	       "s; %.0f ns for each row\n",
		(double)took_ms / 1000, own, backend,
		(own + backend) * 1e9 / (double)n->rows);
	printf("segments         %8" PRIu64 ", %.1f MB, %.2f bytes for each row\n",
		n->segments, (double)n->segment_bytes / 1e6,
		(double)n->segment_bytes / (double)n->rows);
	printf("compactor memory %8.1f MB, at most %.0f: %s\n", mb, GOAL_MB,
		mb <= GOAL_MB ? "ok" : "short");
	db_destroy(db);
	pg_stop(&pg);
	/* A tenth of the fleet has a tenth of the time. */
	double ratio = (own + backend) * 1000 / SEGMENT_MS * (quick ? 10 : 1);
	bool ok = ratio <= GOAL && mb <= GOAL_MB;
	printf("compact ratio=%.3f goal=%.2f %s\n", ratio, GOAL, ok ? "ok" : "short");
	return 0;
}
