#include "server/store/evidence.h"

#include <math.h>
#include <string.h>

static double double_or_nan(const struct db_rows *rows, int row, const char *column)
{
	return db_is_null(rows, row, column) ? (double)NAN
					     : db_double(rows, row, column);
}

static struct evidence_alert alert_row(
	const struct db_rows *rows, int row, struct arena *a)
{
	const char *state = db_text(rows, row, "state");
	return (struct evidence_alert){
		.id = db_int(rows, row, "alert_id"),
		.is_resolved = strcmp(state, "resolved") == 0,
		.is_acknowledged = strcmp(state, "acknowledged") == 0,
		.is_archived = strcmp(state, "archived") == 0,
		.resolved_in = db_text_copy(rows, row, "resolved_in", a),
		.seen_kb_h = double_or_nan(rows, row, "seen_rate_kb_h"),
		.seen_hosts = db_int(rows, row, "seen_hosts"),
		.above_kb_h = double_or_nan(rows, row, "archive_above_kb_h"),
		.above_hosts = figures_count(rows, row, "archive_above_hosts"),
		.resolution = db_text_copy(rows, row, "resolution", a),
		.opened_ms = db_time(rows, row, "opened_at"),
		.resolved_ms = db_time(rows, row, "resolved_at"),
		.quiet_ms = db_time(rows, row, "quiet_at"),
		.silent_ms = db_time(rows, row, "silent_at"),
	};
}

bool evidence_find(struct db *db, const struct evidence_scope *scope, struct arena *a,
	struct evidence_finding **findings, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, scope->fingerprints.ids, scope->fingerprints.count);
	db_arg_time(&args, scope->now_ms);
	db_arg_ints(&args, scope->services.ids, scope->services.count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_FIND, &args, &rows, e))
		return err_wrap(e, "reading findings");
	*findings = arena_array(a, (size_t)rows.count, sizeof **findings);
	*count = (size_t)rows.count;
	for (int i = 0; i < rows.count; i++) {
		struct evidence_finding *f = &(*findings)[i];
		*f = (struct evidence_finding){
			.id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.fingerprint_id = db_int(&rows, i, "fingerprint_id"),
			.kind = db_text_copy(&rows, i, "kind", a),
			.level = db_text_copy(&rows, i, "level", a),
			.active = db_bool(&rows, i, "active"),
			.first_ms = db_time(&rows, i, "first_at"),
			.last_ms = db_time(&rows, i, "last_at"),
			.confirmed_ms = db_time(&rows, i, "confirmed_at"),
			.onset_ms = db_time(&rows, i, "onset_at"),
			.alert = alert_row(&rows, i, a),
			.is_unseen = db_bool(&rows, i, "is_unseen"),
			.is_seen = db_bool(&rows, i, "is_seen"),
			.ran_ms = db_time(&rows, i, "ran_at"),
		};
		f->versions.ids = db_ints(
			&rows, i, "versions", a, &f->versions.count, NULL);
	}
	return true;
}

static bool add(struct db *db, const struct evidence_row *row, struct arena *a,
	int64_t *id, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, row->service_id);
	db_arg_int(&args, row->fingerprint_id);
	db_arg_text(&args, row->kind);
	db_arg_time(&args, row->now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_ADD, &args, &rows, e))
		return false;
	*id = db_int(&rows, 0, "id");
	return true;
}

static void put_row(struct json *j, const struct evidence_row *row)
{
	json_object(j);
	json_put_int(j, "fingerprint_id", row->fingerprint_id);
	json_put_string(j, "kind", row->kind);
	json_put_string(j, "level", row->level);
	json_put_string(j, "cause", row->cause);
	verdicts_put_rate(j, &row->rate);
	json_put_int(j, "slots", row->slots);
	json_put_int(j, "slots_leaking", row->slots_leaking);
	json_put_int(j, "hosts", row->hosts);
	json_put_int(j, "hosts_leaking", row->hosts_leaking);
	verdicts_put_moments(j, &row->onset, &row->exhaust);
	json_put_string(j, "summary", row->summary);
	json_key(j, "reasons");
	verdicts_put_reasons(j, row->reasons);
	json_end(j);
}

static bool save_figures(struct db *db, int64_t id, const struct evidence_row *row,
	struct arena *a, struct err *e)
{
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	put_row(&j, row);
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_time(&args, row->now_ms);
	db_arg_text(&args, text.data);
	buf_finish(&text);
	return db_query(db, SQL_EVIDENCE_SAVE, &args, NULL, e);
}

