/*
 * Past fleet: a database with days of history of a fleet, for benches that read.
 *
 * `hosts` hosts run one process of each of `services` services.  All days before
 * PAST_FLEET_DAY_MS are sealed, that day is in segments until PAST_FLEET_COMPACTED_MS,
 * and the last hour is in hot rows as well, as the compactor leaves it, until
 * PAST_FLEET_NOW_MS.  Values are those of 200 processes over and over: what is stored
 * has the size of what is real, and is made quickly.  Of metrics there are rss_kb, or
 * the one that is asked for, and cgroup_oom_kills.
 */
#ifndef TIDEMARK_TESTS_BENCH_PAST_FLEET_H
#define TIDEMARK_TESTS_BENCH_PAST_FLEET_H

#include "common/clock.h"
#include "schema/metric.h"
#include "server/history/column.h"
#include "server/history/rollup.h"
#include "server/history/segment.h"
#include "server/store/copier.h"
#include "server/store/partitions.h"
#include "server/store/rollups.h"
#include "server/store/segments.h"
#include "tests/support/api.h"

#include <inttypes.h>
#include <stdarg.h>

/* 2026-11-22 00:00, 11:55 and 12:02:30 UTC */
#define PAST_FLEET_DAY_MS       INT64_C(1795305600000)
#define PAST_FLEET_COMPACTED_MS (PAST_FLEET_DAY_MS + INT64_C(42900000))
#define PAST_FLEET_NOW_MS       (PAST_FLEET_DAY_MS + INT64_C(43350000))
#define PAST_FLEET_HOT_MS       (PAST_FLEET_DAY_MS + INT64_C(39600000))
#define PAST_FLEET_TICK_MS      INT64_C(10000)

enum { PAST_FLEET_DAY_ROWS = 8640, PAST_FLEET_PATTERNS = 200 };

struct past_fleet {
	int hosts, services, days;
	int metric; /* PROCESS_...; 0: rss_kb */
	int first;  /* generation of the first process, less one */
};

static inline void past_fleet_check(bool ok, const char *what, const struct err *e)
{
	api_require(ok, what, e);
}

/* Instances of a service are no copies of one another. */
static inline int past_fleet_pattern(const struct past_fleet *f, int subject)
{
	return (subject / f->services + subject % f->services * 13) %
	       PAST_FLEET_PATTERNS;
}

/* Memory that grows, is given back, and is read in pages. */
static inline int64_t past_fleet_value(int pattern, int64_t at_ms)
{
	uint64_t tick = (uint64_t)(at_ms / PAST_FLEET_TICK_MS);
	uint64_t noise = (tick * 0x9e3779b97f4a7c15u + (uint64_t)pattern * 77) >> 40;
	int64_t moved = noise % 4 ? (int64_t)(tick / 7 % 100) : (int64_t)(noise % 90);
	return 80000 + 1000 * pattern + (int64_t)(tick % 8640) / 5 * 4 + moved * 4;
}

/* Ticks are some milliseconds late now and then. */
static inline int64_t past_fleet_at(int pattern, int64_t at_ms)
{
	uint64_t tick = (uint64_t)(at_ms / PAST_FLEET_TICK_MS);
	uint64_t noise = (tick * 0xc2b2ae3d27d4eb4fu + (uint64_t)pattern * 31) >> 40;
	return at_ms + 137 * pattern + (noise % 5 == 0 ? 1 + (int64_t)(noise % 3) : 0);
}

struct past_fleet_columns {
	size_t rows;
	int64_t at_ms[PAST_FLEET_DAY_ROWS], values[PAST_FLEET_DAY_ROWS],
		kills[PAST_FLEET_DAY_ROWS];
	struct buf stored[3]; /* times, the metric, cgroup_oom_kills */
};

static inline int past_fleet_metric(const struct past_fleet *f, int i)
{
	const int metrics[3] = {SEGMENT_TIMES, f->metric ? f->metric : PROCESS_rss_kb,
		PROCESS_cgroup_oom_kills};
	return metrics[i];
}

static inline void past_fleet_make(struct past_fleet_columns *c, int pattern,
	int64_t from_ms, int64_t to_ms, bool squeeze)
{
	c->rows = 0;
	for (int64_t at = from_ms; at < to_ms; at += PAST_FLEET_TICK_MS, c->rows++) {
		c->at_ms[c->rows] = past_fleet_at(pattern, at);
		c->values[c->rows] = past_fleet_value(pattern, at);
		c->kills[c->rows] = 0;
	}
	for (int i = 0; i < 3; i++)
		buf_reset(&c->stored[i]);
	column_put_times(&c->stored[0], c->at_ms, c->rows, squeeze);
	column_put_values(&c->stored[1], c->values, NULL, c->rows, squeeze);
	column_put_values(&c->stored[2], c->kills, NULL, c->rows, squeeze);
}

