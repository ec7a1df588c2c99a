#include "server/watch/rolling.h"

#include "common/log.h"
#include "server/store/rollouts.h"
#include "server/watch/rollout_rule.h"

#include <inttypes.h>

struct rolling {
	struct db *db;
	struct arena *arena;
	int64_t now_ms;
	struct rolling_memory *memory;
	bool changed;       /* what agents are to run, or what people see */
	struct err trouble; /* of the first group in which something failed */
};

static const char *const rolling_from[] = {"rolling", "paused"};

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
		.from_count = 2,
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
	const struct rollout_rule_now now = {r->now_ms, r->memory->heard_ms};
	struct rollouts_counts counts;
	int64_t told;
	if (!rollouts_fill(r->db, row->id, r->now_ms, r->arena, &told, e) ||
		!rollouts_count(
			r->db, row, r->now_ms, now.heard_ms, r->arena, &counts, e))
		return false;
	r->changed |= told > 0;
	struct rollout_rule_answer answer = rollout_rule_judge(
		row, &counts, now, r->arena);
	if (answer.verdict == ROLLOUT_RULE_BACK)
		return take_back(r, row, answer.reason, e);
	if (row->paused)
		return true;
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
	int64_t *next_ms = &r->memory->assign_ms;
	bool due = r->now_ms >= *next_ms || *next_ms > r->now_ms + ROLLING_ASSIGN_MS;
	if (!due && !rollouts_has_newcomers(r->db, r->arena, &due, e))
		return false;
	if (!due)
		return true;
	if (!rollouts_assign(r->db, r->now_ms, r->arena, &moved, e))
		return false;
	r->changed |= moved > 0;
	*next_ms = r->now_ms + ROLLING_ASSIGN_MS;
	return true;
}

/* While nothing is rolled out nobody looks. */
static bool listen(struct rolling *r, size_t rollouts, struct err *e)
{
	struct rolling_memory *m = r->memory;
	bool heard = true;
	if (rollouts > 0 && !rollouts_heard(r->db, r->now_ms, r->arena, &heard, e))
		return false;
	if (rollouts == 0)
		m->heard_ms = 0;
	else if (!heard)
		m->heard_ms = r->now_ms + ROLLING_RETURN_MS;
	else if (!m->heard_ms || m->heard_ms > r->now_ms + ROLLING_RETURN_MS)
		m->heard_ms = r->now_ms; /* the first look, or the clock was set back */
	return true;
}

/* A part that fails is undone alone, and told when all others are done.  False: the
 * whole cannot go on. */
static bool guarded(struct rolling *r, const struct rollouts_row *row, struct err *e)
{
	struct err failed;
	if (!db_script(r->db, "SAVEPOINT part", "savepoint", e))
		return false;
	if (row ? judge(r, row, &failed) : assign(r, &failed))
		return db_script(r->db, "RELEASE part", "savepoint", e);
	if (row)
		err_wrap(&failed, "group '%s'", row->group);
	if (r->trouble.kind == ERR_NONE)
		r->trouble = failed;
	if (db_script(r->db, "ROLLBACK TO part; RELEASE part", "savepoint", e))
		return true;
	*e = failed; /* which says more */
	return false;
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
	if (!guarded(r, NULL, e) || !rollouts_list(r->db, r->arena, &rows, &count, e) ||
		!listen(r, count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!guarded(r, &rows[i], e))
			return false;
	return !r->changed || rollouts_notify(r->db, e);
}

static bool transact(struct rolling *r, struct err *e)
{
	if (!db_begin(r->db, e))
		return false;
	if (step(r, e))
		return db_commit(r->db, e);
	db_rollback(r->db);
	return false;
}

bool rolling_step(struct db *db, int64_t now_ms, struct rolling_memory *memory,
	struct arena *a, struct err *e)
{
	struct rolling r = {.db = db, .arena = a, .now_ms = now_ms, .memory = memory};
	bool ok = transact(&r, e);
	if (!ok) {
		/* Agents may not have been heard either, and all may have to be looked
		 * at again. */
		*memory = (struct rolling_memory){0};
	} else if (r.trouble.kind != ERR_NONE) {
		*e = r.trouble;
		ok = false;
	}
	return ok || err_wrap(e, "settings of agents");
}
