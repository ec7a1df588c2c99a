#include "server/store/verifications.h"

bool verifications_releases(struct db *db, struct figures_ids services, struct arena *a,
	struct verifications_release **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, services.ids, services.count);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_RELEASES, &args, &rows, e))
		return err_wrap(e, "reading the versions of services");
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct verifications_release){
			.id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.version = db_text_copy(&rows, i, "version", a),
			.label = db_text_copy(&rows, i, "label", a),
			.first_ms = db_time(&rows, i, "first_seen_at"),
		};
	return true;
}

bool verifications_pending(struct db *db, struct arena *a,
	struct verifications_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_VERIFYING, &args, &rows, e))
		return err_wrap(e, "reading what is to be verified");
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct verifications_row){
			.alert_id = db_int(&rows, i, "id"),
			.finding_id = db_int(&rows, i, "finding_id"),
			.service_id = db_int(&rows, i, "service_id"),
			.kind = db_text_copy(&rows, i, "kind", a),
			.version = db_text_copy(&rows, i, "resolved_in", a),
			.state = db_text_copy(&rows, i, "verify_state", a),
			.resolved_ms = db_time(&rows, i, "resolved_at"),
			.seen_ms = db_int(&rows, i, "verify_ms"),
			.needed_h = db_int(&rows, i, "verify_needed_h"),
			.hosts = db_int(&rows, i, "verify_hosts"),
		};
	return true;
}

bool verifications_count(struct db *db, const struct verifications_question *question,
	struct arena *a, struct verifications_held *held, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_ints(&args, question->versions.ids, question->versions.count);
	db_arg_int(&args, question->finding_id);
	db_arg_time(&args, question->resolved_ms);
	db_arg_bool(&args, question->is_backlog);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_HELD, &args, &rows, e))
		return err_wrap(e, "counting how long a version has held");
	BUG_ON(rows.count != 1);
	*held = (struct verifications_held){
		.hosts = db_int(&rows, 0, "hosts"),
		.since_ms = db_time(&rows, 0, "since"),
		.ms = db_int(&rows, 0, "held_ms"),
	};
	return true;
}

bool verifications_save(struct db *db, const struct verifications_step *step,
	struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, step->alert_id);
	db_arg_time(&args, step->now_ms);
	db_arg_text(&args, step->state);
	db_arg_int(&args, step->held.ms);
	db_arg_int(&args, step->held.hosts);
	db_arg_time_or_null(&args, step->held.since_ms);
	db_arg_text(&args, step->text);
	return db_query(db, SQL_EVIDENCE_VERIFY, &args, NULL, e) ||
	       err_wrap(e, "noting a verification");
}