static inline void past_fleet_copy_end(struct copier *c, const char *what)
{
	struct err e = {0};
	past_fleet_check(copier_end(c, &e), what, &e);
	copier_finish(c);
}

/* Chunks and hours of one sealed day. */
static inline void past_fleet_day(
	const struct past_fleet *f, struct db *db, int64_t day_ms)
{
	static struct past_fleet_columns columns[PAST_FLEET_PATTERNS];
	static struct rollups_day days[PAST_FLEET_PATTERNS];
	struct err e = {0};
	struct copier chunks, hours;
	past_fleet_check(partitions_make_kept(db, day_ms, &e), "partitions", &e);
	for (int i = 0; i < PAST_FLEET_PATTERNS; i++) {
		struct past_fleet_columns *c = &columns[i];
		struct rollup rollups[ROLLUP_HOURS] = {0};
		past_fleet_make(c, i, day_ms, day_ms + PARTITIONS_DAY_MS, true);
		rollup_day(rollups, METRIC_GAUGE, day_ms, c->at_ms, c->values, NULL,
			c->rows);
		for (int h = 0; h < ROLLUP_HOURS; h++) {
			days[i].n[h] = rollups[h].n;
			days[i].sum[h] = rollups[h].sum;
			days[i].low[h] = rollups[h].low;
			days[i].high[h] = rollups[h].high;
			days[i].last[h] = rollups[h].last;
		}
	}
	int subjects = f->hosts * f->services;
	copier_init(&chunks, db, "chunk (at, subject, metric, data)");
	for (int s = 0; s < subjects; s++)
		for (int m = 0; m < 3; m++) {
			const struct buf *b =
				&columns[past_fleet_pattern(f, s)].stored[m];
			copier_row(&chunks, 4);
			copier_time(&chunks, day_ms);
			copier_int4(&chunks, f->first + s + 1);
			copier_int2(&chunks, past_fleet_metric(f, m));
			copier_blob(&chunks, b->data, b->length);
		}
	past_fleet_copy_end(&chunks, "chunks");
	copier_init(&hours, db, ROLLUPS_SLOT_TARGET);
	for (int s = 0; s < subjects; s++)
		rollups_put_day(&hours, day_ms, f->first + s + 1,
			past_fleet_metric(f, 1), &days[past_fleet_pattern(f, s)]);
	past_fleet_copy_end(&hours, "hours");
}

/* The segments of five minutes. */
static inline void past_fleet_window(
	const struct past_fleet *f, struct copier *copier, int64_t at_ms)
{
	static struct past_fleet_columns columns[PAST_FLEET_PATTERNS];
	struct segment_column column[SEGMENT_HOSTS];
	for (int i = 0; i < PAST_FLEET_PATTERNS; i++)
		past_fleet_make(&columns[i], i, at_ms, at_ms + SEGMENT_MS, false);
	for (int service = 0; service < f->services; service++)
		for (int first = 0; first <= f->hosts; first += SEGMENT_HOSTS)
			for (int m = 0; m < 3; m++) {
				struct buf out = {0};
				size_t n = 0;
				for (int h = first; h < first + SEGMENT_HOSTS; h++) {
					if (h < 1 || h > f->hosts)
						continue;
					int s = (h - 1) * f->services + service;
					const struct buf *b =
						&columns[past_fleet_pattern(f, s)]
							 .stored[m];
					column[n++] = (struct segment_column){
						f->first + s + 1, b->data, b->length};
				}
				segment_put(&out, column, n);
				segments_put(copier, at_ms, service + 1,
					first / SEGMENT_HOSTS, past_fleet_metric(f, m),
					out.data, out.length);
				buf_finish(&out);
			}
}

