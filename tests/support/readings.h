/*
 * Readings: a fleet's readings written as ingest writes them, and compared, value by
 * value, with what history_read tells, wherever they have moved on to.
 *
 * Each test has a database of its own, a copy of the migrated one (readings_database).
 * Hosts, services, seats and lives are rows 1.. of their tables.  What fails prints why
 * and exits.  Values are chosen by a small generator of numbers, so that runs repeat.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_READINGS_H
#define TIDEMARK_TESTS_SUPPORT_READINGS_H

#include "schema/metric.h"
#include "server/history/history.h"
#include "server/history/rollup.h"
#include "server/store/db.h"
#include "server/store/partitions.h"
#include "server/store/samples.h"
#include "tests/support/pg.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct readings_row {
	int32_t subject; /* a generation; below 0: a host */
	int64_t at_ms;
	struct wire_values values;
};

struct readings {
	const char *uri;
	struct db *db;                           /* of who compares */
	int hosts, services, lives;              /* lives: in all */
	int32_t service_of[4096], host_of[4096]; /* of a life */
	struct readings_row *rows;               /* what was committed */
	size_t count, capacity;
	pthread_mutex_t lock; /* of rows */
	uint64_t seed;
	unsigned pause_us; /* inside each transaction: for others to come between */
};

static inline void readings_die(const char *what, const struct err *e)
{
	fprintf(stderr, "readings: %s: %s\n", what, e->text);
	exit(99);
}

static inline void readings_sql(struct readings *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static inline void readings_sql(struct readings *r, const char *format, ...)
{
	struct err e = {0};
	char *text;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		exit(99);
	va_end(arguments);
	if (!db_script(r->db, text, "readings", &e))
		readings_die(text, &e);
	free(text);
}

static inline uint64_t readings_random(uint64_t *seed)
{
	uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Writes the connection string of a new copy of the migrated database, which nobody may
 * be connected to. */
static inline void readings_database(const struct pg *pg, char *uri, size_t size)
{
	static int number;
	char sql[80];
	snprintf(uri, size, "host=%s user=tidemark dbname=template1", pg->folder);
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "readings"});
	struct err e = {0};
	snprintf(sql, sizeof sql, "CREATE DATABASE r%d TEMPLATE postgres", ++number);
	if (!db_script(db, sql, "a copy", &e))
		readings_die("database", &e);
	db_destroy(db);
	snprintf(uri, size, "host=%s user=tidemark dbname=r%d", pg->folder, number);
}

/* `per` processes of each service on each host; each has one life. */
static inline void readings_init(
	struct readings *r, const char *uri, int hosts, int services, int per)
{
	*r = (struct readings){.uri = uri,
		.hosts = hosts,
		.services = services,
		.lives = hosts * services * per,
		.seed = 7};
	pthread_mutex_init(&r->lock, NULL);
	r->db = db_create(
		&(struct db_options){.uri = uri, .application_name = "readings"});
	readings_sql(r,
		"INSERT INTO host (machine_id, name, interval_ms) SELECT 'm' || h, 'h' "
		"|| "
		"h, 10000 FROM generate_series(1, %d) h;"
		"INSERT INTO service (name) SELECT 's' || s FROM generate_series(1, "
		"%d) s;"
		"INSERT INTO fingerprint (service_id, version, runtime) SELECT s, v, "
		"'r' "
		"FROM generate_series(1, %d) s, (VALUES ('1'), ('2')) v (v);"
		"INSERT INTO slot (service_id, host_id, ordinal) SELECT s, h, o FROM "
		"generate_series(1, %d) s, generate_series(1, %d) h, "
		"generate_series(0, %d) "
		"o ORDER BY s, h, o;"
		"INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, "
		"pid, "
		"start_ticks, started_at, last_sample_at, command, rule) SELECT s.id, "
		"2 * "
		"s.service_id - (s.id + s.ordinal) %% 2, s.host_id, 'b', s.id, 1, "
		"'2026-11-01Z', '2026-12-01Z', 'c', 'r' FROM slot s ORDER BY s.id",
		hosts, services, services, services, hosts, per - 1);
	BUG_ON(r->lives >= 4096);
	for (int i = 1; i <= r->lives; i++) {
		r->service_of[i] = (i - 1) / (hosts * per) + 1;
		r->host_of[i] = (i - 1) / per % hosts + 1;
	}
}

