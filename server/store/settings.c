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

static bool settings_read(struct db *db, int64_t service_id, struct arena *a,
	struct settings **settings, const char **service, struct err *e)
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
	**settings = (struct settings){
		.sensitivity = db_text_copy(&rows, 0, "sensitivity", a),
		.is_default = db_bool(&rows, 0, "is_default"),
		.changed_by = figures_text(&rows, 0, "changed_by", a),
		.changed_ms = db_time(&rows, 0, "changed_at"),
		.revision = db_int(&rows, 0, "revision"),
	};
	*service = db_text_copy(&rows, 0, "service", a);
	return true;
}

bool settings_get(struct db *db, int64_t service_id, struct arena *a,
	struct settings **settings, struct err *e)
{
	const char *service;
	return settings_read(db, service_id, a, settings, &service, e);
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
	const char *service = "";
	struct settings *before;
	bool saved;
	*moved_on = false;
	if (!settings_read(db, change->service_id, a, &before, &service, e))
		return false;
	*settings = before;
	if (!before)
		return true;
	if (!settings_save(db, change, a, &saved, e))
		return false;
	*moved_on = !saved;
	if (!saved)
		return settings_read(db, change->service_id, a, settings, &service, e);
	struct audit_entry entry = {
		.actor = change->actor,
		.action = "sensitivity.set",
		.service_id = change->service_id,
		.subject = service,
		.detail = arena_printf(
			a, "from %s to %s", before->sensitivity, change->sensitivity),
	};
	return audit_put(db, &entry, a, e) &&
	       db_notify(db, "tidemark", "verdicts", e) &&
	       settings_read(db, change->service_id, a, settings, &service, e);
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
