#include "server/store/search.h"

#include <string.h>

static const char *const search_kind_name[SEARCH_KINDS] = {
	"host", "service", "version", "alert", "package"};

static enum search_kind search_kind_of(const char *name)
{
	int kind = 0;
	while (strcmp(search_kind_name[kind], name) != 0) {
		kind++;
		BUG_ON(kind == SEARCH_KINDS);
	}
	return (enum search_kind)kind;
}

bool search_find(struct db *db, const char *text, struct arena *a,
	struct search_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, text);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SEARCH, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct search_row){
			.kind = search_kind_of(db_text(&rows, i, "kind")),
			.id = db_int(&rows, i, "id"),
			.name = db_text_copy(&rows, i, "name", a),
			.detail = db_text_copy(&rows, i, "detail", a),
			.service = figures_name(&rows, i, "of_id", "of_name", a),
		};
	return true;
}
