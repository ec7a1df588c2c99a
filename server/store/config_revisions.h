/*
 * Config revisions: what a group of agents was, is or shall be told.
 *
 * A change makes a new revision, which waits until it is rolled out, once; its number
 * is what agents acknowledge.  What people do to it is here, what the watch does in
 * rollouts.h.  Steps leave a row in the audit ("config.revision", "config.rollout",
 * "config.pause", "config.promote", "config.rollback") and notify as config_groups.h
 * says.  Results live in the caller's arena; any thread, own connection, not inside a
 * transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_CONFIG_REVISIONS_H
#define TIDEMARK_SERVER_STORE_CONFIG_REVISIONS_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/setting.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_revisions_stage {
	CONFIG_REVISIONS_NONE,
	CONFIG_REVISIONS_CANARY,
	CONFIG_REVISIONS_PART,
	CONFIG_REVISIONS_ALL,
	CONFIG_REVISIONS_STAGES
};
/* "canary", ...; NULL for CONFIG_REVISIONS_NONE. */
extern const char *const config_revisions_stage_name[CONFIG_REVISIONS_STAGES];

struct config_revisions_row {
	int64_t id, group_id;
	const char *settings; /* JSON object of texts */
	const char *note, *state, *made_by;
	int64_t made_ms, started_ms, ended_ms;
	enum config_revisions_stage stage; /* of one that is rolled out now */
	int64_t stage_ms, settled_ms;
	int64_t stage_hosts, stage_done; /* told so far; acknowledged */
	int64_t until_ms;   /* earliest promotion; 0: by hand, or not yet */
	const char *reason; /* "" none */
};

struct config_revisions_filter {
	int64_t group_id;
	int64_t before_id; /* 0: from the newest */
	int limit;
};

/* Newest first. */
bool config_revisions_page(struct db *db, const struct config_revisions_filter *filter,
	struct arena *a, struct config_revisions_row **rows, size_t *count,
	struct err *e);

/* *row is NULL when there is no such revision. */
bool config_revisions_one(struct db *db, int64_t id, struct arena *a,
	struct config_revisions_row **row, struct err *e);

struct config_revisions_wish {
	struct audit_actor actor;
	int64_t group_id;
	const struct setting_value *values; /* in order of their numbers, read */
	size_t count;
	const char *note;
};

/* *row is NULL when there is no such group. */
bool config_revisions_add(struct db *db, const struct config_revisions_wish *wish,
	struct arena *a, struct config_revisions_row **row, struct err *e);

struct config_revisions_step {
	struct audit_actor actor;
	int64_t group_id, now_ms;
	int64_t revision; /* to roll out */
	const char *note;
};

/* *done is false when the group's state does not let it; nothing has changed then. */
bool config_revisions_rollout(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e);
bool config_revisions_pause(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e);
/* Into the next stage; out of a pause, too. */
bool config_revisions_promote(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e);
/* Of what is rolled out: to the good one.  When nothing is, to the one that was good
 * before (*done is false when there is none). */
bool config_revisions_rollback(struct db *db, const struct config_revisions_step *step,
	struct arena *a, bool *done, struct err *e);

#endif
