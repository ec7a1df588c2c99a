/*
 * Past: puts readings of tests where old readings are: late tables, segments, chunks.
 *
 * A test has one run of readings per call: `rows` times of one process or host, and the
 * values of one metric.  What fails prints why and exits.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_PAST_H
#define TIDEMARK_TESTS_SUPPORT_PAST_H

#include "common/arena.h"
#include "common/buf.h"
#include "server/history/column.h"
#include "server/history/segment.h"
#include "server/store/db.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct past_run {
	int64_t subject;    /* process; < 0: host */
	int64_t service_id; /* 0: of a host */
	int64_t host_id;
	int metric;
	size_t rows;
	const int64_t *at_ms, *values;
	const bool *has; /* NULL: all */
};

static inline void past_sql(struct db *db, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static inline void past_sql(struct db *db, const char *format, ...)
{
	struct err e = {0};
	char *text;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		exit(99);
	va_end(arguments);
	if (!db_script(db, text, "past", &e)) {
		fprintf(stderr, "%.300s: %s\n", text, e.text);
		exit(99);
	}
	free(text);
}

static inline char *past_hex(const struct buf *bytes)
{
	char *text = malloc(2 * bytes->length + 1);
	for (size_t i = 0; i < bytes->length; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)bytes->data[i]);
	text[2 * bytes->length] = 0;
	return text;
}

static inline void past_put_blob(
	struct db *db, const char *into, int metric, const struct buf *bytes)
{
	char *hex = past_hex(bytes);
	past_sql(db, "INSERT INTO %s, %d, '\\x%s')", into, metric, hex);
	free(hex);
}

/* The times and the values as chunks of the day in which the run begins. */
static inline void past_put_chunk(struct db *db, const struct past_run *run)
{
	struct buf times = {0}, values = {0};
	char into[160];
	snprintf(into, sizeof into,
		"chunk (at, subject, metric, data) VALUES (date_trunc('day', "
		"to_timestamp(%" PRId64 "), 'UTC'), %" PRId64,
		run->at_ms[0] / 1000, run->subject);
	column_put_times(&times, run->at_ms, run->rows, true);
	column_put_values(&values, run->values, run->has, run->rows, true);
	past_sql(db,
		"SELECT partition_make('chunk', (to_timestamp(%" PRId64
		") AT TIME ZONE 'UTC')::date)",
		run->at_ms[0] / 1000);
	past_put_blob(db, into, SEGMENT_TIMES, &times);
	past_put_blob(db, into, run->metric, &values);
	buf_finish(&times);
	buf_finish(&values);
}

/* Segments of several runs, which are of one service and block, by rising subject, all
 * within the same five minutes. */
static inline void past_put_segment(
	struct db *db, const struct past_run *runs, size_t count)
{
	enum { MAX = 256 };
	struct buf columns[MAX] = {0};
	struct segment_column column[MAX];
	int64_t at_ms = runs[0].at_ms[0] / SEGMENT_MS * SEGMENT_MS;
	char into[160];
	snprintf(into, sizeof into,
		"segment (at, service_id, block, metric, data) VALUES "
		"(to_timestamp(%" PRId64 "), %" PRId64 ", %" PRId64,
		at_ms / 1000, runs[0].service_id, runs[0].host_id / SEGMENT_HOSTS);
	past_sql(db,
		"SELECT partition_make('segment', (to_timestamp(%" PRId64
		") AT TIME ZONE 'UTC')::date)",
		at_ms / 1000);
	for (int values = 0; values < 2; values++) {
		struct buf bytes = {0};
		for (size_t i = 0; i < count; i++) {
			const struct past_run *r = &runs[i];
			buf_reset(&columns[i]);
			if (values)
				column_put_values(
					&columns[i], r->values, r->has, r->rows, false);
			else
				column_put_times(&columns[i], r->at_ms, r->rows, false);
			int64_t subject = r->subject < 0 ? -r->subject : r->subject;
			column[i] = (struct segment_column){
				(int32_t)subject, columns[i].data, columns[i].length};
		}
		segment_put(&bytes, column, count);
		past_put_blob(
			db, into, values ? runs[0].metric : SEGMENT_TIMES, &bytes);
		buf_finish(&bytes);
	}
	for (size_t i = 0; i < count; i++)
		buf_finish(&columns[i]);
}

/* As rows of a table of samples: "sample", "sample_late" with their metric's column. */
static inline void past_put_rows(struct db *db, const char *table, const char *column,
	const struct past_run *run)
{
	bool is_host = run->subject < 0;
	struct buf text = {0};
	buf_printf(&text, "INSERT INTO %s (%s, at, %s) VALUES ", table,
		is_host ? "host_id" : "generation_id", column);
	for (size_t i = 0; i < run->rows; i++) {
		buf_printf(&text, "%s(%" PRId64 ", to_timestamp(%.3f), ", i ? ", " : "",
			is_host ? -run->subject : run->subject,
			(double)run->at_ms[i] / 1000);
		if (run->has && !run->has[i])
			buf_text(&text, "NULL)");
		else
			buf_printf(&text, "%" PRId64 ")", run->values[i]);
	}
	past_sql(db, "%s", text.data);
	buf_finish(&text);
}

#endif
