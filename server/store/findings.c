#include "server/store/findings.h"

static struct figures_ids findings_ids(
	const struct db_rows *rows, int row, struct arena *a)
{
	struct figures_ids ids = {0};
	ids.ids = db_ints(rows, row, "version_ids", a, &ids.count, NULL);
	return ids;
}

struct findings_row findings_row_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct findings_row){
		.id = db_int(rows, row, "id"),
		.service = figures_name(rows, row, "service_id", "service", a),
		.version = figures_name(rows, row, "fingerprint_id", "version", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.level = db_text_copy(rows, row, "level", a),
		.cause = db_text_copy(rows, row, "cause", a),
		.versions = db_text_copy(rows, row, "versions", a),
		.version_ids = findings_ids(rows, row, a),
		.summary = db_text_copy(rows, row, "summary", a),
		.reasons = db_text_copy(rows, row, "reasons", a),
		.active = db_bool(rows, row, "active"),
		.rate = figures_rate(rows, row),
		.first_ms = db_time(rows, row, "first_at"),
		.last_ms = db_time(rows, row, "last_at"),
		.silent_since_ms = db_time(rows, row, "silent_since"),
		.onset = figures_moment(rows, row, "onset"),
		.exhaust = figures_moment(rows, row, "exhaust"),
		.instances = db_int(rows, row, "slots"),
		.instances_leaking = db_int(rows, row, "slots_leaking"),
		.hosts = db_int(rows, row, "hosts"),
		.hosts_leaking = db_int(rows, row, "hosts_leaking"),
	};
}

/* An array; none: NULL. */
static void findings_arg_words(
	struct db_args *args, const char *const *words, size_t count)
{
	if (count)
		db_arg_texts(args, words, count);
	else
		db_arg_null(args);
}

bool findings_page(struct db *db, const struct findings_filter *filter, struct arena *a,
	struct findings_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (filter->service_id)
		db_arg_int(&args, filter->service_id);
	else
		db_arg_null(&args);
	if (filter->active >= 0)
		db_arg_bool(&args, filter->active);
	else
		db_arg_null(&args);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	findings_arg_words(&args, filter->levels, filter->level_count);
	findings_arg_words(&args, filter->kinds, filter->kind_count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_FINDING_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = findings_row_read(&rows, i, a);
	return true;
}
