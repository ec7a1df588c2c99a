#include "server/store/deploys.h"

#include <string.h>

const char *const deploys_kind_name[DEPLOYS_KINDS] = {"deploy", "config", "load"};

const char *deploys_kind(const char *text)
{
	for (int i = 0; i < DEPLOYS_KINDS; i++)
		if (strcmp(deploys_kind_name[i], text) == 0)
			return deploys_kind_name[i];
	return NULL;
}

static struct deploys_row deploys_read(
	const struct db_rows *rows, int row, struct arena *a)
{
	return (struct deploys_row){
		.id = db_int(rows, row, "id"),
		.service = figures_name(rows, row, "service_id", "service", a),
		.at_ms = db_time(rows, row, "at"),
		.created_ms = db_time(rows, row, "created_at"),
		.origin = db_text_copy(rows, row, "origin", a),
		.kind = db_text_copy(rows, row, "kind", a),
		.version = db_text_copy(rows, row, "version", a),
		.note = db_text_copy(rows, row, "note", a),
		.actor = db_text_copy(rows, row, "actor", a),
		.fingerprint_id = db_int(rows, row, "fingerprint_id"),
	};
}

bool deploys_page(struct db *db, const struct deploys_filter *filter, struct arena *a,
	struct deploys_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, filter->service_id);
	db_arg_time(&args, filter->from_ms);
	db_arg_time(&args, filter->to_ms);
	db_arg_text(&args, filter->origin);
	db_arg_time_or_null(&args, filter->after_ms);
	if (filter->after_id)
		db_arg_int(&args, filter->after_id);
	else
		db_arg_null(&args);
	db_arg_int(&args, filter->limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_DEPLOY_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = deploys_read(&rows, i, a);
	return true;
}

static bool deploys_save(struct db *db, const struct deploys_said *said,
	struct arena *a, struct deploys_row **row, bool *made, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, said->service);
	db_arg_text(&args, said->version);
	db_arg_time(&args, said->at_ms);
	db_arg_text(&args, said->kind);
	db_arg_text(&args, said->note);
	db_arg_text(&args, said->actor.name);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_DEPLOY_PUT, &args, &rows, e))
		return false;
	*row = NULL;
	*made = false;
	if (rows.count == 0)
		return true;
	*row = arena_alloc(a, sizeof **row);
	**row = deploys_read(&rows, 0, a);
	*made = db_bool(&rows, 0, "made");
	return true;
}

/* Inside the transaction. */
static bool deploys_note(struct db *db, const struct deploys_said *said,
	const struct deploys_row *row, struct arena *a, struct err *e)
{
	struct audit_entry entry = {
		.actor = said->actor,
		.action = "deploy.put",
		.service_id = row->service.id,
		.subject = row->service.name,
		.detail = arena_printf(a, "%s%s%s%s%s", row->kind,
			*row->version ? " of " : "", row->version,
			*row->note ? ": " : "", row->note),
	};
	return audit_put(db, &entry, a, e) && db_notify(db, "tidemark", "samples", e);
}

bool deploys_put(struct db *db, const struct deploys_said *said, struct arena *a,
	struct deploys_row **row, bool *made, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (deploys_save(db, said, a, row, made, e) &&
		(!*made || deploys_note(db, said, *row, a, e)))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
