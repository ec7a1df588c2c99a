#include "server/store/snapshots.h"

#include "server/store/places.h"

static void snapshots_arg_id(struct db_args *args, int64_t id)
{
	if (id)
		db_arg_int(args, id);
	else
		db_arg_null(args);
}

static struct snapshots_row snapshots_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	struct snapshots_row out = {
		.id = db_int(rows, row, "id"),
		.capture = db_int(rows, row, "capture_id"),
		.cause = figures_text(rows, row, "cause", a),
		.place = places_read(rows, row, a),
		.taken_ms = db_time(rows, row, "taken_at"),
		.kind = db_text_copy(rows, row, "kind", a),
		.route = db_text_copy(rows, row, "route", a),
		.runtime = db_text_copy(rows, row, "runtime", a),
		.total_bytes = db_int(rows, row, "total_bytes"),
		.node_count = db_int(rows, row, "node_count"),
		.uptime_ms = figures_count(rows, row, "uptime_ms"),
		.requests = figures_count(rows, row, "requests"),
		.pause_ms = figures_count(rows, row, "pause_ms"),
		.verdict = figures_text(rows, row, "verdict", a),
		.words = figures_text(rows, row, "words", a),
	};
	if (!db_is_null(rows, row, "raw_state"))
		out.raw = (struct snapshots_raw){
			.state = db_text_copy(rows, row, "raw_state", a),
			.sha256 = db_text_copy(rows, row, "raw_sha256", a),
			.text = db_text_copy(rows, row, "raw_text", a),
			.bytes = db_int(rows, row, "raw_bytes"),
			.parts = db_int(rows, row, "raw_parts"),
			.parts_here = db_int(rows, row, "raw_parts_here"),
		};
	return out;
}

bool snapshots_page(struct db *db, const struct snapshots_filter *filter,
	struct arena *a, struct snapshots_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	snapshots_arg_id(&args, filter->service_id);
	db_arg_time(&args, filter->after_ms);
	snapshots_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	snapshots_arg_id(&args, filter->fingerprint_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = snapshots_read(&rows, i, a);
	return true;
}

static bool snapshots_ask_one(
	struct db *db, int64_t id, struct arena *a, struct db_rows *rows, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	return db_query(db, SQL_SNAPSHOT_ONE, &args, rows, e);
}

bool snapshots_row(struct db *db, int64_t id, struct arena *a,
	struct snapshots_row **row, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!snapshots_ask_one(db, id, a, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = snapshots_read(&rows, 0, a);
	return true;
}

static bool snapshots_classes(
	struct db *db, struct snapshots_one *one, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, one->row.id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_CLASSES, &args, &rows, e))
		return false;
	one->class_rows = (size_t)rows.count;
	one->classes = arena_array(a, one->class_rows, sizeof *one->classes);
	for (int i = 0; i < rows.count; i++)
		one->classes[i] = (struct snapshots_class){
			.name = db_text_copy(&rows, i, "name", a),
			.location = db_text_copy(&rows, i, "location", a),
			.count = db_int(&rows, i, "count"),
			.shallow_bytes = db_int(&rows, i, "shallow_bytes"),
			.retained_bytes = figures_count(&rows, i, "retained_bytes"),
			.distance = figures_count(&rows, i, "distance"),
		};
	return true;
}

bool snapshots_one(struct db *db, int64_t id, struct arena *a,
	struct snapshots_one **one, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!snapshots_ask_one(db, id, a, &rows, e))
		return false;
	if (rows.count == 0) {
		*one = NULL;
		return true;
	}
	struct snapshots_one *out = arena_alloc(a, sizeof *out);
	*out = (struct snapshots_one){
		.row = snapshots_read(&rows, 0, a),
		.rules = db_text_copy(&rows, 0, "rules", a),
		.why_shallow = db_text_copy(&rows, 0, "why_shallow", a),
		.analysis_ms = figures_count(&rows, 0, "analysis_ms"),
		.peak_rss_bytes = figures_count(&rows, 0, "peak_rss_bytes"),
		.heap_used_bytes = figures_count(&rows, 0, "heap_used_bytes"),
		.external_bytes = figures_count(&rows, 0, "external_bytes"),
		.heap_limit_bytes = figures_count(&rows, 0, "heap_limit_bytes"),
		.stream_bytes = db_int(&rows, 0, "stream_bytes"),
		.edge_count = db_int(&rows, 0, "edge_count"),
		.class_count = db_int(&rows, 0, "class_count"),
		.native_bytes = db_int(&rows, 0, "native_bytes"),
		.typed_array_bytes = db_int(&rows, 0, "typed_array_bytes"),
		.code_bytes = db_int(&rows, 0, "code_bytes"),
		.js_array_bytes = db_int(&rows, 0, "js_array_bytes"),
		.string_bytes = db_int(&rows, 0, "string_bytes"),
		.system_bytes = db_int(&rows, 0, "system_bytes"),
		.accumulators = db_text_copy(&rows, 0, "accumulators", a),
		.fanout = db_text_copy(&rows, 0, "fanout", a),
		.growth = figures_text(&rows, 0, "growth", a),
	};
	if (!snapshots_classes(db, out, a, e))
		return false;
	*one = out;
	return true;
}