static bool save_versions(struct db *db, int64_t id, const struct evidence_row *row,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, id);
	db_arg_ints(&args, row->versions.ids, row->versions.count);
	return db_query(db, SQL_EVIDENCE_VERSIONS, &args, NULL, e);
}

static bool save_slots(struct db *db, int64_t finding_id,
	const struct evidence_row *row, struct arena *a, struct err *e)
{
	const char **rates = arena_array(a, row->slot_count, sizeof *rates);
	for (size_t i = 0; i < row->slot_count; i++)
		if (row->slot_rates[i].known)
			rates[i] = arena_printf(a, "%.17g", row->slot_rates[i].kb_h);
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, finding_id);
	db_arg_ints(&args, row->slot_ids, row->slot_count);
	db_arg_time(&args, row->now_ms);
	db_arg_texts(&args, rates, row->slot_count);
	return db_query(db, SQL_EVIDENCE_SLOTS, &args, NULL, e);
}

bool evidence_save(struct db *db, const struct evidence_row *row, struct arena *a,
	int64_t *finding_id, struct err *e)
{
	int64_t id = row->id;
	if ((!id && !add(db, row, a, &id, e)) || !save_figures(db, id, row, a, e) ||
		!save_versions(db, id, row, a, e))
		return err_wrap(e, "saving a finding");
	if (!save_slots(db, id, row, a, e))
		return err_wrap(e, "saving the instances of a finding");
	*finding_id = id;
	return true;
}

bool evidence_rest(struct db *db, int64_t finding_id, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, finding_id);
	return db_query(db, SQL_EVIDENCE_REST, &args, NULL, e) ||
	       err_wrap(e, "ending a finding");
}

bool evidence_quiet(struct db *db, const struct evidence_alert *alert, struct arena *a,
	struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, alert->id);
	db_arg_time_or_null(&args, alert->quiet_ms);
	db_arg_time_or_null(&args, alert->silent_ms);
	return db_query(db, SQL_EVIDENCE_QUIET, &args, NULL, e) ||
	       err_wrap(e, "changing an alert");
}

static bool say(struct db *db, enum sql_query query,
	const struct evidence_remark *remark, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, remark->alert_id);
	db_arg_time(&args, remark->now_ms);
	if (remark->kind)
		db_arg_text(&args, remark->kind);
	db_arg_text(&args, remark->text);
	return db_query(db, query, &args, NULL, e) || err_wrap(e, "changing an alert");
}

bool evidence_open(struct db *db, int64_t finding_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_ALERT,
		&(struct evidence_remark){finding_id, now_ms, NULL, text}, a, e);
}

bool evidence_reopen(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_REOPEN,
		&(struct evidence_remark){alert_id, now_ms, NULL, text}, a, e);
}

bool evidence_regress(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_REGRESS,
		&(struct evidence_remark){alert_id, now_ms, NULL, text}, a, e);
}

bool evidence_escalate(struct db *db, int64_t alert_id, int64_t now_ms,
	const char *text, struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_ESCALATE,
		&(struct evidence_remark){alert_id, now_ms, NULL, text}, a, e);
}

bool evidence_expire(
	struct db *db, int64_t now_ms, struct arena *a, bool *expired, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_EXPIRE, &args, &rows, e))
		return err_wrap(e, "opening alerts that rested");
	*expired = rows.count > 0;
	return true;
}

bool evidence_resolve(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_RESOLVE,
		&(struct evidence_remark){alert_id, now_ms, NULL, text}, a, e);
}

bool evidence_remark(struct db *db, const struct evidence_remark *remark,
	struct arena *a, struct err *e)
{
	return say(db, SQL_EVIDENCE_REMARK, remark, a, e);
}

bool evidence_seats(struct db *db, struct figures_ids slots, struct arena *a,
	struct evidence_seat **seats, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, slots.ids, slots.count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_SEATS, &args, &rows, e))
		return err_wrap(e, "reading the instances of a finding");
	*count = (size_t)rows.count;
	*seats = arena_array(a, *count, sizeof **seats);
	for (int i = 0; i < rows.count; i++)
		(*seats)[i] = (struct evidence_seat){
			.slot_id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.host_id = db_int(&rows, i, "host_id"),
			.life_id = db_int(&rows, i, "life_id"),
			.started_ms = db_time(&rows, i, "life_started_at"),
		};
	return true;
}
