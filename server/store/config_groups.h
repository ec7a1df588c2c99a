/*
 * Config groups: rules that say which agents are told the same settings, and how a
 * change reaches them (docs/configuration.md).
 *
 * Of the rules that fit a host the first wins, in order of (position, id).  Whoever
 * changes a rule gives the agents that move what their new group runs, in the same
 * transaction.  Changes leave a row in the audit ("config.group.add", ".change",
 * ".drop") and notify channels "config" (the ingests) and "tidemark" (topic "config").
 * Results live in the caller's arena; any thread, own connection, not inside a
 * transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_CONFIG_GROUPS_H
#define TIDEMARK_SERVER_STORE_CONFIG_GROUPS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/config_revisions.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a change reaches the agents of a group. */
struct config_groups_plan {
	int64_t canary_hosts, part_pct;
	int64_t soak_s; /* of each stage, since all of it have acknowledged */
	bool automatic; /* goes on by itself when a stage is well */
	/* Bounds: beyond them the change is taken back. */
	int64_t silent_s; /* or three intervals */
	int64_t cpu_ppm, rss_bytes;
};

/* How many hosts are in which state (config_agents_state_name, without "own"). */
enum { CONFIG_GROUPS_STATES = 7 };
extern const char *const config_groups_state_name[CONFIG_GROUPS_STATES];

struct config_groups_row {
	int64_t id, position;
	const char *name, *host;
	const char *labels; /* JSON object of texts */
	struct config_groups_plan plan;
	const char *created_by;
	int64_t created_ms, revision;
	int64_t hosts, counts[CONFIG_GROUPS_STATES];
	const char *versions; /* JSON: [{"version", "hosts"}] */
	/* NULL: none */
	struct config_revisions_row *good, *rollout, *draft;
};

/* In the order of the rules. */
bool config_groups_list(struct db *db, int64_t now_ms, struct arena *a,
	struct config_groups_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such group. */
bool config_groups_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct config_groups_row **row, struct err *e);

struct config_groups_wish {
	struct audit_actor actor;
	int64_t id, revision; /* for a change; revision 0: any */
	int64_t now_ms;
	const char *name, *host, *labels;
	int64_t position;
	struct config_groups_plan plan;
};

/* *row is NULL when the name is taken, or there are 100. */
bool config_groups_add(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_row **row, struct err *e);

/* *row as it stands afterwards, NULL when there is none; *done is false when its
 * revision is another one by now.  ERR_INPUT when the name is taken. */
bool config_groups_change(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, bool *done, struct config_groups_row **row, struct err *e);

/* *row as it stood before, NULL when there is none. */
bool config_groups_drop(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_row **row, struct err *e);

struct config_groups_fit {
	struct figures_name host, group; /* the group that has it now; id 0: none */
	bool fits;                       /* would come here: no earlier rule has it */
};

/* Which hosts the rule of `wish` (host, labels, position, id) fits: the first 100, by
 * name; of *total of them earlier rules have *taken. */
bool config_groups_preview(struct db *db, const struct config_groups_wish *wish,
	struct arena *a, struct config_groups_fit **rows, size_t *count, int64_t *total,
	int64_t *taken, struct err *e);

struct config_groups_versions {
	struct figures_name group; /* id 0: hosts of none */
	int64_t hosts;
	const char *versions; /* JSON, as above */
};

bool config_groups_versions(struct db *db, struct arena *a,
	struct config_groups_versions **rows, size_t *count, struct err *e);

#endif
