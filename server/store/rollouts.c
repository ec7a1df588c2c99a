#include "server/store/rollouts.h"

#include "schema/setting.h"

#include "common/conf_parse.h"

#include <inttypes.h>

static bool rollouts_ask_turn(struct db *db, enum sql_query query, struct arena *a,
	bool *claimed, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, &args, &rows, e))
		return false;
	*claimed = rows.count > 0;
	return true;
}

bool rollouts_turn(struct db *db, struct arena *a, struct err *e)
{
	bool claimed;
	return rollouts_ask_turn(db, SQL_CONFIG_TURN, a, &claimed, e);
}

bool rollouts_try_turn(struct db *db, struct arena *a, bool *claimed, struct err *e)
{
	return rollouts_ask_turn(db, SQL_CONFIG_TRY_TURN, a, claimed, e);
}

bool rollouts_notify(struct db *db, struct err *e)
{
	return db_notify(db, "config", "", e) && db_notify(db, "tidemark", "config", e);
}

/* A query that only writes; *changed (may be NULL): rows. */
static bool rollouts_write(struct db *db, enum sql_query query,
	const struct db_args *args, int64_t *changed, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, args, &rows, e))
		return false;
	if (changed)
		*changed = rows.affected;
	return true;
}

bool rollouts_assign(
	struct db *db, int64_t now_ms, struct arena *a, int64_t *moved, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	return rollouts_write(db, SQL_CONFIG_ASSIGN, &args, moved, e);
}

bool rollouts_has_newcomers(struct db *db, struct arena *a, bool *has, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_NEWCOMER, &args, &rows, e))
		return false;
	*has = db_bool(&rows, 0, "found");
	return true;
}

/* As it stands in the revision, which the server has read before. */
static int64_t rollouts_interval(const struct db_rows *rows, int row, struct arena *a)
{
	static const struct conf_option option = {.type = CONF_DURATION};
	int64_t ms;
	struct err ignored;
	const char *text = db_text(rows, row, "interval");
	return *text && conf_parse_option(&option, &ms, text, a, &ignored) ? ms : 0;
}

bool rollouts_list(struct db *db, struct arena *a, struct rollouts_row **out,
	size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_ROLLING, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct rollouts_row){
			.id = db_int(&rows, i, "id"),
			.group_id = db_int(&rows, i, "group_id"),
			.group = db_text_copy(&rows, i, "name", a),
			.stage = (enum config_revisions_stage)db_int(&rows, i, "stage"),
			.paused = db_bool(&rows, i, "paused"),
			.stage_ms = db_time(&rows, i, "stage_at"),
			.settled_ms = db_time(&rows, i, "settled_at"),
			.interval_ms = rollouts_interval(&rows, i, a),
			.soak_ms = db_int(&rows, i, "soak_s") * 1000,
			.silent_ms = db_int(&rows, i, "silent_s") * 1000,
			.cpu_ppm = db_int(&rows, i, "cpu_ppm"),
			.rss_bytes = db_int(&rows, i, "rss_bytes"),
			.automatic = db_bool(&rows, i, "automatic"),
		};
	return true;
}

bool rollouts_clock(struct db *db, struct arena *a, int64_t *now_ms, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_CLOCK, &args, &rows, e))
		return false;
	*now_ms = db_time(&rows, 0, "now_at");
	return true;
}

bool rollouts_heard(
	struct db *db, int64_t now_ms, struct arena *a, bool *heard, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_HEARD, &args, &rows, e))
		return false;
	*heard = db_bool(&rows, 0, "heard");
	return true;
}

