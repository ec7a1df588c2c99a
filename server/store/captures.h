/*
 * Captures: requests for a snapshot of one process, from the question to the end.
 *
 * A capture begins as "quoting": the agent is asked for a cost card.  With the card it
 * is "quoted" and waits for somebody to confirm it; then it is "ordered", "running" and
 * one of the ends.  What agents report moves it on (capture_events.h); here are the
 * steps of people and policies, and reading.  Every step, and every refusal of one,
 * leaves a row in the audit.
 *
 * The server's own gate stands in captures_create and, again, in captures_confirm: no
 * other capture of the service or the host is under way, the process runs and its agent
 * reports (nobody may overrule these), and the service has another instance that
 * answers in its place: that runs, will not reach its limit within the hour, and,
 * unless this one leaks itself, does not leak (an operator may overrule it: the card
 * then "asks", with that reason among the agent's own).
 *
 * Channel "tidemark" is notified of topic "snapshots".  Results live in the caller's
 * arena; any thread, own connection, not inside a transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_CAPTURES_H
#define TIDEMARK_SERVER_STORE_CAPTURES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/snapshots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long an agent may take to answer, a person to confirm, and a capture to run. */
#define CAPTURES_QUOTING_MS (INT64_C(2) * 60 * 1000)
#define CAPTURES_QUOTED_MS  (INT64_C(10) * 60 * 1000)
#define CAPTURES_ORDERED_MS (INT64_C(5) * 60 * 1000)
#define CAPTURES_RUNNING_MS (INT64_C(60) * 60 * 1000)

struct captures_row {
	int64_t id, finding_id; /* 0: of no finding */
	struct snapshots_place place;
	const char *cause, *state, *route, *text;
	const char *asked_by, *confirmed_by; /* NULL: a policy; not confirmed */
	int64_t asked_ms, changed_ms, deadline_ms;
	bool overrules, keep_raw;
	int64_t progress_permille;
	const char *card; /* JSON as the API gives it, or NULL */
	const char *gate; /* of the card: "allowed", "asks", "refused"; NULL: no card */
	int64_t snapshot; /* 0: none */
};

struct captures_filter {
	int64_t service_id; /* 0: any */
	int64_t after_id;   /* 0: from the newest */
	int limit;
};

/* Newest first. */
bool captures_page(struct db *db, const struct captures_filter *filter, struct arena *a,
	struct captures_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such capture. */
bool captures_one(struct db *db, int64_t id, struct arena *a, struct captures_row **row,
	struct err *e);

enum captures_outcome {
	CAPTURES_DONE,
	CAPTURES_MISSING, /* no such instance, no such capture */
	CAPTURES_REFUSED, /* `reason` says why; nobody may overrule it */
	CAPTURES_ASKS, /* `reason` says why; the same step with `overrules` is taken */
};

struct captures_reply {
	enum captures_outcome outcome;
	const char *reason;       /* "" when done */
	struct captures_row *row; /* as it stands afterwards; NULL: there is none */
};

struct captures_ask {
	int64_t slot_id; /* the instance: its newest process */
	struct audit_actor actor;
	const char *cause;  /* "console", "policy: first", "policy: after growth" ... */
	int64_t finding_id; /* 0: none */
	const char *route;  /* "": the agent chooses */
	int64_t now_ms;
};

/* Asks the agent for a card.  Two at the same moment make one capture. */
bool captures_create(struct db *db, const struct captures_ask *ask, struct arena *a,
	struct captures_reply *out, struct err *e);

struct captures_step {
	int64_t id;
	struct audit_actor actor;
	bool overrules, keep_raw; /* of confirming */
	int64_t now_ms;
};

/* A quoted capture is ordered.  ASKS: its card has reasons, and `overrules` is not set.
 */
bool captures_confirm(struct db *db, const struct captures_step *step, struct arena *a,
	struct captures_reply *out, struct err *e);

/* A capture that does not run yet is cancelled.  An agent that has begun in the same
 * moment goes on, and the capture with it. */
bool captures_cancel(struct db *db, const struct captures_step *step, struct arena *a,
	struct captures_reply *out, struct err *e);

/* Captures whose time is over become "expired".  For the watch, every turn. */
bool captures_expire(struct db *db, int64_t now_ms, struct err *e);

#endif
