#include "server/store/alerts.h"

#include <math.h>
#include <string.h>

static struct alerts_archive alerts_read_archive(
	const struct db_rows *rows, int row, struct arena *a)
{
	bool has_rate = !db_is_null(rows, row, "archive_above_kb_h");
	return (struct alerts_archive){
		.at_ms = db_time(rows, row, "archived_at"),
		.by = figures_text(rows, row, "archived_by", a),
		.until_ms = db_time(rows, row, "archive_until"),
		.above_kb_h = has_rate ? db_double(rows, row, "archive_above_kb_h")
				       : (double)NAN,
		.above_hosts = figures_count(rows, row, "archive_above_hosts"),
	};
}

static struct alerts_verification alerts_read_verification(
	const struct db_rows *rows, int row, struct arena *a)
{
	bool is_asked = strcmp(db_text(rows, row, "state"), "resolved") == 0;
	return (struct alerts_verification){
		.state = is_asked ? figures_text(rows, row, "verify_state", a) : NULL,
		.seen_ms = db_int(rows, row, "verify_ms"),
		.needed_h = db_int(rows, row, "verify_needed_h"),
		.hosts = db_int(rows, row, "verify_hosts"),
		.since_ms = db_time(rows, row, "verify_since"),
		.verified_ms = db_time(rows, row, "verified_at"),
	};
}

static struct figures_ids alerts_read_merged(
	const struct db_rows *rows, int row, struct arena *a)
{
	struct figures_ids merged;
	merged.ids = db_ints(rows, row, "merged", a, &merged.count, NULL);
	return merged;
}

static struct alerts_row alerts_row_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct alerts_row){
		.id = db_int(rows, row, "alert_id"),
		.state = db_text_copy(rows, row, "state", a),
		.resolution = db_text_copy(rows, row, "resolution", a),
		.opened_ms = db_time(rows, row, "opened_at"),
		.reopened = db_int(rows, row, "reopened"),
		.acknowledged_ms = db_time(rows, row, "acknowledged_at"),
		.acknowledged_by = figures_text(rows, row, "acknowledged_by", a),
		.resolved_ms = db_time(rows, row, "resolved_at"),
		.resolved_by = figures_text(rows, row, "resolved_by", a),
		.revision = db_int(rows, row, "revision"),
		.inbox = db_text_copy(rows, row, "inbox", a),
		.owner = figures_text(rows, row, "owner", a),
		.acknowledged_until_ms = db_time(rows, row, "acknowledged_until"),
		.escalated_ms = db_time(rows, row, "escalated_at"),
		.regressed_ms = db_time(rows, row, "regressed_at"),
		.resolved_in = figures_text(rows, row, "resolved_in", a),
		.archive = alerts_read_archive(rows, row, a),
		.verification = alerts_read_verification(rows, row, a),
		.silenced_until_ms = db_time(rows, row, "silenced_until"),
		.merged_into = db_int(rows, row, "merged_into"),
		.split_from = db_int(rows, row, "split_from"),
		.merged = alerts_read_merged(rows, row, a),
		.finding = findings_row_read(rows, row, a),
	};
}

/* An array; none: NULL. */
static void alerts_arg_texts(struct db_args *args, const struct alerts_texts *texts)
{
	if (texts->count)
		db_arg_texts(args, texts->texts, texts->count);
	else
		db_arg_null(args);
}

bool alerts_page(struct db *db, const struct alerts_filter *filter, struct arena *a,
	struct alerts_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	alerts_arg_texts(&args, &filter->states);
	if (filter->service_id)
		db_arg_int(&args, filter->service_id);
	else
		db_arg_null(&args);
	db_arg_time(&args, filter->after_ms);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	db_arg_time(&args, filter->now_ms);
	const struct alerts_texts *texts[] = {&filter->inboxes, &filter->services,
		&filter->kinds, &filter->owners, &filter->versions, &filter->hosts,
		&filter->causes, &filter->words};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		alerts_arg_texts(&args, texts[i]);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_ALERT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = alerts_row_read(&rows, i, a);
	return true;
}

bool alerts_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct alerts_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_ALERT_ONE, &args, &rows, e))
		return false;
	*row = NULL;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = alerts_row_read(&rows, 0, a);
	return true;
}

bool alerts_instances(struct db *db, int64_t finding_id, int64_t now_ms,
	struct arena *a, struct alerts_instance **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, finding_id);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_ALERT_INSTANCES, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct alerts_instance){
			.id = db_int(&rows, i, "slot_id"),
			.ordinal = db_int(&rows, i, "ordinal"),
			.pid = db_int(&rows, i, "pid"),
			.host = figures_name(&rows, i, "host_id", "host", a),
			.version = figures_name(
				&rows, i, "fingerprint_id", "version", a),
			.level = db_text_copy(&rows, i, "level", a),
			.running = db_bool(&rows, i, "running"),
			.first_ms = db_time(&rows, i, "first_at"),
			.last_ms = db_time(&rows, i, "last_at"),
			.value_kb = figures_count(&rows, i, "value_kb"),
			.limit_kb = figures_count(&rows, i, "limit_kb"),
			.silent_since_ms = db_time(&rows, i, "silent_since"),
			.onset = figures_moment(&rows, i, "onset"),
			.exhaust = figures_moment(&rows, i, "exhaust"),
			.restarts = db_int(&rows, i, "restarts"),
			.rate = figures_rate(&rows, i),
			.summary = db_text_copy(&rows, i, "summary", a),
		};
	return true;
}

bool alerts_events(struct db *db, int64_t alert_id, struct arena *a,
	struct alerts_event **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, alert_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_ALERT_EVENTS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct alerts_event){
			.id = db_int(&rows, i, "id"),
			.at_ms = db_time(&rows, i, "at"),
			.user = figures_text(&rows, i, "user_name", a),
			.kind = db_text_copy(&rows, i, "kind", a),
			.text = db_text_copy(&rows, i, "text", a),
		};
	return true;
}
