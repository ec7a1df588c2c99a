/*
 * Cases: alerts that are one, alerts that are several, and those that were like it.
 *
 * An alert may live inside another, one deep: it is not in the inbox, the detector
 * keeps it up to date, and people's steps on the outer one that resolve or open again
 * are its too (the trigger of 0013_cases.sql).  It comes out by people, or by itself
 * when the outer one is gone and it is not.  Instances may be split off into an alert
 * of their own, which is theirs from then on.  Each step writes an event for every
 * alert that it concerns, and notifies channel "tidemark" of topic "alerts".
 *
 * Results live in the caller's arena; any thread, own connection, no transaction.
 */
#ifndef TIDEMARK_SERVER_STORE_CASES_H
#define TIDEMARK_SERVER_STORE_CASES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CASES_MERGE_MAX = 50, CASES_SPLIT_MAX = 1000 };

struct cases_step {
	int64_t alert_id, user_id, now_ms;
	int64_t revision;         /* the step is for this one only; 0: for any */
	struct figures_ids these; /* alerts, or instances to split off */
	const char *note;
};

enum cases_outcome {
	CASES_DONE,
	CASES_MISSING,  /* no such alert */
	CASES_MOVED_ON, /* its revision is another one by now */
	CASES_REFUSED,  /* answer.why says it */
	CASES_WRONG,    /* these: answer.why says it */
};

struct cases_answer {
	enum cases_outcome outcome;
	const char *why;
	int64_t alert_id; /* the alert as asked for; the new one of a split */
};

/* Why somebody who is limited to services takes no step on an alert that is inside one
 * of another service, or has one inside: it would reach that as well. */
extern const char cases_beyond[];

bool cases_merge(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e);
bool cases_unmerge(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e);
bool cases_split(struct db *db, const struct cases_step *step, struct arena *a,
	struct cases_answer *answer, struct err *e);

/* An earlier alert, and how it ended. */
struct cases_like {
	int64_t id, opened_ms, resolved_ms;
	const char *state, *resolution, *resolved_in; /* resolved_in NULL: none */
	struct figures_name service, version;
	const char *kind, *cause, *summary, *ended;
	struct figures_rate rate;
	bool same_service, same_cause;
};

/* The likest first, at most five. */
bool cases_similar(struct db *db, int64_t alert_id, struct arena *a,
	struct cases_like **rows, size_t *count, struct err *e);

/* A seat that was split off to a finding, with what that is about. */
struct cases_seat {
	int64_t finding_id, slot_id;
	const char *service, *version;
};

/* Of findings, in their order.  For the watch. */
bool cases_seats(struct db *db, struct figures_ids findings, struct arena *a,
	struct cases_seat **rows, size_t *count, struct err *e);

#endif