static inline void past_fleet_sql(struct db *db, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static inline void past_fleet_sql(struct db *db, const char *format, ...)
{
	struct err e = {0};
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	char *line;
	if (vasprintf(&line, format, arguments) < 0)
		exit(99);
	va_end(arguments);
	buf_text(&text, line);
	free(line);
	past_fleet_check(db_script(db, text.data, "fleet", &e), text.data, &e);
	buf_finish(&text);
}

/* Who there is: process (h - 1) * services + s is of host h and service s; and eve of
 * api_seed.sql, to log in. */
static inline void past_fleet_names(const struct past_fleet *f, struct db *db)
{
	past_fleet_sql(db,
		"INSERT INTO host (id, machine_id, name, kernel, cpus, interval_ms, "
		"first_seen_at) OVERRIDING SYSTEM VALUE SELECT h, 'm' || h, "
		"format('web-%%s', h), '6.1', 4, 10000, '2026-01-01' "
		"FROM generate_series(1, %d) h;"
		"INSERT INTO service (id, name, first_seen_at) OVERRIDING SYSTEM VALUE "
		"SELECT s, 'service-' || s, '2026-01-01' "
		"FROM generate_series(1, %d) s;"
		"INSERT INTO fingerprint (id, service_id, version, runtime, "
		"first_seen_at) "
		"OVERRIDING SYSTEM VALUE SELECT id, id, '1.0.0', '', '2026-01-01' FROM "
		"service;",
		f->hosts, f->services);
	past_fleet_sql(db,
		"INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM "
		"VALUE SELECT (h - 1) * %d + s, s, h, 0 FROM generate_series(1, %d) h, "
		"generate_series(1, %d) s;"
		"INSERT INTO generation (id, slot_id, fingerprint_id, host_id, "
		"boot_id, pid, start_ticks, started_at, last_sample_at, command, rule) "
		"OVERRIDING SYSTEM VALUE SELECT id, id, service_id, host_id, 'b', id, "
		"1, "
		"'2026-01-01', to_timestamp(%" PRId64 "), '', '' FROM slot;",
		f->services, f->hosts, f->services, PAST_FLEET_NOW_MS / 1000);
	past_fleet_sql(db,
		"INSERT INTO app_user (id, name, password_hash, password_is_one_time, "
		"role, created_at) OVERRIDING SYSTEM VALUE VALUES (3, 'eve', "
		"'$argon2id$v=19$m=8,t=1,p=1$kJ6JLxOtWNpBl+DsevWuKg$F/0rqkd/"
		"HdenIKKJnVLRPU3PU4yaZbtRXekbaD3wSTk', false, 'viewer', "
		"'2026-11-21 10:00+00')");
}

/* Tick after tick, host after host, as agents send them. */
static inline void past_fleet_hot(const struct past_fleet *f, struct db *db)
{
	struct err e = {0};
	for (int64_t at = PAST_FLEET_HOT_MS; at < PAST_FLEET_NOW_MS;
		at += PARTITIONS_HOUR_MS)
		past_fleet_sql(db,
			"SELECT partition_make_hour(t, to_timestamp(%" PRId64
			")) FROM unnest(ARRAY['sample', 'host_sample']) t",
			at / 1000);
	past_fleet_sql(db,
		"INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, "
		"rss_file_kb, rss_shmem_kb, swap_kb, cpu_ms, threads, fds, "
		"minor_faults, major_faults, cgroup_usage_kb, cgroup_oom_kills, "
		"heap_used_kb, heap_total_kb) "
		"SELECT (h - 1) * %d + s, to_timestamp(%" PRId64
		" + 10 * t) + h * interval '40 ms', 90000 + t, 80000 + t, 10000, 0, 0, "
		"t * 40, 11, 30, t * 9, 0, 120000, 0, 40000 + t %% 100, 60000 "
		"FROM generate_series(0, %" PRId64 ") t, generate_series(1, %d) h, "
		"generate_series(1, %d) s ORDER BY t, h, s",
		f->services, PAST_FLEET_HOT_MS / 1000,
		(PAST_FLEET_NOW_MS - PAST_FLEET_HOT_MS) / PAST_FLEET_TICK_MS - 1,
		f->hosts, f->services);
	past_fleet_check(
		partitions_summarize(db, PAST_FLEET_HOT_MS, PAST_FLEET_NOW_MS, &e),
		"summarize", &e);
}

/* Days older than what there is are added by calling it again with more of them. */
static inline void past_fleet_days(
	const struct past_fleet *f, struct db *db, int from, int to)
{
	for (int day = from; day < to; day++)
		past_fleet_day(
			f, db, PAST_FLEET_DAY_MS - (day + 1) * PARTITIONS_DAY_MS);
	past_fleet_sql(db, "VACUUM ANALYZE chunk");
	past_fleet_sql(db, "VACUUM ANALYZE slot_rollup");
}

static inline int64_t past_fleet_clock(void)
{
	return PAST_FLEET_NOW_MS;
}

/* All days, and today until it was compacted last. */
static inline void past_fleet_history(const struct past_fleet *f, struct db *db)
{
	struct err e = {0};
	struct copier copier;
	past_fleet_check(
		partitions_make_kept(db, PAST_FLEET_DAY_MS, &e), "partitions", &e);
	past_fleet_days(f, db, 0, f->days);
	copier_init(&copier, db, SEGMENTS_TARGET);
	for (int64_t at = PAST_FLEET_DAY_MS; at < PAST_FLEET_COMPACTED_MS;
		at += SEGMENT_MS)
		past_fleet_window(f, &copier, at);
	past_fleet_copy_end(&copier, "segments");
	past_fleet_sql(db,
		"UPDATE storage SET closed_to = to_timestamp(%" PRId64
		"), compacted_to = to_timestamp(%" PRId64
		"), sealed_to = to_timestamp(%" PRId64 ")",
		PAST_FLEET_COMPACTED_MS / 1000, PAST_FLEET_COMPACTED_MS / 1000,
		PAST_FLEET_DAY_MS / 1000);
	past_fleet_sql(db, "VACUUM ANALYZE segment");
}

/* Makes it all in a fresh cluster, and starts the API on it. */
static inline void past_fleet_start(const struct past_fleet *f)
{
	struct err e = {0};
	pg_start(&api_pg);
	past_fleet_check(migrate_run(api_pg.uri, NULL, &e), "migrate", &e);
	api_db = db_create(&(struct db_options){
		.uri = api_pg.uri, .application_name = "tidemark bench"});
	past_fleet_names(f, api_db);
	past_fleet_history(f, api_db);
	past_fleet_hot(f, api_db);
	api_now = PAST_FLEET_NOW_MS;
	api_launch();
}

/* How long one answer took, in ms, and its size. */
struct past_fleet_answer {
	double first_ms, last_ms, best_ms; /* best: the quickest to the last byte */
	size_t bytes;
	int status;
};

static inline double past_fleet_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Asks on a connection that stays. */
static inline struct past_fleet_answer past_fleet_ask(
	int fd, const char *target, const char *headers)
{
	struct past_fleet_answer a = {0};
	struct buf in = {0}, request = {0};
	const char *end = NULL;
	buf_printf(&request,
		"GET %s HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n%s\r\n",
		target, headers);
	double start = past_fleet_now();
	http_send(fd, request.data, request.length);
	size_t length = 0;
	bool chunked = false;
	while (!end || (chunked ? in.length < 5 || memcmp(in.data + in.length - 5,
							   "0\r\n\r\n", 5) != 0
				: in.length < length)) {
		if (!http_more(fd, &in))
			http_die("answer");
		if (a.first_ms == 0)
			a.first_ms = past_fleet_now() - start;
		if (!end && (end = strstr(in.data, "\r\n\r\n"))) {
			const char *field = strcasestr(in.data, "Content-Length: ");
			chunked = !field || field > end;
			length = (size_t)(end + 4 - in.data);
			if (!chunked)
				length += strtoul(field + 16, NULL, 10);
		}
	}
	a.last_ms = past_fleet_now() - start;
	a.bytes = in.length;
	a.status = atoi(in.data + 9);
	if (a.status != 200) {
		fprintf(stderr, "%s: %.600s\n", target, in.data);
		exit(99);
	}
	buf_finish(&in);
	buf_finish(&request);
	return a;
}

static inline int past_fleet_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The lower quartiles of some answers, after some that warm everything up: the machine
 * has other work now and then. */
static inline struct past_fleet_answer past_fleet_measure(
	uint16_t port, const char *target, const char *headers, int times)
{
	enum { WARM = 4, MOST = 101 };
	double first[MOST], last[MOST];
	struct past_fleet_answer a = {0};
	int fd = http_connect(port);
	for (int i = -WARM; i < times; i++) {
		a = past_fleet_ask(fd, target, headers);
		if (i < 0)
			continue;
		first[i] = a.first_ms;
		last[i] = a.last_ms;
	}
	close(fd);
	qsort(first, (size_t)times, sizeof *first, past_fleet_compare);
	qsort(last, (size_t)times, sizeof *last, past_fleet_compare);
	a.first_ms = first[times / 4];
	a.last_ms = last[times / 4];
	a.best_ms = last[0];
	return a;
}

#endif
