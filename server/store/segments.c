#include "server/store/segments.h"

#include "server/store/db_copy.h"

#include <inttypes.h>

void segments_put(struct copier *c, int64_t at_ms, int32_t service, int32_t block,
	int metric, const void *bytes, size_t length)
{
	copier_row(c, 5);
	copier_time(c, at_ms);
	copier_int4(c, service);
	copier_int4(c, block);
	copier_int2(c, metric);
	copier_blob(c, bytes, length);
}

bool segments_groups(struct db *db, int64_t from_ms, int64_t to_ms, struct arena *a,
	struct segments_group **out, size_t *count, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	db_args_init(&args, a);
	db_arg_time(&args, from_ms);
	db_arg_time(&args, to_ms);
	if (!db_query(db, SQL_SEGMENT_GROUPS, &args, &rows, e))
		return false;
	*out = arena_array(a, (size_t)rows.count + 1, sizeof **out);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct segments_group){
			.service = (int32_t)db_int(&rows, i, "service_id"),
			.block = (int32_t)db_int(&rows, i, "block"),
			.windows = db_int(&rows, i, "windows"),
		};
	return true;
}

static void segments_args(
	struct db_args *args, struct arena *a, const struct segments_span *span)
{
	db_args_init(args, a);
	db_arg_int(args, span->service);
	db_arg_int(args, span->block);
	db_arg_time(args, span->from_ms);
	db_arg_time(args, span->to_ms);
}

bool segments_metrics(struct db *db, const struct segments_span *span, struct arena *a,
	int **out, size_t *count, struct err *e)
{
	struct db_args args;
	scoped_rows struct db_rows rows = {0};
	segments_args(&args, a, span);
	if (!db_query(db, SQL_SEGMENT_METRICS, &args, &rows, e))
		return false;
	*out = arena_array(a, (size_t)rows.count + 1, sizeof **out);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (int)db_int(&rows, i, "metric");
	return true;
}

struct segments_reading {
	segments_take *take;
	void *context;
};

static bool segments_take_row(
	void *context, const struct db_field *fields, int count, struct err *e)
{
	const struct segments_reading *r = context;
	BUG_ON(count != 5);
	struct segments_segment segment = {
		.at_ms = db_field_time(&fields[0]),
		.service = (int32_t)db_field_int(&fields[1]),
		.block = (int32_t)db_field_int(&fields[2]),
		.metric = (int)db_field_int(&fields[3]),
		.bytes = fields[4].bytes,
		.length = (size_t)fields[4].length,
	};
	return r->take(r->context, &segment, e);
}

/* `where` is made of our own numbers. */
static bool segments_select(struct db *db, const char *where, int64_t from_ms,
	int64_t to_ms, const char *order, struct segments_reading *r, struct err *e)
{
	struct buf text = {0};
	buf_printf(&text,
		"SELECT at, service_id, block, metric, data FROM segment WHERE "
		"at >= timestamptz 'epoch' + %" PRId64 " * interval '1 ms' AND "
		"at < timestamptz 'epoch' + %" PRId64
		" * interval '1 ms'%s ORDER BY %s",
		from_ms, to_ms, where, order);
	bool ok = db_copy_out(db, text.data, segments_take_row, r, e);
	buf_finish(&text);
	return ok || err_wrap(e, "reading segments");
}

bool segments_read(struct db *db, const struct segments_span *span, int metric,
	segments_take *take, void *context, struct err *e)
{
	struct segments_reading r = {take, context};
	struct buf where = {0};
	buf_printf(&where, " AND service_id = %d AND block = %d AND metric = %d",
		span->service, span->block, metric);
	bool ok = segments_select(
		db, where.data, span->from_ms, span->to_ms, "at", &r, e);
	buf_finish(&where);
	return ok;
}

bool segments_read_all(struct db *db, int64_t from_ms, int64_t to_ms,
	segments_take *take, void *context, struct err *e)
{
	struct segments_reading r = {take, context};
	return segments_select(
		db, "", from_ms, to_ms, "service_id, block, at, metric", &r, e);
}

bool segments_forget(struct db *db, const struct segments_span *span, struct err *e)
{
	struct arena a;
	struct db_args args;
	arena_init(&a);
	segments_args(&args, &a, span);
	bool ok = db_query(db, SQL_SEGMENT_FORGET, &args, NULL, e);
	arena_finish(&a);
	return ok;
}
