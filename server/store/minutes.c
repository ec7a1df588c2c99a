#include "server/store/minutes.h"

#include "common/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MINUTES_HOST_MAX = 64 };

void minutes_init(struct minutes *m)
{
	char host[MINUTES_HOST_MAX + 1] = "";
	memset(m, 0, sizeof *m);
	gethostname(host, sizeof host - 1);
	snprintf(m->collector, sizeof m->collector, "%s/%ld", host, (long)getpid());
}

bool minutes_put(struct minutes *m, struct db *db, struct err *e)
{
	int64_t minute = m->begun_ms / 60000;
	bool due = clock_mono_ms() >= m->next_put_ms ||
		   clock_unix_ms() / 60000 != minute;
	if (m->commits == 0 || !due)
		return true;
	struct arena a;
	arena_init(&a);
	struct db_args args;
	db_args_init(&args, &a);
	db_arg_time(&args, m->begun_ms);
	db_arg_text(&args, m->collector);
	db_arg_int(&args, m->readings);
	db_arg_int(&args, m->commits);
	db_arg_int(&args, m->commit_us);
	db_arg_int(&args, m->longest_us);
	db_arg_int(&args, m->last_us);
	db_arg_bool(&args, m->minute != minute);
	m->put = db_query(db, SQL_MINUTE_PUT, &args, NULL, e);
	m->minute = minute;
	arena_finish(&a);
	return m->put;
}

void minutes_committed(struct minutes *m, int64_t readings, int64_t us)
{
	if (m->put) {
		m->readings = m->commits = m->commit_us = m->longest_us = 0;
		m->next_put_ms = clock_mono_ms() + MINUTES_PUT_MS;
		m->put = false;
	}
	if (m->commits++ == 0)
		m->begun_ms = clock_unix_ms();
	m->readings += readings;
	m->commit_us += us;
	m->last_us = us;
	if (us > m->longest_us)
		m->longest_us = us;
}

void minutes_failed(struct minutes *m)
{
	if (m->put)
		m->minute = 0;
	m->put = false;
}

bool minutes_read_now(struct db *db, int64_t now_ms, struct arena *a,
	struct minutes_now *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_MINUTE_NOW, &args, &rows, e))
		return false;
	struct minutes_collector *collectors = arena_array(
		a, (size_t)rows.count, sizeof *collectors);
	*out = (struct minutes_now){
		.collectors = collectors, .collector_count = (size_t)rows.count};
	double commits = 0, us = 0, longest_us = 0, last_us = 0;
	for (int i = 0; i < rows.count; i++) {
		double span_s = (double)db_int(&rows, i, "span_ms") / 1000;
		collectors[i].name = db_text_copy(&rows, i, "collector", a);
		collectors[i].readings_per_s = db_double(&rows, i, "readings") / span_s;
		out->readings_per_s += collectors[i].readings_per_s;
		out->commits_per_s += db_double(&rows, i, "commits") / span_s;
		commits += db_double(&rows, i, "commits");
		us += db_double(&rows, i, "commit_us");
		longest_us = fmax(longest_us, db_double(&rows, i, "longest_us"));
		last_us = fmax(last_us, db_double(&rows, i, "newest_us"));
	}
	out->commit_mean_ms = commits > 0 ? us / commits / 1000 : 0;
	out->commit_longest_ms = longest_us / 1000;
	out->commit_last_ms = last_us / 1000;
	return true;
}

static double *minutes_unknown(struct arena *a, size_t count)
{
	double *values = arena_array(a, count, sizeof *values);
	for (size_t i = 0; i < count; i++)
		values[i] = NAN;
	return values;
}

bool minutes_read_history(struct db *db, int64_t from_ms, int64_t step_ms, size_t count,
	struct arena *a, struct minutes_history *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, from_ms);
	db_arg_int(&args, step_ms);
	db_arg_int(&args, (int64_t)count);
	scoped_rows struct db_rows rows = {0};
	BUG_ON(count > MINUTES_STEPS_MAX);
	if (!db_query(db, SQL_MINUTE_STEPS, &args, &rows, e))
		return false;
	*out = (struct minutes_history){
		.readings_per_s = minutes_unknown(a, count),
		.commit_mean_ms = minutes_unknown(a, count),
		.commit_longest_ms = minutes_unknown(a, count),
		.backlog_bytes = minutes_unknown(a, count),
		.lag_ms = minutes_unknown(a, count),
	};
	for (int i = 0; i < rows.count; i++) {
		int64_t step = db_int(&rows, i, "step");
		BUG_ON(step < 0 || step >= (int64_t)count);
		double commits = db_double(&rows, i, "commits");
		out->readings_per_s[step] = db_double(&rows, i, "readings") /
					    (60 * db_double(&rows, i, "minutes"));
		if (commits > 0)
			out->commit_mean_ms[step] = db_double(&rows, i, "commit_us") /
						    commits / 1000;
		out->commit_longest_ms[step] = db_double(&rows, i, "longest_us") / 1000;
		out->backlog_bytes[step] = db_double(&rows, i, "backlog_bytes");
		if (!db_is_null(&rows, i, "lag_ms"))
			out->lag_ms[step] = db_double(&rows, i, "lag_ms");
	}
	return true;
}
