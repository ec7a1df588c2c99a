#include "server/store/told.h"

#include <math.h>

bool told_settings(struct db *db, struct arena *a, struct told_setting **settings,
	size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_SETTING, NULL, &rows, e))
		return err_wrap(e, "reading settings");
	*count = (size_t)rows.count;
	*settings = arena_array(a, *count, sizeof **settings);
	for (int i = 0; i < rows.count; i++)
		(*settings)[i] = (struct told_setting){db_int(&rows, i, "service_id"),
			db_text_copy(&rows, i, "sensitivity", a)};
	return true;
}

bool told_feedback(struct db *db, struct arena *a, struct told_feedback **feedback,
	size_t *count, struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_EVIDENCE_FEEDBACK, NULL, &rows, e))
		return err_wrap(e, "reading feedback");
	*count = (size_t)rows.count;
	*feedback = arena_array(a, *count, sizeof **feedback);
	for (int i = 0; i < rows.count; i++)
		(*feedback)[i] = (struct told_feedback){
			.service_id = db_int(&rows, i, "service_id"),
			.kind = db_text_copy(&rows, i, "kind", a),
			.rate_kb_h = db_is_null(&rows, i, "rate_kb_h")
					     ? NAN
					     : db_double(&rows, i, "rate_kb_h"),
			.reason = db_text_copy(&rows, i, "reason", a),
			.said_by = db_text_copy(&rows, i, "said_by", a),
			.said_ms = db_time(&rows, i, "said_at"),
		};
	return true;
}

bool told_deploys(struct db *db, int64_t after_id, int64_t from_ms, struct arena *a,
	struct told_deploy **deploys, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, after_id);
	db_arg_time(&args, from_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_WATCH_DEPLOY, &args, &rows, e))
		return err_wrap(e, "reading deploys");
	*count = (size_t)rows.count;
	*deploys = arena_array(a, *count, sizeof **deploys);
	for (int i = 0; i < rows.count; i++)
		(*deploys)[i] = (struct told_deploy){
			.id = db_int(&rows, i, "id"),
			.service_id = db_int(&rows, i, "service_id"),
			.kind = db_text_copy(&rows, i, "kind", a),
			.version = db_text_copy(&rows, i, "version", a),
			.note = db_text_copy(&rows, i, "note", a),
			.at_ms = db_time(&rows, i, "at"),
			.said_ms = db_time(&rows, i, "created_at"),
		};
	return true;
}
