#include "server/store/selections.h"

bool selections_names(struct db *db, const struct selections_key *key, struct arena *a,
	struct selections_names *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, key->service);
	db_arg_int(&args, key->version);
	db_arg_int(&args, key->host);
	db_arg_int(&args, key->instance);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SELECTION_ONE, &args, &rows, e))
		return false;
	*out = (struct selections_names){0};
	if (rows.count == 0)
		return true;
	out->service = db_text_copy(&rows, 0, "service", a);
	if (!db_is_null(&rows, 0, "version"))
		out->version = db_text_copy(&rows, 0, "version", a);
	if (!db_is_null(&rows, 0, "host"))
		out->host = db_text_copy(&rows, 0, "host", a);
	if (!db_is_null(&rows, 0, "instance_host")) {
		out->instance_host = db_text_copy(&rows, 0, "instance_host", a);
		out->ordinal = db_int(&rows, 0, "ordinal");
	}
	return true;
}
