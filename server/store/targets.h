/*
 * Targets: who is told of alerts.
 *
 * A target asks for some kinds of events of the alerts of some services; each such
 * event becomes a message (messages.h) in the transaction that writes it.  Steps leave
 * a row in the audit ("target.add", "target.change", "target.drop", "target.secret").
 * Secrets go in and are read by the messenger only.  Results live in the caller's
 * arena; any thread, own connection, not inside a transaction.
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

enum { TARGETS_EVENTS = 10, TARGETS_KINDS = 8, TARGETS_SECRET = 70 };

/* "opened", "reopened", "escalated", ...: kinds of alert_event that may be asked for.
 */
extern const char *const targets_event_name[TARGETS_EVENTS];
extern const char *const targets_kind_name[TARGETS_KINDS];

struct targets_row {
	int64_t id;
	const char *name, *kind, *url;
	const char *service;                        /* a glob; "" all */
	const char *events;                         /* JSON array of texts */
	const char *recipients, *sender, *username; /* "" none */
	bool enabled, starttls, has_password;
	int64_t a_minute;
	bool is_signed;       /* with a secret of ours */
	int64_t secret_ms;    /* when it was made; 0: there is none */
	int64_t old_until_ms; /* until when the one before signs as well; 0: it does not
			       */
	int64_t resting_ms;   /* it does not answer: nothing is tried before; 0 */
	const char *created_by;
	int64_t created_ms, revision;
	int64_t waiting, failed, sent, muted; /* messages, of those that are kept */
	int64_t sent_ms;                      /* the newest; 0: none */
	const char *problem;                  /* of the newest message; "" none */
};

/* Whether a kind is posted with a signature of ours. */
bool targets_kind_signs(const char *kind);

/* By name. */
bool targets_list(struct db *db, int64_t now_ms, struct arena *a,
	struct targets_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such target. */
bool targets_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct targets_row **row, struct err *e);

struct targets_wish {
	struct audit_actor actor;
	int64_t id, revision; /* for targets_change; revision 0: any */
	int64_t now_ms;
	const char *name, *kind, *url, *service, *recipients, *sender, *username;
	const char *password; /* NULL: none, or as it was */
	const char *const *events;
	size_t event_count;
	int64_t a_minute;
	bool enabled, starttls;
};

/* *row is NULL when the name is taken, or there are 100.  *secret: with which its posts
 * are signed, for the admin to see this once; NULL when its kind is not signed. */
bool targets_add(struct db *db, const struct targets_wish *wish, struct arena *a,
	struct targets_row **row, const char **secret, struct err *e);

/* *row as it stands afterwards, NULL when there is none; *done is false when its
 * revision is another one by now.  ERR_INPUT when the name is taken, or when a password
 * that is known would be sent to another address than the one that it was given for. */
bool targets_change(struct db *db, const struct targets_wish *wish, struct arena *a,
	bool *done, struct targets_row **row, struct err *e);

struct targets_step {
	struct audit_actor actor;
	int64_t id, now_ms;
	int64_t overlap_ms; /* targets_turn: for which the secret before signs as well
			     */
};

/* A new secret; *row as it stands afterwards, NULL when there is none; *secret is NULL
 * when its kind is not signed. */
bool targets_turn(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, const char **secret, struct err *e);

/* *row as it stood before, NULL when there is none. */
bool targets_drop(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, struct err *e);

/* Sends a message of no alert; *row as in targets_drop. */
bool targets_try(struct db *db, const struct targets_step *step, struct arena *a,
	struct targets_row **row, struct err *e);

#endif