static struct snapshots_side snapshots_side_read(
	const struct db_rows *rows, int row, const char *const columns[4])
{
	return (struct snapshots_side){
		.there = db_bool(rows, row, columns[0]),
		.count = db_int(rows, row, columns[1]),
		.shallow_bytes = db_int(rows, row, columns[2]),
		.retained_bytes = figures_count(rows, row, columns[3]),
	};
}

static void snapshots_difference_read(const struct db_rows *rows, int row,
	const struct snapshots_comparison *c, struct arena *a)
{
	static const char *const before[] = {
		"has_before", "before_count", "before_shallow", "before_retained"};
	static const char *const after[] = {
		"has_after", "after_count", "after_shallow", "after_retained"};
	struct snapshots_difference *d = &c->rows[row];
	*d = (struct snapshots_difference){
		.name = db_text_copy(rows, row, "name", a),
		.location = db_text_copy(rows, row, "location", a),
		.before = snapshots_side_read(rows, row, before),
		.after = snapshots_side_read(rows, row, after),
		.count_delta = db_int(rows, row, "count_delta"),
		.shallow_delta_bytes = db_int(rows, row, "shallow_delta"),
		.retained_delta_bytes = db_int(rows, row, "retained_delta"),
		.has_retained = !db_is_null(rows, row, "retained_delta"),
	};
	d->is_known = (d->before.there || !c->before_is_cut) &&
		      (d->after.there || !c->after_is_cut);
}

/* Whether snapshot `id` has more classes than were kept. */
static bool snapshots_is_cut(
	struct db *db, int64_t id, struct arena *a, bool *is_cut, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_IS_CUT, &args, &rows, e))
		return false;
	*is_cut = rows.count && db_bool(&rows, 0, "is_cut");
	return true;
}

static bool snapshots_growth(struct db *db, int64_t before_id, int64_t after_id,
	struct arena *a, const char **growth, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, before_id);
	db_arg_int(&args, after_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_GROWTH, &args, &rows, e))
		return false;
	*growth = rows.count ? figures_text(&rows, 0, "growth", a) : NULL;
	return true;
}

bool snapshots_compare(struct db *db, int64_t before_id, int64_t after_id, int limit,
	struct arena *a, struct snapshots_comparison *out, struct err *e)
{
	struct snapshots_comparison comparison = {0};
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, before_id);
	db_arg_int(&args, after_id);
	db_arg_int(&args, limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SNAPSHOT_COMPARE, &args, &rows, e) ||
		!snapshots_growth(db, before_id, after_id, a, &comparison.growth, e) ||
		!snapshots_is_cut(db, before_id, a, &comparison.before_is_cut, e) ||
		!snapshots_is_cut(db, after_id, a, &comparison.after_is_cut, e))
		return false;
	comparison.count = (size_t)rows.count;
	comparison.rows = arena_array(a, comparison.count, sizeof *comparison.rows);
	for (int i = 0; i < rows.count; i++)
		snapshots_difference_read(&rows, i, &comparison, a);
	comparison.total_rows = rows.count ? db_int(&rows, 0, "total") : 0;
	*out = comparison;
	return true;
}

bool snapshots_expire(struct db *db, int64_t now_ms, struct err *e)
{
	struct arena a;
	arena_init(&a);
	bool ok = true;
	for (int gone = 1; ok && gone > 0;) {
		struct db_args args;
		scoped_rows struct db_rows rows = {0};
		db_args_init(&args, &a);
		db_arg_time(&args, now_ms - SNAPSHOTS_KEEP_MS);
		db_arg_int(&args, SNAPSHOTS_KEEP_MAX);
		db_arg_int(&args, SNAPSHOTS_KEEP_UNASKED_MAX);
		ok = db_query(db, SQL_SNAPSHOT_EXPIRE, &args, &rows, e);
		gone = ok ? (int)db_int(&rows, 0, "count") : 0;
	}
	arena_finish(&a);
	return ok;
}
