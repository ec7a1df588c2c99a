/*
 * Audit: what happened that somebody may have to answer for.
 *
 * Rows are only ever added; the database refuses anything else.  The store writes those
 * of its own steps (captures.h, raw.h, what agents report) in the same transaction as
 * the step.  Callers write what only they know, such as a download.  Results live in
 * the caller's arena; any thread, own connection.
 *
 * Actions: "snapshot.ask", "snapshot.refused" (by the server), "snapshot.confirm",
 * "snapshot.cancel", "snapshot.expired", "snapshot.done", "snapshot.denied" (by the
 * agent), "snapshot.failed", "snapshot.foreign", "raw.pull", "raw.complete",
 * "raw.lost", "raw.drop"; of callers: "raw.download", "policy.set",
 * "sensitivity.set", "deploy.put", and of steps on alerts "alert.acknowledge" and so on
 * (alert_steps.h), "alert.merge", "alert.unmerge", "alert.split", "silence.add",
 * "silence.change", "silence.end", "experiment.begin", "experiment.end",
 * "experiment.drop", "user.add", "user.role", "user.retire", "user.restore",
 * "user.password", "session.begin", "session.failed", "session.end", "target.add",
 * "target.change", "target.drop", "target.secret", "message.retry", "message.drop",
 * "token.add", "token.revoke", "agent.enrol", "agent.revoke", "config.group.add",
 * "config.group.change", "config.group.drop", "config.revision", "config.rollout",
 * "config.pause", "config.promote", "config.rollback", "config.stage", "config.good".
 */
#ifndef TIDEMARK_SERVER_STORE_AUDIT_H
#define TIDEMARK_SERVER_STORE_AUDIT_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who did it. */
struct audit_actor {
	int64_t user_id;  /* 0: nobody who logs in */
	const char *name; /* a user's, "policy", "agent", "server" */
};

struct audit_entry {
	struct audit_actor actor;
	const char *action;
	int64_t service_id, host_id; /* 0: none */
	const char *subject,
		*detail; /* "checkout on shop-1, pid 4711"; NULL: nothing */
};

bool audit_put(
	struct db *db, const struct audit_entry *entry, struct arena *a, struct err *e);

struct audit_row {
	int64_t id, at_ms;
	const char *actor, *action, *subject, *detail;
	struct figures_name service, host; /* id 0: none */
};

struct audit_filter {
	int64_t service_id; /* 0: any */
	int64_t after_id;   /* 0: from the newest */
	int limit;
	const char *actor;      /* NULL: anybody */
	const char *action;     /* how it begins: "user", "user.role"; NULL: any */
	int64_t from_ms, to_ms; /* [from, to); 0: no bound */
};

/* Newest first. */
bool audit_page(struct db *db, const struct audit_filter *filter, struct arena *a,
	struct audit_row **rows, size_t *count, struct err *e);

/* A login with a wrong name or password. */
bool audit_put_failed_login(struct db *db, const char *name, const char *address,
	struct arena *a, struct err *e);

/* Each row's hash holds the one of the row that was committed before it. */
enum { AUDIT_HASH_BYTES = 32, AUDIT_HASH_HEX = 2 * AUDIT_HASH_BYTES };

/* A place in the chain. */
struct audit_head {
	int64_t number; /* of rows up to it; 0: none */
	char hash[AUDIT_HASH_HEX + 1];
};

struct audit_check {
	struct audit_head head; /* of all that is good */
	int64_t broken_id;      /* of the first row that is not; 0: all are */
	int64_t broken_number;  /* its place, where it has one; else 0 */
	const char *broken;     /* what is wrong with it */
};

/* Computes the chain anew.  `known` (NULL: none) is what an earlier check said, kept
 * elsewhere: who could write a whole new chain could not make it hold that. */
bool audit_verify(struct db *db, const struct audit_head *known, struct arena *a,
	struct audit_check *check, struct err *e);

#endif
