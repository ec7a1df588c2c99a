#include "server/store/renewals.h"

bool renewals_claim(struct db *db, int64_t now_ms, struct arena *a,
	struct renewals_target **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_RENEW_CLAIM, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct renewals_target){
			.id = db_int(&rows, i, "id"),
			.name = db_text_copy(&rows, i, "target", a),
			.url = db_text_copy(&rows, i, "url", a),
			.username = db_text_copy(&rows, i, "username", a),
			.password = db_text_copy(&rows, i, "password", a),
			.service = db_text_copy(&rows, i, "service", a),
		};
	return true;
}

static bool renewals_ask(struct db *db, enum sql_query query,
	const struct db_args *args, struct arena *a, struct figures_ids *out,
	struct err *e)
{
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, query, args, &rows, e))
		return false;
	int64_t *ids = arena_array(a, (size_t)rows.count, sizeof *ids);
	for (int i = 0; i < rows.count; i++)
		ids[i] = db_int(&rows, i, "alert_id");
	*out = (struct figures_ids){ids, (size_t)rows.count};
	return true;
}

bool renewals_left(struct db *db, int64_t target_id, struct figures_ids open,
	struct arena *a, struct figures_ids *left, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, target_id);
	db_arg_ints(&args, open.ids, open.count);
	db_arg_int(&args, RENEWALS_LEFT);
	return renewals_ask(db, SQL_RENEW_LEFT, &args, a, left, e);
}

bool renewals_told(struct db *db, int64_t target_id, struct figures_ids open,
	struct arena *a, struct figures_ids *told, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, target_id);
	db_arg_ints(&args, open.ids, open.count);
	return renewals_ask(db, SQL_RENEW_TOLD, &args, a, told, e);
}

bool renewals_done(
	struct db *db, const struct renewals_end *end, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, end->target_id);
	db_arg_ints(&args, end->open.ids, end->open.count);
	db_arg_ints(&args, end->ended.ids, end->ended.count);
	db_arg_time(&args, end->now_ms);
	db_arg_text(&args, end->problem);
	return db_query(db, SQL_RENEW_DONE, &args, NULL, e);
}
