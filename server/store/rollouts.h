/*
 * Rollouts: changes of agents' settings on their way, stage by stage.
 *
 * The pieces that people's steps (config_revisions.h) and the watch are made of.  All
 * run inside the caller's transaction, which must have the turn (rollouts_turn or
 * rollouts_try_turn): of all servers one at a time writes what agents are to run.
 * Memory is the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_ROLLOUTS_H
#define TIDEMARK_SERVER_STORE_ROLLOUTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/config_revisions.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Waits for the turn; or *claimed is false when another one has it. */
bool rollouts_turn(struct db *db, struct arena *a, struct err *e);
bool rollouts_try_turn(struct db *db, struct arena *a, bool *claimed, struct err *e);

/* "What agents are to run has changed", to ingests and consoles. */
bool rollouts_notify(struct db *db, struct err *e);

/* Every agent into the group that the rules say.  *moved (may be NULL): how many. */
bool rollouts_assign(
	struct db *db, int64_t now_ms, struct arena *a, int64_t *moved, struct err *e);

/* Whether there are agents that were never put into one. */
bool rollouts_has_newcomers(struct db *db, struct arena *a, bool *has, struct err *e);

/* One under way. */
struct rollouts_row {
	int64_t id, group_id;
	const char *group;
	enum config_revisions_stage stage;
	bool paused;
	int64_t stage_ms, settled_ms; /* settled: 0 not yet */
	int64_t interval_ms;          /* that it sets; 0: it does not */
	int64_t soak_ms, silent_ms, cpu_ppm, rss_bytes;
	bool automatic;
};

bool rollouts_list(struct db *db, struct arena *a, struct rollouts_row **rows,
	size_t *count, struct err *e);

/* How those do by whom it is judged. */
struct rollouts_counts {
	int64_t hosts, acked;
	int64_t silent, cpu, rss, failed; /* beyond a bound */
	int64_t cpu_ppm, rss_bytes;       /* the worst of those */
	int64_t late_interval_ms;         /* the longest of those not acked */
	/* One of each sort; "" none. */
	const char *silent_host, *cpu_host, *rss_host, *failed_host, *late_host;
};

/* Silence before heard_ms is nobody's fault. */
bool rollouts_count(struct db *db, const struct rollouts_row *row, int64_t now_ms,
	int64_t heard_ms, struct arena *a, struct rollouts_counts *out, struct err *e);

/* The clock by which agents were last seen: the database's. */
bool rollouts_clock(struct db *db, struct arena *a, int64_t *now_ms, struct err *e);

/* Whether enough agents report for the silence of others to say something: at least
 * half of those that no rollout concerns, say (config_heard.sql). */
bool rollouts_heard(
	struct db *db, int64_t now_ms, struct arena *a, bool *heard, struct err *e);

/* Tells as many more agents as the stage wants.  *told: how many. */
bool rollouts_fill(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	int64_t *told, struct err *e);

/* All of the stage have acknowledged, at that time (0: not all any more). */
bool rollouts_settle(
	struct db *db, int64_t id, int64_t at_ms, struct arena *a, struct err *e);

/* Why it waits; "": it does not. */
bool rollouts_remark(
	struct db *db, int64_t id, const char *reason, struct arena *a, struct err *e);

struct rollouts_move {
	int64_t id, now_ms;
	const char *const *from; /* states */
	size_t from_count;
	const char *to;
	enum config_revisions_stage stage; /* CONFIG_REVISIONS_NONE: as it is */
	const char *reason;                /* "" */
};

/* *done is false when it is in none of those states. */
bool rollouts_move(struct db *db, const struct rollouts_move *move, struct arena *a,
	bool *done, struct err *e);

/* What all hosts of the group run is this one (0: their own files). */
bool rollouts_set_good(
	struct db *db, int64_t group_id, int64_t id, struct arena *a, struct err *e);

/* It is good: the one before is replaced. */
bool rollouts_finish(struct db *db, int64_t group_id, int64_t id, int64_t now_ms,
	struct arena *a, struct err *e);

/* All agents of the group are to run its good one again. */
bool rollouts_back(struct db *db, int64_t group_id, int64_t now_ms, struct arena *a,
	struct err *e);

/* An audit row about a revision of a group. */
struct rollouts_note {
	struct audit_actor actor;
	const char *action, *group, *detail;
	int64_t id;
};
bool rollouts_put_note(struct db *db, const struct rollouts_note *note, struct arena *a,
	struct err *e);

#endif
