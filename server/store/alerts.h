/*
 * Alerts: findings with people.
 *
 * Reading, and the steps that people take: acknowledge, resolve, dismiss, reopen, note.
 * Each step changes the state, counts the revision on and writes an event in one
 * statement, and notifies channel "tidemark" of topic "alerts".  The detector's side is
 * in server/watch.  Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_ALERTS_H
#define TIDEMARK_SERVER_STORE_ALERTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ALERTS_NOTE_MAX = 4000,   /* bytes */
	ALERTS_VERIFY_HOURS = 72, /* of hosts, unless the server is told otherwise */
};

/* It comes back at the first of three. */
struct alerts_archive {
	int64_t at_ms;       /* 0: it is not archived */
	const char *by;      /* NULL: nobody who is known */
	int64_t until_ms;    /* 0: none */
	double above_kb_h;   /* NAN: none */
	int64_t above_hosts; /* -1: none */
};

/* Whether the version that was to fix it does. */
struct alerts_verification {
	const char
		*state;  /* "waiting", "running", "verified"; NULL: none is asked for */
	int64_t seen_ms; /* of hosts on that version or a later one, without the growth
			  */
	int64_t needed_h, hosts;
	int64_t since_ms, verified_ms; /* 0: not yet */
};

struct alerts_row {
	int64_t id;
	const char *state; /* "open", "acknowledged", "archived", "resolved" */
	const char *inbox; /* the same, of open ones "new", "escalating", "regressed" */
	const char *resolution; /* "", "fixed", "not-a-leak", "gone" */
	int64_t opened_ms, reopened, acknowledged_ms, resolved_ms, revision;
	const char *acknowledged_by, *resolved_by; /* NULL: not, or by the detector */
	const char *owner;                         /* NULL: nobody */
	int64_t acknowledged_until_ms;             /* 0: no end */
	int64_t escalated_ms, regressed_ms;        /* 0: it did not */
	const char *resolved_in;                   /* NULL: no version was named */
	struct alerts_archive archive;
	struct alerts_verification verification;
	struct findings_row finding;
};

struct alerts_filter {
	const char *const *states;
	size_t state_count;
	int64_t service_id;         /* 0: any */
	int64_t after_ms, after_id; /* after_id 0: from the start */
	int limit;
};

/* Newest first. */
bool alerts_page(struct db *db, const struct alerts_filter *filter, struct arena *a,
	struct alerts_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such alert. */
bool alerts_one(struct db *db, int64_t id, struct arena *a, struct alerts_row **row,
	struct err *e);

struct alerts_instance {
	int64_t id, ordinal, pid;
	struct figures_name host, version;
	const char *level;
	bool running;
	int64_t first_ms, last_ms, value_kb, limit_kb, restarts;
	int64_t silent_since_ms; /* no data: all this is as of then; 0: data comes */
	struct figures_moment onset, exhaust;
	struct figures_rate rate;
	const char *summary;
};

/* The fastest growing first. */
bool alerts_instances(struct db *db, int64_t finding_id, int64_t now_ms,
	struct arena *a, struct alerts_instance **rows, size_t *count, struct err *e);

struct alerts_event {
	int64_t id, at_ms;
	const char *user; /* NULL: the detector */
	const char *kind, *text;
};

/* Oldest first. */
bool alerts_events(struct db *db, int64_t alert_id, struct arena *a,
	struct alerts_event **rows, size_t *count, struct err *e);

enum alerts_action {
	ALERTS_ACKNOWLEDGE,
	ALERTS_RESOLVE, /* as fixed */
	ALERTS_DISMISS, /* as not a leak: the note says why, and is remembered
			   (feedback.h) */
	ALERTS_REOPEN,  /* withdraws what a dismissal remembered */
	ALERTS_NOTE,
};

struct alerts_step {
	enum alerts_action action;
	int64_t alert_id, user_id, now_ms;
	const char *note;
	int64_t revision; /* the step is for this one only; 0: for any */
};

enum alerts_outcome {
	ALERTS_DONE,
	ALERTS_MISSING,  /* no such alert */
	ALERTS_MOVED_ON, /* its revision is another one by now */
	ALERTS_REFUSED,  /* its state does not allow the step: it is there already */
};

/* *row is the alert as it stands afterwards, NULL when missing. */
bool alerts_take_step(struct db *db, const struct alerts_step *step, struct arena *a,
	enum alerts_outcome *outcome, struct alerts_row **row, struct err *e);

#endif
