#include "server/store/past.h"

#include "schema/metric.h"

enum {
	PAST_TIMES = -1,
	PAST_FEW = 8, /* the index of hot rows is read once for each */
};

bool past_bounds(struct db *db, struct past_bounds *bounds, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_PAST_BOUNDS, NULL, &rows, e))
		return false;
	*bounds = (struct past_bounds){INT64_MIN, INT64_MIN};
	if (rows.count && !db_is_null(&rows, 0, "compacted_to"))
		bounds->compacted_ms = db_time(&rows, 0, "compacted_to");
	if (rows.count && !db_is_null(&rows, 0, "sealed_to"))
		bounds->sealed_ms = db_time(&rows, 0, "sealed_to");
	return true;
}

static const char *past_columns(const struct past_ask *ask, struct arena *a)
{
	const struct metric *metrics = ask->is_host ? metric_host : metric_process;
	const char *columns = "";
	for (size_t i = 0; i < ask->metric_count; i++)
		columns = arena_printf(
			a, "%s, s.%s", columns, metrics[ask->metrics[i]].name);
	return columns;
}

static void past_rows_read(const struct db_rows *rows, size_t metric_count,
	struct arena *a, struct past_rows *out)
{
	size_t n = (size_t)rows->count;
	*out = (struct past_rows){
		.count = n,
		.subject = arena_array(a, n, sizeof *out->subject),
		.at_ms = arena_array(a, n, sizeof *out->at_ms),
		.late = arena_array(a, n, sizeof *out->late),
		.values = arena_array(a, metric_count, sizeof *out->values),
		.has = arena_array(a, metric_count, sizeof *out->has),
	};
	int first = db_find(rows, "late") + 1;
	for (int i = 0; i < rows->count; i++) {
		int64_t late;
		db_int_at(rows, i, 0, &out->subject[i]);
		out->at_ms[i] = db_time_at(rows, i, 1);
		db_int_at(rows, i, first - 1, &late);
		out->late[i] = late;
	}
	for (size_t m = 0; m < metric_count; m++) {
		out->values[m] = arena_array(a, n, sizeof **out->values);
		out->has[m] = arena_array(a, n, sizeof **out->has);
		for (int i = 0; i < rows->count; i++)
			out->has[m][i] = db_int_at(
				rows, i, first + (int)m, &out->values[m][i]);
	}
}

bool past_rows(struct db *db, const struct past_ask *ask, struct arena *a,
	struct past_rows *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ask->subjects, ask->subject_count);
	db_arg_time(&args, ask->hot_ms);
	db_arg_time(&args, ask->from_ms);
	db_arg_time(&args, ask->to_ms);
	scoped_rows struct db_rows rows = {0};
	enum sql_query query = SQL_PAST_HOST_ROWS;
	if (!ask->is_host)
		query = ask->subject_count > PAST_FEW ? SQL_PAST_ROWS_MANY
						      : SQL_PAST_ROWS;
	if (!db_query_binary(db, query, past_columns(ask, a), &args, &rows, e))
		return false;
	past_rows_read(&rows, ask->metric_count, a, out);
	return true;
}

/* The ask's metrics, and the times. */
static void past_arg_metrics(struct db_args *args, const struct past_ask *ask)
{
	int64_t *metrics = arena_array(
		args->arena, ask->metric_count + 1, sizeof *metrics);
	metrics[0] = PAST_TIMES;
	for (size_t i = 0; i < ask->metric_count; i++)
		metrics[i + 1] = ask->metrics[i];
	db_arg_ints(args, metrics, ask->metric_count + 1);
}

bool past_segments(struct db *db, const struct past_ask *ask, struct arena *a,
	struct db_rows *rows, struct past_blob **out, size_t *count, struct err *e)
{
	int64_t *services = arena_array(a, ask->block_count, sizeof *services);
	int64_t *numbers = arena_array(a, ask->block_count, sizeof *numbers);
	for (size_t i = 0; i < ask->block_count; i++) {
		services[i] = ask->blocks[i].service_id;
		numbers[i] = ask->blocks[i].block;
	}
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, services, ask->block_count);
	db_arg_ints(&args, numbers, ask->block_count);
	past_arg_metrics(&args, ask);
	db_arg_time(&args, ask->from_ms);
	db_arg_time(&args, ask->to_ms);
	if (!db_query_binary(db, SQL_PAST_SEGMENTS, NULL, &args, rows, e))
		return false;
	int at = db_find(rows, "at"), service = db_find(rows, "service_id"),
	    block = db_find(rows, "block"), metric = db_find(rows, "metric"),
	    data = db_find(rows, "data");
	*count = (size_t)rows->count;
	struct past_blob *blobs = *out = arena_array(a, *count, sizeof *blobs);
	for (int i = 0; i < rows->count; i++) {
		int64_t number;
		blobs[i].at_ms = db_time_at(rows, i, at);
		db_int_at(rows, i, service, &blobs[i].service_id);
		db_int_at(rows, i, block, &blobs[i].block);
		db_int_at(rows, i, metric, &number);
		blobs[i].metric = (int)number;
		blobs[i].bytes = db_blob_at(rows, i, data, &blobs[i].length);
	}
	return true;
}

