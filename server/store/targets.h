/*
 * Targets: who is told of alerts.
 *
 * A target asks for some kinds of events of the alerts of some services; each such
 * event becomes a message (messages.h) in the transaction that writes it.  Steps leave
 * a row in the audit ("target.add", "target.change", "target.drop").  Results live in
 * the caller's arena; any thread, own connection, not inside a transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_TARGETS_H
#define TIDEMARK_SERVER_STORE_TARGETS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TARGETS_EVENTS = 10, TARGETS_KINDS = 1 };

/* "opened", "reopened", "escalated", ...: kinds of alert_event that may be asked for.
 */
extern const char *const targets_event_name[TARGETS_EVENTS];
extern const char *const targets_kind_name[TARGETS_KINDS];

struct targets_row {
	int64_t id;
	const char *name, *kind, *url;
	const char *service; /* a glob; "" all */
	const char *events;  /* JSON array of texts */
	bool enabled;
	const char *created_by;
	int64_t created_ms, revision;
	int64_t waiting, failed, sent; /* messages, of those that are kept */
	int64_t sent_ms;               /* the newest; 0: none */
	const char *problem;           /* of the newest message; "" none */
};

/* By name. */
bool targets_list(struct db *db, struct arena *a, struct targets_row **rows,
	size_t *count, struct err *e);

/* *row is NULL when there is no such target. */
bool targets_one(struct db *db, int64_t id, struct arena *a, struct targets_row **row,
	struct err *e);

struct targets_wish {
	struct audit_actor actor;
	int64_t id, revision; /* for targets_change; revision 0: any */
	const char *name, *kind, *url, *service;
	const char *const *events;
	size_t event_count;
	bool enabled;
};

/* *row is NULL when the name is taken, or there are 100. */
bool targets_add(struct db *db, const struct targets_wish *wish, struct arena *a,
	struct targets_row **row, struct err *e);

/* *row as it stands afterwards, NULL when there is none; *done is false when its
 * revision is another one by now.  ERR_INPUT when the name is taken. */
bool targets_change(struct db *db, const struct targets_wish *wish, struct arena *a,
	bool *done, struct targets_row **row, struct err *e);

struct targets_step {
	struct audit_actor actor;
	int64_t id, now_ms;
};

/* *row as it stood before, NULL when there is none. */
bool targets_drop(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, struct err *e);

/* Sends a message of no alert; *row as in targets_drop. */
bool targets_try(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, struct err *e);

#endif