static inline void readings_finish(struct readings *r)
{
	db_destroy(r->db);
	free(r->rows);
	pthread_mutex_destroy(&r->lock);
}

/* A row of some metrics, with values of all sorts. */
static inline struct readings_row readings_make(
	uint64_t *seed, int32_t subject, int64_t at_ms)
{
	struct readings_row row = {.subject = subject, .at_ms = at_ms};
	int count = subject > 0 ? (int)METRIC_PROCESS_COUNT : (int)METRIC_HOST_COUNT;
	const struct metric *metrics = subject > 0 ? metric_process : metric_host;
	for (int m = 0; m < count; m++) {
		uint64_t x = readings_random(seed);
		bool wide = strcmp(metrics[m].column, "int8") == 0;
		/* Some metrics never, some now and then, most always. */
		if (m % 7 == 5 || (m % 5 == 4 && x % 3 == 0))
			continue;
		row.values.present |= UINT64_C(1) << m;
		if (metrics[m].kind == METRIC_COUNTER)
			row.values.value[m] = at_ms / 1000 % 1000000 * (m + 1);
		else if (x % 97 == 0 && wide && !(subject > 0 && rollup_has(m)))
			row.values.value[m] = INT64_MAX - (int64_t)(x % 5);
		else
			row.values.value[m] = 1000 * (subject < 0 ? 1 : subject) +
					      (int64_t)(x % 64);
	}
	return row;
}

static inline void readings_remember(
	struct readings *r, const struct readings_row *rows, size_t count)
{
	pthread_mutex_lock(&r->lock);
	if (r->count + count > r->capacity) {
		r->capacity = 2 * (r->count + count);
		r->rows = realloc(r->rows, r->capacity * sizeof *r->rows);
		BUG_ON(!r->rows);
	}
	memcpy(r->rows + r->count, rows, count * sizeof *rows);
	r->count += count;
	pthread_mutex_unlock(&r->lock);
}

/* One transaction, as ingest makes it.  False: nothing of it is stored. */
static inline bool readings_write(struct readings *r, struct db *db,
	const struct readings_row *rows, size_t count, struct err *e)
{
	struct samples samples = {0};
	int64_t made_ms = INT64_MIN;
	for (size_t i = 0; i < count; i++) {
		int64_t hour_ms = rows[i].at_ms - rows[i].at_ms % PARTITIONS_HOUR_MS;
		if (hour_ms != made_ms && !partitions_make(db, hour_ms, e))
			return false;
		made_ms = hour_ms;
	}
	bool ok = db_begin(db, e) && samples_hold(&samples, db, e);
	if (ok && r->pause_us)
		usleep(r->pause_us);
	for (size_t i = 0; ok && i < count; i++) {
		if (rows[i].subject > 0)
			samples_add_process(&samples, rows[i].subject, rows[i].at_ms,
				&rows[i].values);
		else
			samples_add_host(&samples, -rows[i].subject, rows[i].at_ms,
				&rows[i].values);
	}
	ok = ok && samples_copy(db, &samples, e);
	if (ok)
		ok = db_commit(db, e);
	else
		db_rollback(db);
	samples_finish(&samples);
	if (ok)
		readings_remember(r, rows, count);
	return ok;
}

/* All subjects, every step, in [from, to); one transaction for each step. */
static inline void readings_fill(
	struct readings *r, int64_t from_ms, int64_t to_ms, int64_t step_ms)
{
	struct err e = {0};
	size_t count = (size_t)(r->lives + r->hosts);
	struct readings_row *rows = calloc(count, sizeof *rows);
	for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += step_ms) {
		for (size_t i = 0; i < count; i++)
			rows[i] = readings_make(&r->seed,
				(int)i < r->lives ? (int32_t)i + 1
						  : -((int32_t)i - r->lives + 1),
				at_ms);
		if (!readings_write(r, r->db, rows, count, &e))
			readings_die("write", &e);
	}
	free(rows);
}

