#include "server/store/config_groups.h"

#include "server/store/rollouts.h"

const char *const config_groups_state_name[CONFIG_GROUPS_STATES] = {
	"same", "waiting", "overridden", "refused", "drift", "silent", "old"};

/* *out is NULL when the column is. */
static bool config_groups_revision(struct db *db, const struct db_rows *rows, int row,
	const char *column, struct arena *a, struct config_revisions_row **out,
	struct err *e)
{
	*out = NULL;
	return db_is_null(rows, row, column) ||
	       config_revisions_one(db, db_int(rows, row, column), a, out, e);
}

static bool config_groups_read(struct db *db, const struct db_rows *rows, int row,
	struct arena *a, struct config_groups_row *out, struct err *e)
{
	*out = (struct config_groups_row){
		.id = db_int(rows, row, "id"),
		.position = db_int(rows, row, "position"),
		.name = db_text_copy(rows, row, "name", a),
		.host = db_text_copy(rows, row, "host", a),
		.labels = db_text_copy(rows, row, "labels", a),
		.plan = {.canary_hosts = db_int(rows, row, "canary_hosts"),
			.part_pct = db_int(rows, row, "part_pct"),
			.soak_s = db_int(rows, row, "soak_s"),
			.automatic = db_bool(rows, row, "automatic"),
			.silent_s = db_int(rows, row, "silent_s"),
			.cpu_ppm = db_int(rows, row, "cpu_ppm"),
			.rss_bytes = db_int(rows, row, "rss_bytes")},
		.created_by = db_text_copy(rows, row, "created_by", a),
		.created_ms = db_time(rows, row, "created_at"),
		.revision = db_int(rows, row, "revision"),
		.hosts = db_int(rows, row, "hosts"),
		.versions = db_text_copy(rows, row, "versions", a),
	};
	for (size_t i = 0; i < CONFIG_GROUPS_STATES; i++)
		out->counts[i] = db_int(rows, row, config_groups_state_name[i]);
	return config_groups_revision(db, rows, row, "good_id", a, &out->good, e) &&
	       config_groups_revision(
		       db, rows, row, "rollout_id", a, &out->rollout, e) &&
	       config_groups_revision(db, rows, row, "draft_id", a, &out->draft, e);
}

/* id 0: all */
static bool config_groups_ask(struct db *db, int64_t id, int64_t now_ms,
	struct arena *a, struct config_groups_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	if (id)
		db_arg_int(&args, id);
	else
		db_arg_null(&args);
	db_arg_time(&args, now_ms);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_GROUP_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		if (!config_groups_read(db, &rows, i, a, &(*out)[i], e))
			return false;
	return true;
}

bool config_groups_list(struct db *db, int64_t now_ms, struct arena *a,
	struct config_groups_row **rows, size_t *count, struct err *e)
{
	return config_groups_ask(db, 0, now_ms, a, rows, count, e);
}

bool config_groups_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct config_groups_row **row, struct err *e)
{
	size_t count;
	if (!config_groups_ask(db, id, now_ms, a, row, &count, e))
		return false;
	if (count == 0)
		*row = NULL;
	return true;
}

/* Inside the transaction: what the rules say now, and the word that they changed. */
static bool config_groups_follow(struct db *db, const struct config_groups_wish *wish,
	const char *action, const char *name, struct arena *a, struct err *e)
{
	struct audit_entry entry = {.actor = wish->actor,
		.action = action,
		.subject = name,
		.detail = wish->host ? arena_printf(a, "hosts %s, labels %s, place %d",
					       *wish->host ? wish->host : "*",
					       wish->labels, (int)wish->position)
				     : ""};
	return rollouts_assign(db, wish->now_ms, a, NULL, e) &&
	       audit_put(db, &entry, a, e) && rollouts_notify(db, e);
}

static void config_groups_args(
	struct db_args *args, const struct config_groups_wish *wish, struct arena *a)
{
	const struct config_groups_plan *p = &wish->plan;
	db_args_init(args, a);
	db_arg_text(args, wish->name);
	db_arg_int(args, wish->position);
	db_arg_text(args, wish->host);
	db_arg_text(args, wish->labels);
	db_arg_int(args, p->canary_hosts);
	db_arg_int(args, p->part_pct);
	db_arg_int(args, p->soak_s);
	db_arg_bool(args, p->automatic);
	db_arg_int(args, p->silent_s);
	db_arg_int(args, p->cpu_ppm);
	db_arg_int(args, p->rss_bytes);
	db_arg_text(args, wish->actor.name);
}

static bool config_groups_insert(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_row **row, struct err *e)
{
	struct db_args args;
	config_groups_args(&args, wish, a);
	scoped_rows struct db_rows rows = {0};
	if (!rollouts_turn(db, a, e) ||
		!db_query(db, SQL_CONFIG_GROUP_PUT, &args, &rows, e))
		return false;
	*row = NULL;
	return rows.count == 0 ||
	       (config_groups_follow(db, wish, "config.group.add", wish->name, a, e) &&
		       config_groups_one(
			       db, db_int(&rows, 0, "id"), wish->now_ms, a, row, e));
}

bool config_groups_add(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (config_groups_insert(db, wish, a, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool config_groups_update(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, bool *done, struct config_groups_row **row, struct err *e)
{
	struct db_args args;
	config_groups_args(&args, wish, a);
	db_arg_int(&args, wish->id);
	db_arg_int(&args, wish->revision);
	scoped_rows struct db_rows rows = {0};
	if (!rollouts_turn(db, a, e) ||
		!db_query(db, SQL_CONFIG_GROUP_CHANGE, &args, &rows, e))
		return false;
	*done = rows.count > 0;
	return (!*done || config_groups_follow(
				  db, wish, "config.group.change", wish->name, a, e)) &&
	       config_groups_one(db, wish->id, wish->now_ms, a, row, e);
}

bool config_groups_change(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, bool *done, struct config_groups_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (config_groups_update(db, wish, a, done, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool config_groups_remove(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_row **row, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, wish->id);
	if (!rollouts_turn(db, a, e) ||
		!config_groups_one(db, wish->id, wish->now_ms, a, row, e))
		return false;
	return !*row || (rollouts_set_good(db, wish->id, 0, a, e) &&
				db_query(db, SQL_CONFIG_GROUP_DROP, &args, NULL, e) &&
				config_groups_follow(db, wish, "config.group.drop",
					(*row)->name, a, e));
}

bool config_groups_drop(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (config_groups_remove(db, wish, a, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

bool config_groups_preview(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_fit **out, size_t *count, int64_t *total,
	int64_t *taken, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_text(&args, wish->host);
	db_arg_text(&args, wish->labels);
	db_arg_int(&args, wish->position);
	db_arg_int(&args, wish->id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_PREVIEW, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*total = *count ? db_int(&rows, 0, "hosts") : 0;
	*taken = *count ? db_int(&rows, 0, "taken") : 0;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct config_groups_fit){
			.host = figures_name(&rows, i, "id", "name", a),
			.group = figures_name(&rows, i, "group_id", "group", a),
			.fits = db_bool(&rows, i, "fits"),
		};
	return true;
}

bool config_groups_versions(struct db *db, struct arena *a,
	struct config_groups_versions **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_VERSIONS, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct config_groups_versions){
			.group = figures_name(&rows, i, "group_id", "group", a),
			.hosts = db_int(&rows, i, "hosts"),
			.versions = db_text_copy(&rows, i, "versions", a),
		};
	return true;
}
