#include "server/store/audit.h"

static void audit_arg_id(struct db_args *args, int64_t id)
{
	if (id)
		db_arg_int(args, id);
	else
		db_arg_null(args);
}

bool audit_put(
	struct db *db, const struct audit_entry *entry, struct arena *a, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	audit_arg_id(&args, entry->actor.user_id);
	db_arg_text(&args, entry->actor.name);
	db_arg_text(&args, entry->action);
	audit_arg_id(&args, entry->service_id);
	audit_arg_id(&args, entry->host_id);
	db_arg_text(&args, entry->subject);
	db_arg_text(&args, entry->detail);
	return db_query(db, SQL_AUDIT_PUT, &args, NULL, e);
}

bool audit_page(struct db *db, const struct audit_filter *filter, struct arena *a,
	struct audit_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	audit_arg_id(&args, filter->service_id);
	audit_arg_id(&args, filter->after_id);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_AUDIT_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct audit_row){
			.id = db_int(&rows, i, "id"),
			.at_ms = db_time(&rows, i, "at"),
			.actor = db_text_copy(&rows, i, "actor", a),
			.action = db_text_copy(&rows, i, "action", a),
			.subject = db_text_copy(&rows, i, "subject", a),
			.detail = db_text_copy(&rows, i, "detail", a),
			.service = figures_name(&rows, i, "service_id", "service", a),
			.host = figures_name(&rows, i, "host_id", "host", a),
		};
	return true;
}
