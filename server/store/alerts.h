/*
 * Alerts: findings with people.
 *
 * Reading.  The steps that people take are in alert_steps.h, the detector's side in
 * server/watch.  Results live in the caller's arena; any thread, own connection.
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

enum { ALERTS_NOTE_MAX = 4000 }; /* bytes */

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
	int64_t silenced_until_ms;       /* 0: it is not muted */
	int64_t merged_into, split_from; /* 0: none */
	struct figures_ids merged;       /* inside it */
	struct findings_row finding;
};

/* Alternatives; none: any. */
struct alerts_texts {
	const char *const *texts;
	size_t count;
};

/* What fits all of it. */
struct alerts_filter {
	struct alerts_texts states, inboxes, kinds;
	struct alerts_texts owners; /* names; "": nobody */
	/* "*" any text, "?" any character */
	struct alerts_texts services, versions, hosts;
	struct alerts_texts causes; /* parts of them */
	struct alerts_texts words;  /* parts of what it says, all of them */
	int64_t service_id;         /* 0: any */
	int64_t after_ms, after_id; /* after_id 0: from the start */
	int limit;
	int64_t now_ms;
};

/* Newest first. */
bool alerts_page(struct db *db, const struct alerts_filter *filter, struct arena *a,
	struct alerts_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such alert. */
bool alerts_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct alerts_row **row, struct err *e);

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

#endif
