#include "server/store/hot.h"

#include "server/store/db_copy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char hot_process_columns[] =
#define METRIC_IN_PROCESS(name) ", " #name
#define METRIC_IN_HOST(name)
#define METRIC_IN_QUEUE(name)
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
	;
static const char hot_host_columns[] =
#define METRIC_IN_PROCESS(name)
#define METRIC_IN_HOST(name) ", " #name
#define METRIC_IN_QUEUE(name)
#define METRIC(scope, name, column, kind, unit, help) METRIC_IN_##scope(name)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
	;

static const struct hot_names {
	const char *table, *subject, *columns;
	int metrics;
} hot_names[] = {
	[HOT_PROCESS] = {"sample", "generation_id", hot_process_columns,
		METRIC_PROCESS_COUNT},
	[HOT_HOST] = {"host_sample", "host_id", hot_host_columns, METRIC_HOST_COUNT},
	[HOT_PROCESS_LATE] = {"sample_late", "generation_id", hot_process_columns,
		METRIC_PROCESS_COUNT},
	[HOT_HOST_LATE] = {"host_sample_late", "host_id", hot_host_columns,
		METRIC_HOST_COUNT},
};

_Static_assert((int)METRIC_PROCESS_COUNT <= (int)HOT_METRICS_MAX &&
		       (int)METRIC_HOST_COUNT <= (int)HOT_METRICS_MAX,
	"a bit for each metric");

int hot_metric_count(enum hot_table table)
{
	return hot_names[table].metrics;
}

/* "... FROM sample WHERE at is in the span", and of these subjects. */
static void hot_where(struct buf *text, const struct hot_ask *ask)
{
	const struct hot_names *names = &hot_names[ask->table];
	buf_printf(text,
		" FROM %s WHERE at >= timestamptz 'epoch' + %" PRId64
		" * interval '1 ms' AND at < timestamptz 'epoch' + %" PRId64
		" * interval '1 ms'",
		names->table, ask->from_ms, ask->to_ms);
	if (!ask->subjects)
		return;
	buf_printf(text, " AND %s = ANY ('{", names->subject);
	for (size_t i = 0; i < ask->count; i++)
		buf_printf(text, i ? ",%d" : "%d", ask->subjects[i]);
	buf_text(text, "}'::int4[])");
}

struct hot_counting {
	struct hot_count *list;
	size_t count, capacity;
};

static bool hot_take_count(
	void *context, const struct db_field *fields, int count, struct err *e)
{
	struct hot_counting *c = context;
	(void)e;
	BUG_ON(count != 2);
	if (c->count == c->capacity) {
		c->capacity = c->capacity ? 2 * c->capacity : 256;
		c->list = realloc(c->list, c->capacity * sizeof *c->list);
		BUG_ON(!c->list);
	}
	c->list[c->count++] = (struct hot_count){
		(int32_t)db_field_int(&fields[0]), db_field_int(&fields[1])};
	return true;
}

static int hot_compare_counts(const void *left, const void *right)
{
	const struct hot_count *a = left, *b = right;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

bool hot_count(struct db *db, const struct hot_ask *ask, struct arena *a,
	struct hot_count **out, size_t *count, struct err *e)
{
	const struct hot_names *names = &hot_names[ask->table];
	struct hot_counting c = {0};
	struct buf text = {0};
	buf_printf(&text, "SELECT %s, count(*)", names->subject);
	hot_where(&text, ask);
	buf_printf(&text, " GROUP BY %s", names->subject);
	bool ok = db_copy_out(db, text.data, hot_take_count, &c, e);
	buf_finish(&text);
	if (ok) {
		*out = arena_array(a, c.count + 1, sizeof **out);
		*count = c.count;
		if (c.count)
			memcpy(*out, c.list, c.count * sizeof **out);
		qsort(*out, c.count, sizeof **out, hot_compare_counts);
	}
	free(c.list);
	return ok || err_wrap(e, "counting rows of %s", names->table);
}

struct hot_reading {
	hot_take *take;
	void *context;
	struct hot_row row;
	int metrics;
};

static bool hot_take_row(
	void *context, const struct db_field *fields, int count, struct err *e)
{
	struct hot_reading *r = context;
	BUG_ON(count != r->metrics + 2);
	r->row.subject = (int32_t)db_field_int(&fields[0]);
	r->row.at_ms = db_field_time(&fields[1]);
	r->row.present = 0;
	for (int i = 0; i < r->metrics; i++) {
		if (fields[i + 2].length < 0)
			continue;
		r->row.present |= UINT64_C(1) << i;
		r->row.value[i] = db_field_int(&fields[i + 2]);
	}
	return r->take(r->context, &r->row, e);
}

bool hot_read(struct db *db, const struct hot_ask *ask, hot_take *take, void *context,
	struct err *e)
{
	const struct hot_names *names = &hot_names[ask->table];
	struct hot_reading r = {
		.take = take, .context = context, .metrics = names->metrics};
	struct buf text = {0};
	buf_printf(&text, "SELECT %s, at%s", names->subject, names->columns);
	hot_where(&text, ask);
	bool ok = db_copy_out(db, text.data, hot_take_row, &r, e);
	buf_finish(&text);
	return ok || err_wrap(e, "reading rows of %s", names->table);
}

bool hot_first(
	struct db *db, int64_t from_ms, int64_t to_ms, int64_t *first_ms, struct err *e)
{
	struct arena a;
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	arena_init(&a);
	db_args_init(&args, &a);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	bool ok = db_query(db, SQL_STORAGE_FIRST, &args, &rows, e);
	if (ok)
		*first_ms = db_time(&rows, 0, "first");
	arena_finish(&a);
	return ok;
}

bool hot_late_days(struct db *db, int64_t to_ms, struct arena *a, int64_t **days_ms,
	size_t *count, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_time(&args, to_ms);
	if (!db_query(db, SQL_LATE_DAYS, &args, &rows, e))
		return false;
	*days_ms = arena_array(a, (size_t)rows.count + 1, sizeof **days_ms);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++)
		(*days_ms)[i] = db_time(&rows, i, "day");
	return true;
}

bool hot_forget(struct db *db, const struct hot_ask *ask, struct err *e)
{
	struct buf text = {0};
	BUG_ON(ask->table != HOT_PROCESS_LATE && ask->table != HOT_HOST_LATE);
	buf_text(&text, "DELETE");
	hot_where(&text, ask);
	bool ok = db_script(db, text.data, hot_names[ask->table].table, e);
	buf_finish(&text);
	return ok;
}