static inline int readings_compare(const void *left, const void *right)
{
	const struct readings_row *a = left, *b = right;
	if (a->subject != b->subject)
		return a->subject < b->subject ? -1 : 1;
	return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

struct readings_check {
	const struct readings_row *rows;
	size_t count;
	const int *metrics;
	size_t metric_count;
	int wrong;
};

static inline bool readings_check_columns(
	void *context, const struct history_columns *columns, struct err *e)
{
	struct readings_check *c = context;
	size_t at = 0;
	(void)e;
	for (size_t i = 0; i < columns->rows; i++) {
		while (at < c->count && c->rows[at].at_ms < columns->at_ms[i])
			at++;
		const struct readings_row *row = &c->rows[at];
		bool known = at < c->count && row->at_ms == columns->at_ms[i];
		for (size_t m = 0; m < c->metric_count; m++) {
			bool has = columns->has[m][i];
			bool expected = known &&
					(row->values.present >> c->metrics[m] & 1);
			if (has == expected &&
				(!has || columns->values[m][i] ==
						 row->values.value[c->metrics[m]]))
				continue;
			if (c->wrong++ < 5)
				fprintf(stderr,
					"subject %d, metric %d, at %" PRId64
					": %s%" PRId64 " instead of %s%" PRId64 "\n",
					c->rows[0].subject, c->metrics[m],
					columns->at_ms[i], has ? "" : "none ",
					columns->values[m][i], expected ? "" : "none ",
					known ? row->values.value[c->metrics[m]] : 0);
		}
	}
	return true;
}

struct readings_counts {
	size_t rows;
};

static inline bool readings_count_columns(
	void *context, const struct history_columns *columns, struct err *e)
{
	(void)e;
	((struct readings_counts *)context)->rows += columns->rows;
	return true;
}

/* Those of one subject, rows[0, count): each value, and no others. */
static inline int readings_check_subject(
	struct readings *r, const struct readings_row *rows, size_t count)
{
	struct err e = {0};
	int32_t id = rows[0].subject;
	struct history_subject subject = {.id = id > 0 ? id : -id,
		.service_id = id > 0 ? r->service_of[id] : 0,
		.host_id = id > 0 ? r->host_of[id] : -id};
	int all = id > 0 ? (int)METRIC_PROCESS_COUNT : (int)METRIC_HOST_COUNT;
	int wrong = 0;
	for (int first = 0; first < all; first += HISTORY_METRICS_MAX) {
		int metrics[HISTORY_METRICS_MAX];
		struct readings_check check = {
			.rows = rows, .count = count, .metrics = metrics};
		for (int m = first; m < all && m < first + HISTORY_METRICS_MAX; m++)
			metrics[check.metric_count++] = m;
		struct history_ask ask = {.subjects = &subject,
			.count = 1,
			.metrics = metrics,
			.metric_count = check.metric_count,
			.from_ms = rows[0].at_ms - 1000,
			.to_ms = rows[count - 1].at_ms + 1000};
		struct history_sources sources = {0};
		struct readings_counts counts = {0};
		if (!history_read(r->db, &ask, readings_check_columns, &check, &sources,
			    &e) ||
			!history_read(r->db, &ask, readings_count_columns, &counts,
				&sources, &e))
			readings_die("history", &e);
		wrong += check.wrong;
		if (counts.rows != count && wrong++ < 5)
			fprintf(stderr, "subject %d: %zu rows instead of %zu\n", id,
				counts.rows, count);
	}
	return wrong;
}

/* How many values differ from what was written. */
static inline int readings_wrong(struct readings *r)
{
	int wrong = 0;
	pthread_mutex_lock(&r->lock);
	qsort(r->rows, r->count, sizeof *r->rows, readings_compare);
	for (size_t first = 0, end; first < r->count; first = end) {
		for (end = first; end < r->count &&
				  r->rows[end].subject == r->rows[first].subject;)
			end++;
		wrong += readings_check_subject(r, r->rows + first, end - first);
	}
	pthread_mutex_unlock(&r->lock);
	return wrong;
}

#endif
