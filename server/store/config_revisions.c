#include "server/store/config_revisions.h"

#include "common/json.h"
#include "server/store/rollouts.h"

#include <string.h>

const char *const config_revisions_stage_name[CONFIG_REVISIONS_STAGES] = {
	NULL, "canary", "part", "all"};

static struct config_revisions_row config_revisions_read(
	const struct db_rows *rows, int i, struct arena *a)
{
	struct config_revisions_row r = {
		.id = db_int(rows, i, "id"),
		.group_id = db_int(rows, i, "group_id"),
		.settings = db_text_copy(rows, i, "settings", a),
		.note = db_text_copy(rows, i, "note", a),
		.state = db_text_copy(rows, i, "state", a),
		.made_by = db_text_copy(rows, i, "made_by", a),
		.made_ms = db_time(rows, i, "made_at"),
		.started_ms = db_time(rows, i, "started_at"),
		.ended_ms = db_time(rows, i, "ended_at"),
		.stage = (enum config_revisions_stage)db_int(rows, i, "stage"),
		.stage_hosts = db_int(rows, i, "stage_hosts"),
		.stage_done = db_int(rows, i, "stage_done"),
		.reason = db_text_copy(rows, i, "reason", a),
	};
	if (!r.stage)
		return r;
	r.stage_ms = db_time(rows, i, "stage_at");
	r.settled_ms = db_time(rows, i, "settled_at");
	if (r.settled_ms && db_bool(rows, i, "automatic") &&
		strcmp(r.state, "rolling") == 0)
		r.until_ms = r.settled_ms + db_int(rows, i, "soak_s") * 1000;
	return r;
}

static bool config_revisions_ask(struct db *db,
	const struct config_revisions_filter *filter, int64_t id, struct arena *a,
	struct config_revisions_row **out, size_t *count, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, filter->group_id);
	db_arg_int(&args, filter->before_id);
	db_arg_int(&args, filter->limit);
	db_arg_int(&args, id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_REVISION_PAGE, &args, &rows, e))
		return false;
	*count = (size_t)rows.count;
	*out = arena_array(a, *count, sizeof **out);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = config_revisions_read(&rows, i, a);
	return true;
}

bool config_revisions_page(struct db *db, const struct config_revisions_filter *filter,
	struct arena *a, struct config_revisions_row **rows, size_t *count,
	struct err *e)
{
	return config_revisions_ask(db, filter, 0, a, rows, count, e);
}

bool config_revisions_one(struct db *db, int64_t id, struct arena *a,
	struct config_revisions_row **row, struct err *e)
{
	const struct config_revisions_filter one = {.limit = 1};
	size_t count;
	if (!config_revisions_ask(db, &one, id, a, row, &count, e))
		return false;
	if (count == 0)
		*row = NULL;
	return true;
}

/* Where a group stands. */
struct config_revisions_place {
	const char *name; /* NULL: there is no such group */
	int64_t good_id, rollout_id;
	bool paused;
	enum config_revisions_stage stage;
};

static bool config_revisions_locate(struct db *db, int64_t group_id, struct arena *a,
	struct config_revisions_place *out, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, group_id);
	scoped_rows struct db_rows rows = {0};
	*out = (struct config_revisions_place){0};
	if (!db_query(db, SQL_CONFIG_LOCATE, &args, &rows, e))
		return false;
	if (rows.count == 0)
		return true;
	out->name = db_text_copy(&rows, 0, "name", a);
	out->good_id = db_int(&rows, 0, "good_id");
	out->rollout_id = db_int(&rows, 0, "rollout_id");
	out->paused = strcmp(db_text(&rows, 0, "state"), "paused") == 0;
	out->stage = (enum config_revisions_stage)db_int(&rows, 0, "stage");
	return true;
}

