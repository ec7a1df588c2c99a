/*
 * Messages: what targets are told, and how that went.
 *
 * A message is made with the event that it tells of (a trigger of alert_event), claimed
 * by one notifier at a time, and kept for a month after.  One that a notifier claimed
 * and did not settle, because it died, is due again a minute later: told at least once.
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_MESSAGES_H
#define TIDEMARK_SERVER_STORE_MESSAGES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct messages_row {
	int64_t id;
	const char *state; /* "waiting", "sent", "failed" */
	int64_t made_ms, next_ms, sent_ms, tries;
	const char *problem;         /* of the last try; "" none */
	int64_t alert_id;            /* 0: a trial */
	const char *event, *service; /* "" of a trial */
};

enum { MESSAGES_STATES = 3 };
extern const char *const messages_state_name[MESSAGES_STATES];

struct messages_filter {
	int64_t target_id, after_id; /* 0: from the start */
	const char *const *states;
	size_t state_count;
	int limit;
};

/* The newest first. */
bool messages_page(struct db *db, const struct messages_filter *filter, struct arena *a,
	struct messages_row **rows, size_t *count, struct err *e);

/* One that was given up is due again; *found is false when there is no such one. */
bool messages_retry(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	bool *found, struct err *e);

/* One that is due. */
struct messages_due {
	int64_t id, made_ms, at_ms, tries; /* this try included */
	const char *url, *target;
	int64_t alert_id;              /* 0: a trial */
	const char *event, *text, *by; /* by "": the detector */
};

/* *due is NULL when none is, or each target that has one was told `most_a_minute` in
 * the minute before. */
bool messages_claim(struct db *db, int64_t now_ms, int most_a_minute, struct arena *a,
	struct messages_due **due, struct err *e);

struct messages_end {
	int64_t id, now_ms;
	const char *state;   /* "waiting": to be tried again at next_ms */
	int64_t next_ms;     /* 0: not */
	const char *problem; /* "" when sent */
};
bool messages_settle(
	struct db *db, const struct messages_end *end, struct arena *a, struct err *e);

bool messages_expire(struct db *db, int64_t before_ms, struct arena *a, struct err *e);

#endif
