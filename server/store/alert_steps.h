/*
 * Alert steps: what people do to alerts.
 *
 * A step changes the alert, counts its revision on, writes an event and a row of the
 * audit, and notifies channel "tidemark" of topic "alerts", all in one transaction. The
 * event keeps the alert as it was before, so that who took the step can undo it for
 * ALERT_STEPS_UNDO_MS, while nothing else has happened to the alert.
 *
 * The detector's side is in server/watch (alerting.h, tending.h).  Results live in the
 * caller's arena; any thread, own connection, not inside a transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_ALERT_STEPS_H
#define TIDEMARK_SERVER_STORE_ALERT_STEPS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/alerts.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

#define ALERT_STEPS_UNDO_MS INT64_C(60000)

enum alert_steps_action {
	ALERT_STEPS_ACKNOWLEDGE, /* takes it, too; of one that is, only the terms */
	ALERT_STEPS_ASSIGN,
	ALERT_STEPS_ARCHIVE,
	ALERT_STEPS_RESOLVE, /* as fixed; of one that is, only the version */
	ALERT_STEPS_DISMISS, /* as not a leak: the note says why, and is remembered
				(feedback.h) */
	ALERT_STEPS_REOPEN,  /* withdraws what a dismissal remembered */
	ALERT_STEPS_NOTE,
	ALERT_STEPS_UNDO,
	ALERT_STEPS_COUNT,
};

/* "acknowledge" ... */
extern const char *const alert_steps_name[ALERT_STEPS_COUNT];

struct alert_steps_order {
	enum alert_steps_action action;
	int64_t alert_id;
	int64_t revision; /* the step is for this one only; 0: for any */
	struct audit_actor actor;
	int64_t now_ms;
	const char *note;     /* "": none */
	const char *owner;    /* of an acknowledgement NULL: the actor, else nobody */
	int64_t until_ms;     /* of an acknowledgement or an archive; 0: no end */
	double above_kb_h;    /* of an archive; NAN: none */
	int64_t above_hosts;  /* of an archive; negative: none */
	const char *version;  /* that fixes it; NULL: not said */
	int64_t verify_hours; /* that it must hold */
};

enum alert_steps_outcome {
	ALERT_STEPS_DONE,
	ALERT_STEPS_MISSING,  /* no such alert */
	ALERT_STEPS_MOVED_ON, /* its revision is another one by now */
	ALERT_STEPS_REFUSED,  /* as it stands, it does not allow the step */
	ALERT_STEPS_NOBODY,   /* there is no user of the owner's name */
	ALERT_STEPS_FAILED,   /* for callers: the database did */
};

struct alert_steps_result {
	enum alert_steps_outcome outcome;
	const char *why;        /* unless it is done */
	struct alerts_row *row; /* as it stands afterwards; NULL when missing */
};

bool alert_steps_take(struct db *db, const struct alert_steps_order *order,
	struct arena *a, struct alert_steps_result *result, struct err *e);

#endif