static const char *config_revisions_json(
	const struct config_revisions_wish *wish, struct arena *a)
{
	struct buf text = {0};
	struct json j;
	json_init(&j, &text);
	json_object(&j);
	for (size_t i = 0; i < wish->count; i++)
		json_put_string(&j,
			setting_table[setting_numbered(wish->values[i].number)].name,
			wish->values[i].value);
	json_end(&j);
	const char *copy = arena_strdup(a, text.data);
	buf_finish(&text);
	return copy;
}

static bool config_revisions_insert(struct db *db,
	const struct config_revisions_wish *wish, struct arena *a,
	struct config_revisions_row **row, struct err *e)
{
	struct config_revisions_place place;
	const char *settings = config_revisions_json(wish, a);
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, wish->group_id);
	db_arg_text(&args, settings);
	db_arg_int(&args, (int64_t)setting_hash(wish->values, wish->count));
	db_arg_text(&args, wish->note);
	db_arg_text(&args, wish->actor.name);
	scoped_rows struct db_rows rows = {0};
	*row = NULL;
	if (!rollouts_turn(db, a, e) ||
		!config_revisions_locate(db, wish->group_id, a, &place, e))
		return false;
	if (!place.name)
		return true;
	if (!db_query(db, SQL_CONFIG_REVISION_PUT, &args, &rows, e))
		return false;
	int64_t id = db_int(&rows, 0, "id");
	const struct rollouts_note note = {.actor = wish->actor,
		.action = "config.revision",
		.group = place.name,
		.id = id,
		.detail = settings};
	return rollouts_put_note(db, &note, a, e) && rollouts_notify(db, e) &&
	       config_revisions_one(db, id, a, row, e);
}

