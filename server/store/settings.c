#include "server/store/settings.h"

#include <string.h>

const char *const settings_sensitivity_name[SETTINGS_SENSITIVITIES] = {
	"calm", "normal", "eager"};

const char *settings_sensitivity(const char *text)
{
	for (int i = 0; i < SETTINGS_SENSITIVITIES; i++)
		if (strcmp(settings_sensitivity_name[i], text) == 0)
			return settings_sensitivity_name[i];
	return NULL;
}

static struct settings settings_row(const struct db_rows *rows, int i, struct arena *a)
{
	return (struct settings){
		.service_id = db_int(rows, i, "id"),
		.service = db_text_copy(rows, i, "service", a),
		.sensitivity = db_text_copy(rows, i, "sensitivity", a),
		.is_default = db_bool(rows, i, "is_default"),
		.changed_by = figures_text(rows, i, "changed_by", a),
		.changed_ms = db_time(rows, i, "changed_at"),
		.revision = db_int(rows, i, "revision"),
	};
}

bool settings_get(struct db *db, int64_t service_id, struct arena *a,
	struct settings **settings, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, service_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SETTING_ONE, &args, &rows, e))
		return false;
	*settings = NULL;
	if (rows.count == 0)
		return true;
	*settings = arena_alloc(a, sizeof **settings);
	**settings = settings_row(&rows, 0, a);
	return true;
}

bool settings_page(struct db *db, int64_t after_id, int64_t limit, struct arena *a,
	struct settings **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, after_id);
	db_arg_int(&args, limit);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SETTING_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = settings_row(&rows, i, a);
	return true;
}

static bool settings_save(struct db *db, const struct settings_change *change,
	struct arena *a, bool *saved, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, change->service_id);
	db_arg_text(&args, change->sensitivity);
	if (change->actor.user_id)
		db_arg_int(&args, change->actor.user_id);
	else
		db_arg_null(&args);
	db_arg_time(&args, change->now_ms);
	if (change->revision)
		db_arg_int(&args, change->revision);
	else
		db_arg_null(&args);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_SETTING_SAVE, &args, &rows, e))
		return false;
	*saved = rows.count == 1;
	return true;
}

/* Inside the transaction. */
static bool settings_move(struct db *db, const struct settings_change *change,
	struct arena *a, struct settings **settings, bool *moved_on, struct err *e)
{
	struct settings *before;
	bool saved;
	*moved_on = false;
	if (!settings_get(db, change->service_id, a, &before, e))
		return false;
	*settings = before;
	if (!before)
		return true;
	if (!settings_save(db, change, a, &saved, e))
		return false;
	*moved_on = !saved;
	if (!saved)
		return settings_get(db, change->service_id, a, settings, e);
	struct audit_entry entry = {
		.actor = change->actor,
		.action = "sensitivity.set",
		.service_id = change->service_id,
		.subject = before->service,
		.detail = arena_printf(
			a, "from %s to %s", before->sensitivity, change->sensitivity),
	};
	return audit_put(db, &entry, a, e) &&
	       db_notify(db, "tidemark", "verdicts", e) &&
	       settings_get(db, change->service_id, a, settings, e);
}

bool settings_put(struct db *db, const struct settings_change *change, struct arena *a,
	struct settings **settings, bool *moved_on, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (settings_move(db, change, a, settings, moved_on, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
