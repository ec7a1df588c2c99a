#include "server/store/services.h"

#include <math.h>

static struct services_trend services_trend_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	struct services_trend trend = {
		.from_ms = db_time(rows, row, "trend_from"),
		.step_ms = db_int(rows, row, "trend_step_ms"),
	};
	bool *is_null;
	trend.rss_kb = db_ints(rows, row, "trend_rss_kb", a, &trend.count, &is_null);
	trend.is_null = is_null;
	return trend;
}

/* The newest value of the trend, as long as something runs. */
static int64_t services_memory_kb(const struct services_trend *trend, int64_t instances)
{
	if (instances == 0)
		return 0;
	for (size_t i = trend->count; i > 0; i--)
		if (!trend->is_null[i - 1])
			return trend->rss_kb[i - 1];
	return 0;
}

static void services_row_read(
	const struct db_rows *rows, int row, struct arena *a, struct services_row *out)
{
	*out = (struct services_row){
		.id = db_int(rows, row, "id"),
		.name = db_text_copy(rows, row, "name", a),
		.verdict = db_text_copy(rows, row, "verdict", a),
		.level = db_text_copy(rows, row, "level", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.summary = db_text_copy(rows, row, "summary", a),
		.rate = figures_rate(rows, row),
		.first_seen_ms = db_time(rows, row, "first_seen_at"),
		.hosts = db_int(rows, row, "hosts"),
		.instances = db_int(rows, row, "instances"),
		.open_alerts = db_int(rows, row, "open_alerts"),
		.trend = services_trend_read(rows, row, a),
	};
	out->memory_kb = services_memory_kb(&out->trend, out->instances);
}

static struct services_growth services_growth_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct services_growth){
		.version = figures_name(rows, row, "fingerprint_id", "version", a),
		.since = figures_name(rows, row, "since_id", "since", a),
		.instances = db_int(rows, row, "slots"),
		.instances_leaking = db_int(rows, row, "slots_leaking"),
		.hosts = db_int(rows, row, "hosts_judged"),
		.hosts_leaking = db_int(rows, row, "hosts_leaking"),
		.onset_ms = db_time(rows, row, "onset_at"),
		.exhaust_ms = db_time(rows, row, "exhaust_at"),
	};
}

static void services_filter_args(struct db_args *args,
	const struct services_filter *filter, int64_t now_ms, struct arena *a)
{
	db_args_init(args, a);
	db_arg_time(args, now_ms);
	db_arg_text(args, filter->name_part);
	db_arg_text(args, filter->verdict);
	if (filter->has_after) {
		db_arg_int(args, filter->after_rank);
		db_arg_double(args, filter->after_rate);
		db_arg_int(args, filter->after_id);
	} else {
		db_arg_null(args);
		db_arg_null(args);
		db_arg_null(args);
	}
	db_arg_int(args, filter->limit);
}

bool services_page(struct db *db, const struct services_filter *filter, int64_t now_ms,
	struct arena *a, struct services_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	services_filter_args(&args, filter, now_ms, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++) {
		services_row_read(&rows, i, a, &(*out)[i]);
		(*out)[i].growth = services_growth_read(&rows, i, a);
		(*out)[i].rank = db_int(&rows, i, "rank");
		(*out)[i].rate_order = db_double(&rows, i, "rate_order");
	}
	return true;
}

bool services_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct services_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	services_row_read(&rows, 0, a, *row);
	return true;
}

bool services_exists(
	struct db *db, int64_t id, struct arena *a, bool *exists, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_EXISTS, &args, &rows, e))
		return false;
	*exists = db_bool(&rows, 0, "exists");
	return true;
}

bool services_versions(struct db *db, struct figures_ids ids, int64_t now_ms,
	struct arena *a, struct services_version **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, ids.ids, ids.count);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_VERSIONS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct services_version){
			.service_id = db_int(&rows, i, "service_id"),
			.id = db_int(&rows, i, "id"),
			.version = db_text_copy(&rows, i, "version", a),
			.label = db_text_copy(&rows, i, "label", a),
			.runtime = db_text_copy(&rows, i, "runtime", a),
			.verdict = db_text_copy(&rows, i, "verdict", a),
			.level = db_text_copy(&rows, i, "level", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.summary = db_text_copy(&rows, i, "summary", a),
			.reasons = db_text_copy(&rows, i, "reasons", a),
			.rate = figures_rate(&rows, i),
			.first_seen_ms = db_time(&rows, i, "first_seen_at"),
			.onset_ms = db_time(&rows, i, "onset_at"),
			.exhaust_ms = db_time(&rows, i, "exhaust_at"),
			.silent_since_ms = db_time(&rows, i, "silent_since"),
			.wait_s = figures_count(&rows, i, "wait_s"),
			.running = db_int(&rows, i, "running"),
			.instances = db_int(&rows, i, "instances"),
			.hosts = db_int(&rows, i, "hosts"),
			.instances_leaking = db_int(&rows, i, "instances_leaking"),
			.hosts_leaking = db_int(&rows, i, "hosts_leaking"),
		};
	return true;
}

bool services_queues(struct db *db, struct figures_ids ids, int64_t now_ms,
	struct arena *a, struct services_queue **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	db_arg_ints(&args, ids.ids, ids.count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_QUEUE_STATES, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct services_queue){
			.service_id = db_int(&rows, i, "service_id"),
			.queues = db_int(&rows, i, "queues"),
			.worst = figures_name(&rows, i, "id", "name", a),
			.depth = figures_count(&rows, i, "depth"),
			.net_min = db_is_null(&rows, i, "net_min")
					   ? NAN
					   : db_double(&rows, i, "net_min"),
		};
	return true;
}

bool services_alerts(struct db *db, int64_t service_id, struct arena *a,
	struct services_alert **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, service_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SERVICE_ALERTS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct services_alert){
			.id = db_int(&rows, i, "id"),
			.state = db_text_copy(&rows, i, "state", a),
			.resolution = db_text_copy(&rows, i, "resolution", a),
			.level = db_text_copy(&rows, i, "level", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.version = db_text_copy(&rows, i, "version", a),
			.summary = db_text_copy(&rows, i, "summary", a),
		};
	return true;
}