bool config_revisions_add(struct db *db, const struct config_revisions_wish *wish,
	struct arena *a, struct config_revisions_row **row, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (config_revisions_insert(db, wish, a, row, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* A step's inside: *done is false and nothing has changed when the place does not let
 * it; *id is the revision that it was about. */
typedef bool config_revisions_inside(struct db *db,
	const struct config_revisions_step *step,
	const struct config_revisions_place *place, struct arena *a, bool *done,
	int64_t *id, struct err *e);

static bool config_revisions_take(struct db *db,
	const struct config_revisions_step *step, config_revisions_inside *inside,
	const char *action, struct arena *a, bool *done, struct err *e)
{
	struct config_revisions_place place;
	int64_t id = 0;
	*done = false;
	if (!rollouts_turn(db, a, e) ||
		!config_revisions_locate(db, step->group_id, a, &place, e))
		return false;
	if (!place.name)
		return true;
	if (!inside(db, step, &place, a, done, &id, e))
		return false;
	const struct rollouts_note note = {.actor = step->actor,
		.action = action,
		.group = place.name,
		.id = id,
		.detail = step->note};
	return !*done || (rollouts_put_note(db, &note, a, e) && rollouts_notify(db, e));
}

static bool config_revisions_step(struct db *db,
	const struct config_revisions_step *step, config_revisions_inside *inside,
	const char *action, struct arena *a, bool *done, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (config_revisions_take(db, step, inside, action, a, done, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* From one state into another, and perhaps another stage. */
struct config_revisions_way {
	int64_t id;
	const char *from, *to;
	enum config_revisions_stage stage;
};

static bool config_revisions_move(struct db *db,
	const struct config_revisions_step *step, struct config_revisions_way way,
	struct arena *a, bool *done, struct err *e)
{
	const struct rollouts_move move = {.id = way.id,
		.now_ms = step->now_ms,
		.from = &way.from,
		.from_count = 1,
		.to = way.to,
		.stage = way.stage,
		.reason = step->note ? step->note : ""};
	return rollouts_move(db, &move, a, done, e);
}

static bool config_revisions_begin(struct db *db,
	const struct config_revisions_step *step,
	const struct config_revisions_place *place, struct arena *a, bool *done,
	int64_t *id, struct err *e)
{
	struct config_revisions_row *row;
	int64_t told;
	*id = step->revision;
	if (!config_revisions_one(db, step->revision, a, &row, e))
		return false;
	if (place->rollout_id || !row || row->group_id != step->group_id)
		return true;
	return config_revisions_move(db, step,
		       (struct config_revisions_way){
			       *id, "waiting", "rolling", CONFIG_REVISIONS_CANARY},
		       a, done, e) &&
	       (!*done || rollouts_fill(db, *id, step->now_ms, a, &told, e));
}

bool config_revisions_rollout(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e)
{
	return config_revisions_step(
		db, step, config_revisions_begin, "config.rollout", a, done, e);
}

static bool config_revisions_hold(struct db *db,
	const struct config_revisions_step *step,
	const struct config_revisions_place *place, struct arena *a, bool *done,
	int64_t *id, struct err *e)
{
	*id = place->rollout_id;
	return config_revisions_move(db, step,
		(struct config_revisions_way){
			*id, "rolling", "paused", CONFIG_REVISIONS_NONE},
		a, done, e);
}

bool config_revisions_pause(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e)
{
	return config_revisions_step(
		db, step, config_revisions_hold, "config.pause", a, done, e);
}

static bool config_revisions_advance(struct db *db,
	const struct config_revisions_step *step,
	const struct config_revisions_place *place, struct arena *a, bool *done,
	int64_t *id, struct err *e)
{
	int64_t told;
	*id = place->rollout_id;
	*done = *id != 0;
	if (!*done)
		return true;
	if (place->stage == CONFIG_REVISIONS_ALL)
		return rollouts_finish(db, step->group_id, *id, step->now_ms, a, e);
	return config_revisions_move(db, step,
		       (struct config_revisions_way){*id,
			       place->paused ? "paused" : "rolling", "rolling",
			       place->stage + 1},
		       a, done, e) &&
	       rollouts_fill(db, *id, step->now_ms, a, &told, e);
}

bool config_revisions_promote(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e)
{
	return config_revisions_step(
		db, step, config_revisions_advance, "config.promote", a, done, e);
}

/* The revision that was good before; 0: own files, *found is false when there is no
 * good one to leave either. */
static bool config_revisions_before(
	struct db *db, int64_t group_id, struct arena *a, int64_t *id, struct err *e)
{
	struct db_args args;
	db_args_init(&args, a);
	db_arg_int(&args, group_id);
	scoped_rows struct db_rows rows = {0};
	if (!db_query(db, SQL_CONFIG_BEFORE, &args, &rows, e))
		return false;
	*id = db_int(&rows, 0, "id");
	return true;
}

static bool config_revisions_return(struct db *db,
	const struct config_revisions_step *step,
	const struct config_revisions_place *place, struct arena *a, bool *done,
	int64_t *id, struct err *e)
{
	const char *state = place->paused ? "paused" : "rolling";
	int64_t before;
	*id = place->rollout_id;
	if (*id)
		return config_revisions_move(db, step,
			       (struct config_revisions_way){*id, state, "rolled_back",
				       CONFIG_REVISIONS_NONE},
			       a, done, e) &&
		       rollouts_back(db, step->group_id, step->now_ms, a, e);
	*id = place->good_id;
	if (!*id)
		return true;
	bool moved;
	return config_revisions_before(db, step->group_id, a, &before, e) &&
	       config_revisions_move(db, step,
		       (struct config_revisions_way){
			       *id, "good", "rolled_back", CONFIG_REVISIONS_NONE},
		       a, done, e) &&
	       (!before || config_revisions_move(db, step,
				   (struct config_revisions_way){before, "replaced",
					   "good", CONFIG_REVISIONS_NONE},
				   a, &moved, e)) &&
	       rollouts_set_good(db, step->group_id, before, a, e) &&
	       rollouts_back(db, step->group_id, step->now_ms, a, e);
}

bool config_revisions_rollback(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e)
{
	return config_revisions_step(
		db, step, config_revisions_return, "config.rollback", a, done, e);
}
