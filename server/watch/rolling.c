#include "server/watch/rolling.h"

#include "common/log.h"
#include "server/store/rollouts.h"
#include "server/watch/rollout_rule.h"

#include <inttypes.h>

struct rolling {
	struct db *db;
	struct arena *arena;
	int64_t now_ms;
	int64_t *assign_ms;
	bool changed; /* what agents are to run, or what people see */
};

static const char *const rolling_from[] = {"rolling"};

static bool note(struct rolling *r, const struct rollouts_row *row, const char *action,
	const char *detail, struct err *e)
{
	const struct rollouts_note n = {.actor = {0, "server"},
		.action = action,
		.group = row->group,
		.detail = detail,
		.id = row->id};
	r->changed = true;
	return rollouts_put_note(r->db, &n, r->arena, e);
}

static bool move(struct rolling *r, const struct rollouts_row *row, const char *to,
	enum config_revisions_stage stage, const char *reason, struct err *e)
{
	const struct rollouts_move m = {.id = row->id,
		.now_ms = r->now_ms,
		.from = rolling_from,
		.from_count = 1,
		.to = to,
		.stage = stage,
		.reason = reason};
	bool done;
	return rollouts_move(r->db, &m, r->arena, &done, e);
}

static bool take_back(struct rolling *r, const struct rollouts_row *row,
	const char *reason, struct err *e)
{
	log_warn("revision %" PRId64 " of group '%s' is taken back: %s", row->id,
		row->group, reason);
	return move(r, row, "rolled_back", CONFIG_REVISIONS_NONE, reason, e) &&
	       rollouts_back(r->db, row->group_id, r->now_ms, r->arena, e) &&
	       note(r, row, "config.rollback", reason, e);
}

static bool go_on(struct rolling *r, const struct rollouts_row *row, struct err *e)
{
	if (row->stage == CONFIG_REVISIONS_ALL)
		return rollouts_finish(
			       r->db, row->group_id, row->id, r->now_ms, r->arena, e) &&
		       note(r, row, "config.good", "all agents run it", e);
	enum config_revisions_stage next = row->stage + 1;
	return move(r, row, "rolling", next, "", e) &&
	       note(r, row, "config.stage", config_revisions_stage_name[next], e);
}

static bool judge(struct rolling *r, const struct rollouts_row *row, struct err *e)
{
	struct rollouts_counts counts;
	int64_t told;
	if (!rollouts_fill(r->db, row->id, r->now_ms, r->arena, &told, e) ||
		!rollouts_count(r->db, row, r->now_ms, r->arena, &counts, e))
		return false;
	r->changed |= told > 0;
	struct rollout_rule_answer answer = rollout_rule_judge(
		row, &counts, r->now_ms, r->arena);
	if (answer.verdict == ROLLOUT_RULE_BACK)
		return take_back(r, row, answer.reason, e);
	if (answer.verdict == ROLLOUT_RULE_GO_ON)
		return go_on(r, row, e);
	r->changed |= answer.settled != (row->settled_ms != 0);
	return rollouts_settle(
		       r->db, row->id, answer.settled ? r->now_ms : 0, r->arena, e) &&
	       rollouts_remark(r->db, row->id, answer.reason, r->arena, e);
}

static bool assign(struct rolling *r, struct err *e)
{
	int64_t moved;
	bool due = r->now_ms >= *r->assign_ms ||
		   *r->assign_ms > r->now_ms + ROLLING_ASSIGN_MS;
	if (!due && !rollouts_has_newcomers(r->db, r->arena, &due, e))
		return false;
	if (!due)
		return true;
	if (!rollouts_assign(r->db, r->now_ms, r->arena, &moved, e))
		return false;
	r->changed = moved > 0;
	*r->assign_ms = r->now_ms + ROLLING_ASSIGN_MS;
	return true;
}

static bool step(struct rolling *r, struct err *e)
{
	struct rollouts_row *rows;
	size_t count;
	bool claimed;
	if (!rollouts_try_turn(r->db, r->arena, &claimed, e))
		return false;
	if (!claimed)
		return true;
	if (!assign(r, e) || !rollouts_list(r->db, r->arena, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!judge(r, &rows[i], e))
			return false;
	return !r->changed || rollouts_notify(r->db, e);
}

bool rolling_step(struct db *db, int64_t now_ms, int64_t *assign_ms, struct arena *a,
	struct err *e)
{
	struct rolling r = {
		.db = db, .arena = a, .now_ms = now_ms, .assign_ms = assign_ms};
	if (!db_begin(db, e))
		return false;
	if (step(&r, e))
		return db_commit(db, e);
	db_rollback(db);
	return err_wrap(e, "settings of agents");
}