bool rollouts_count(struct db *db, const struct rollouts_row *row, int64_t now_ms,
	int64_t heard_ms, struct arena *a, struct rollouts_counts *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, row->id);
	db_arg_time(&args, now_ms);
	db_arg_int(&args, row->silent_ms);
	db_arg_int(&args, row->interval_ms);
	db_arg_time(&args, heard_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_STAGE_COUNTS, &args, &rows, e))
		return false;
	*out = (struct rollouts_counts){
		.hosts = db_int(&rows, 0, "hosts"),
		.acked = db_int(&rows, 0, "acked"),
		.silent = db_int(&rows, 0, "silent"),
		.cpu = db_int(&rows, 0, "cpu"),
		.rss = db_int(&rows, 0, "rss"),
		.failed = db_int(&rows, 0, "failed"),
		.cpu_ppm = db_int(&rows, 0, "cpu_ppm"),
		.rss_bytes = db_int(&rows, 0, "rss_bytes"),
		.late_interval_ms = db_int(&rows, 0, "late_interval_ms"),
		.silent_host = db_text_copy(&rows, 0, "silent_host", a),
		.cpu_host = db_text_copy(&rows, 0, "cpu_host", a),
		.rss_host = db_text_copy(&rows, 0, "rss_host", a),
		.failed_host = db_text_copy(&rows, 0, "failed_host", a),
		.late_host = db_text_copy(&rows, 0, "late_host", a),
	};
	return true;
}

bool rollouts_fill(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	int64_t *told, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, now_ms);
	return rollouts_write(db, SQL_CONFIG_STAGE_FILL, &args, told, e);
}

bool rollouts_settle(
	struct db *db, int64_t id, int64_t at_ms, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time_or_null(&args, at_ms);
	return rollouts_write(db, SQL_CONFIG_SETTLE, &args, NULL, e);
}

bool rollouts_remark(
	struct db *db, int64_t id, const char *reason, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_text(&args, reason);
	return rollouts_write(db, SQL_CONFIG_REMARK, &args, NULL, e);
}

bool rollouts_move(struct db *db, const struct rollouts_move *move, struct arena *a,
	bool *done, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, move->id);
	db_arg_texts(&args, move->from, move->from_count);
	db_arg_text(&args, move->to);
	db_arg_time(&args, move->now_ms);
	if (move->stage)
		db_arg_int(&args, move->stage);
	else
		db_arg_null(&args);
	db_arg_text(&args, move->reason);
	int64_t changed;
	if (!rollouts_write(db, SQL_CONFIG_REVISION_MOVE, &args, &changed, e))
		return false;
	*done = changed > 0;
	return true;
}

bool rollouts_set_good(
	struct db *db, int64_t group_id, int64_t id, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, group_id);
	if (id)
		db_arg_int(&args, id);
	else
		db_arg_null(&args);
	return rollouts_write(db, SQL_CONFIG_GOOD, &args, NULL, e);
}

bool rollouts_finish(struct db *db, int64_t group_id, int64_t id, int64_t now_ms,
	struct arena *a, struct err *e)
{
	static const char *const from[] = {"rolling", "paused"};
	const struct rollouts_move good = {.id = id,
		.now_ms = now_ms,
		.from = from,
		.from_count = 2,
		.to = "good",
		.reason = ""};
	struct db_args args;
	bool done;
	db_args_init(&args, a);
	db_arg_int(&args, group_id);
	db_arg_time(&args, now_ms);
	return rollouts_write(db, SQL_CONFIG_REPLACE, &args, NULL, e) &&
	       rollouts_move(db, &good, a, &done, e) &&
	       rollouts_set_good(db, group_id, id, a, e);
}

bool rollouts_back(
	struct db *db, int64_t group_id, int64_t now_ms, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, group_id);
	db_arg_time(&args, now_ms);
	return rollouts_write(db, SQL_CONFIG_BACK, &args, NULL, e);
}

bool rollouts_put_note(
	struct db *db, const struct rollouts_note *note, struct arena *a, struct err *e)
{
	const struct audit_entry entry = {.actor = note->actor,
		.action = note->action,
		.subject = arena_printf(
			a, "%s, revision %" PRId64, note->group, note->id),
		.detail = note->detail ? note->detail : ""};
	return audit_put(db, &entry, a, e);
}
