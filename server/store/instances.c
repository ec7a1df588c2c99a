#include "server/store/instances.h"

#include "server/store/shards.h"

static void instances_row_read(
	const struct db_rows *rows, int row, struct arena *a, struct instances_row *out)
{
	*out = (struct instances_row){
		.id = db_int(rows, row, "slot_id"),
		.generation_id = db_int(rows, row, "generation_id"),
		.service = figures_name(rows, row, "service_id", "service", a),
		.host = figures_name(rows, row, "host_id", "host", a),
		.version = figures_name(rows, row, "fingerprint_id", "version", a),
		.ordinal = db_int(rows, row, "ordinal"),
		.pid = db_int(rows, row, "pid"),
		.restarts = db_int(rows, row, "restarts"),
		.running = db_bool(rows, row, "running"),
		.command = db_text_copy(rows, row, "command", a),
		.rule = db_text_copy(rows, row, "rule", a),
		.started_ms = db_time(rows, row, "started_at"),
		.last_sample_ms = db_time(rows, row, "last_sample_at"),
		.memory_kb = -1,
		.verdict = db_text_copy(rows, row, "verdict", a),
		.level = db_text_copy(rows, row, "level", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.summary = db_text_copy(rows, row, "summary", a),
		.reasons = db_text_copy(rows, row, "reasons", a),
		.rate = figures_rate(rows, row),
		.value_kb = figures_count(rows, row, "value_kb"),
		.limit_kb = figures_count(rows, row, "limit_kb"),
		.onset = figures_moment(rows, row, "onset"),
		.exhaust = figures_moment(rows, row, "exhaust"),
		.silent_since_ms = db_time(rows, row, "silent_since"),
		.wait_s = figures_count(rows, row, "wait_s"),
	};
}

/* Of hot readings none is asked for that is older than this. */
enum { INSTANCES_HOT_MS = 10 * 60 * 1000, INSTANCES_TWO_READINGS_MS = 20 * 1000 };

struct instances_span {
	int64_t hot_ms, late_ms;
};

/* Fills memory_kb of those that run and have none yet; *missing: of how many there is
 * none. */
static bool instances_fill_memory(struct db *db, struct instances_row *instances,
	size_t count, const struct instances_span *span, struct arena *a,
	size_t *missing, struct err *e)
{
	int64_t *generations = arena_array(a, count, sizeof *generations);
	size_t asked = 0;
	for (size_t i = 0; i < count; i++)
		if (instances[i].running && instances[i].memory_kb < 0)
			generations[asked++] = instances[i].generation_id;
	*missing = asked;
	if (asked == 0)
		return true;
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, generations, asked);
	db_arg_time(&args, span->hot_ms);
	db_arg_time(&args, span->late_ms);
	struct shards_walk walk;
	bool more = true;
	if (!shards_begin(db, &walk, e))
		return false;
	while (more) {
		scoped_rows struct db_rows rows = {0};
		if (!shards_ask(&walk, SQL_SAMPLE_NEWEST, &args, &rows, &more, e))
			return false;
		for (int row = 0; row < rows.count; row++)
			for (size_t i = 0; i < count; i++)
				if (instances[i].generation_id ==
					db_int(&rows, row, "generation_id"))
					instances[i].memory_kb = db_int(
						&rows, row, "rss_kb");
	}
	*missing = 0;
	for (size_t i = 0; i < count; i++)
		*missing += instances[i].running && instances[i].memory_kb < 0;
	return true;
}

/* Hot readings of everybody are read to find those of a page, so that at first only the
 * newest are: most processes have one among them.  By a clock that is hours behind
 * readings come late. */
static bool instances_read_memory(struct db *db, struct instances_row *instances,
	size_t count, struct arena *a, struct err *e)
{
	int64_t oldest_ms = INT64_MAX, newest_ms = 0;
	for (size_t i = 0; i < count; i++) {
		if (!instances[i].running)
			continue;
		if (instances[i].last_sample_ms < oldest_ms)
			oldest_ms = instances[i].last_sample_ms;
		if (instances[i].last_sample_ms > newest_ms)
			newest_ms = instances[i].last_sample_ms;
	}
	struct instances_span span = {newest_ms - INSTANCES_TWO_READINGS_MS, oldest_ms};
	size_t missing;
	if (newest_ms == 0)
		return true;
	if (!instances_fill_memory(db, instances, count, &span, a, &missing, e))
		return false;
	if (missing == 0 || oldest_ms >= span.hot_ms)
		return true;
	span.hot_ms = oldest_ms > newest_ms - INSTANCES_HOT_MS
			      ? oldest_ms
			      : newest_ms - INSTANCES_HOT_MS;
	return instances_fill_memory(db, instances, count, &span, a, &missing, e);
}

/* What the query finds, in its order. */
static bool instances_read(struct db *db, enum sql_query query,
	const struct db_args *args, struct arena *a, struct instances_row **out,
	size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, args, &rows, e))
		return false;
	size_t n = (size_t)rows.count;
	struct instances_row *page = arena_array(a, n, sizeof *page);
	for (int i = 0; i < rows.count; i++)
		instances_row_read(&rows, i, a, &page[i]);
	if (!instances_read_memory(db, page, n, a, e))
		return false;
	*out = page;
	*count = n;
	return true;
}

/* The place in a list: behind (name, ordinal, id). */
struct instances_place {
	const char *name; /* NULL: at the start */
	int64_t ordinal, id;
};

struct instances_ask {
	enum sql_query query;
	int64_t of, now_ms; /* the id of the service or host */
	struct instances_place after;
	int limit;
};

static bool instances_list(struct db *db, const struct instances_ask *ask,
	struct arena *a, struct instances_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, ask->of);
	db_arg_time(&args, ask->now_ms);
	db_arg_text(&args, ask->after.name);
	db_arg_int(&args, ask->after.ordinal);
	if (ask->after.name)
		db_arg_int(&args, ask->after.id);
	else
		db_arg_null(&args);
	db_arg_int(&args, ask->limit);
	return instances_read(db, ask->query, &args, a, out, count, e);
}

bool instances_page(struct db *db, const struct instances_filter *filter,
	int64_t now_ms, struct arena *a, struct instances_row **out, size_t *count,
	struct err *e)
{
	struct instances_place after = {
		filter->after_host, filter->after_ordinal, filter->after_id};
	struct instances_ask ask = {
		SQL_INSTANCE_PAGE, filter->service_id, now_ms, after, filter->limit};
	return instances_list(db, &ask, a, out, count, e);
}

bool instances_worst(struct db *db, int64_t service_id, int limit, int64_t now_ms,
	struct arena *a, struct instances_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, service_id);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, limit);
	return instances_read(db, SQL_INSTANCE_WORST, &args, a, out, count, e);
}

bool instances_of_host(struct db *db, const struct instances_on_host *filter,
	int64_t now_ms, struct arena *a, struct instances_row **out, size_t *count,
	struct err *e)
{
	struct instances_place after = {
		filter->after_service, filter->after_ordinal, filter->after_id};
	struct instances_ask ask = {
		SQL_HOST_INSTANCES, filter->host_id, now_ms, after, filter->limit};
	return instances_list(db, &ask, a, out, count, e);
}

bool instances_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct instances_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_INSTANCE_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	struct instances_row *found = arena_alloc(a, sizeof *found);
	instances_row_read(&rows, 0, a, found);
	if (!instances_read_memory(db, found, 1, a, e))
		return false;
	*row = found;
	return true;
}