bool past_chunks(struct db *db, const struct past_ask *ask, struct arena *a,
	struct db_rows *rows, struct past_blob **out, size_t *count, struct err *e)
{
	int64_t *subjects = arena_array(a, ask->subject_count, sizeof *subjects);
	for (size_t i = 0; i < ask->subject_count; i++)
		subjects[i] = ask->is_host ? -ask->subjects[i] : ask->subjects[i];
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, subjects, ask->subject_count);
	past_arg_metrics(&args, ask);
	db_arg_time(&args, ask->from_ms);
	db_arg_time(&args, ask->to_ms);
	if (!db_query_binary(db, SQL_PAST_CHUNKS, NULL, &args, rows, e))
		return false;
	int at = db_find(rows, "at"), subject = db_find(rows, "subject"),
	    metric = db_find(rows, "metric"), data = db_find(rows, "data");
	*count = (size_t)rows->count;
	struct past_blob *blobs = *out = arena_array(a, *count, sizeof *blobs);
	for (int i = 0; i < rows->count; i++) {
		int64_t number;
		blobs[i].at_ms = db_time_at(rows, i, at);
		db_int_at(rows, i, subject, &blobs[i].subject);
		if (ask->is_host)
			blobs[i].subject = -blobs[i].subject;
		db_int_at(rows, i, metric, &number);
		blobs[i].metric = (int)number;
		blobs[i].bytes = db_blob_at(rows, i, data, &blobs[i].length);
	}
	return true;
}

bool past_hours(struct db *db, const struct past_hours_ask *ask, struct arena *a,
	struct past_hours **out, size_t *count, struct err *e)
{
	static const char *const columns[] = {
		[PAST_SUM] = ", s.sum",
		[PAST_LOW] = ", s.low",
		[PAST_HIGH] = ", s.high",
		[PAST_LAST] = ", s.last",
	};
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ask->slots, ask->slot_count);
	db_arg_int(&args, ask->metric);
	db_arg_time(&args, ask->from_ms);
	db_arg_time(&args, ask->to_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query_binary(db, SQL_PAST_HOURS, columns[ask->state], &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	struct past_hours *hours = *out = arena_array(a, *count, sizeof *hours);
	for (int i = 0; i < rows.count; i++) {
		hours[i].at_ms = db_time_at(&rows, i, 0);
		db_int_at(&rows, i, 1, &hours[i].slot_id);
		size_t n = db_ints_at(&rows, i, 2, hours[i].n, PAST_HOURS);
		size_t states = db_ints_at(&rows, i, 3, hours[i].state, PAST_HOURS);
		/* An hour without both has nothing. */
		for (size_t k = states; k < n; k++)
			hours[i].n[k] = 0;
	}
	return true;
}

bool past_bands(struct db *db, const struct past_bands_ask *ask, struct arena *a,
	struct db_rows *rows, struct past_band **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, ask->step_s);
	db_arg_int(&args, ask->service_id);
	db_arg_int(&args, ask->metric);
	db_arg_time(&args, ask->from_ms);
	db_arg_time(&args, ask->to_ms);
	db_arg_int(&args, ask->limit);
	if (!db_query_binary(db, SQL_PAST_BANDS, NULL, &args, rows, e))
		return false;
	int at = db_find(rows, "at"), version = db_find(rows, "fingerprint_id"),
	    n = db_find(rows, "n"), low = db_find(rows, "low"),
	    high = db_find(rows, "high"), sketch = db_find(rows, "sketch");
	*count = (size_t)rows->count;
	struct past_band *bands = *out = arena_array(a, *count, sizeof *bands);
	for (int i = 0; i < rows->count; i++) {
		bands[i].at_ms = db_time_at(rows, i, at);
		db_int_at(rows, i, version, &bands[i].fingerprint_id);
		db_int_at(rows, i, n, &bands[i].n);
		db_int_at(rows, i, low, &bands[i].low);
		db_int_at(rows, i, high, &bands[i].high);
		bands[i].sketch = db_blob_at(rows, i, sketch, &bands[i].length);
	}
	return true;
}
