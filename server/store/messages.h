/*
 * Messages: what targets are told, and how that went.
 *
 * A message is made with the event that it tells of (a trigger of alert_event), claimed
 * by one messenger at a time, and kept for a month after.  One that a messenger claimed
 * and did not settle, because it died, is due again a minute later: told at least once,
 * each time with the same key.  A target has one message in hand, the oldest; one that
 * does not answer rests, and no other waits for it.  Steps of people leave a row in the
 * audit ("message.retry", "message.drop").  Results live in the caller's arena; any
 * thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_MESSAGES_H
#define TIDEMARK_SERVER_STORE_MESSAGES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct messages_row {
	int64_t id;
	const char *state; /* of messages_state_name */
	int64_t made_ms, next_ms, sent_ms, tries;
	const char *problem; /* of the last try; "" none */
	const char *key;     /* a UUID that it carries in each try */
	int64_t target_id;
	const char *target;
	int64_t alert_id;            /* 0: a trial or a digest */
	const char *event, *service; /* "" of a trial; "digest" */
	int64_t digest_count;        /* that are folded into it; 0: it is no digest */
	int64_t folded_into;         /* 0: it is not */
};

/* "waiting": to be sent; "sent": taken; "failed": given up, a dead letter; "dropped":
 * by somebody; "folded": told by a digest; "muted": told when the silence ends, if the
 * alert is still open then. */
enum { MESSAGES_STATES = 6 };
extern const char *const messages_state_name[MESSAGES_STATES];

struct messages_filter {
	int64_t target_id; /* 0: any */
	int64_t after_id;  /* 0: from the start */
	const char *const *states;
	size_t state_count;
	int limit;
};

/* The newest first. */
bool messages_page(struct db *db, const struct messages_filter *filter, struct arena *a,
	struct messages_row **rows, size_t *count, struct err *e);

struct messages_step {
	struct audit_actor actor;
	int64_t id, now_ms;
};

/* One that was given up or dropped is due again, for a day; *found is false when there
 * is no such one. */
bool messages_retry(struct db *db, const struct messages_step *step, struct arena *a,
	bool *found, struct err *e);

/* One that was given up, or waits, is sent no more. */
bool messages_drop(struct db *db, const struct messages_step *step, struct arena *a,
	bool *found, struct err *e);

/* How many messages of a target are in a state; for /metrics. */
struct messages_count {
	const char *target, *kind, *state;
	int64_t messages, oldest_ms; /* since when the oldest is due */
};
bool messages_counts(struct db *db, struct arena *a, struct messages_count **rows,
	size_t *count, struct err *e);

/* One that is due, with all that is needed to send it. */
struct messages_due {
	int64_t id, made_ms, due_ms, at_ms, tries; /* this try included */
	int64_t target_id, failures;               /* of the target, in a row, before */
	const char *key, *target, *kind, *url, *recipients, *sender, *username,
		*password;
	const char *signing, *signing_old; /* secrets; "" none */
	bool starttls, digest, was_muted;
	int64_t alert_id;              /* 0: a trial or a digest */
	const char *event, *text, *by; /* by "": the detector */
};

/* At most one of each target, at most `most` in all. */
bool messages_claim(struct db *db, int64_t now_ms, int most, struct arena *a,
	struct messages_due **due, size_t *count, struct err *e);

struct messages_end {
	int64_t id, now_ms;
	const char *state;      /* "waiting": to be tried again */
	int64_t next_ms;        /* this one not before; 0: at once */
	int64_t target_next_ms; /* its target not before: it does not answer; 0 */
	int64_t late_ms;        /* then what was due before is given up as well */
	const char *problem;    /* "" when sent */
};
bool messages_settle(
	struct db *db, const struct messages_end *end, struct arena *a, struct err *e);

/* Folds what more than twice the rate of a target holds back into one digest each. */
struct messages_folded {
	const char *target;
	int64_t count;
};
bool messages_fold(struct db *db, int64_t now_ms, struct arena *a,
	struct messages_folded **rows, size_t *count, struct err *e);

/* What a digest tells of, the oldest first; *total may be more. */
struct messages_item {
	int64_t alert_id, at_ms;
	const char *event, *service;
};
enum { MESSAGES_ITEMS = 100 };
bool messages_digest(struct db *db, int64_t id, struct arena *a,
	struct messages_item **items, size_t *count, int64_t *total, struct err *e);

/* What waited for the end of a silence that is over. */
bool messages_unmute(struct db *db, int64_t now_ms, struct arena *a, struct err *e);

bool messages_expire(struct db *db, int64_t before_ms, struct arena *a, struct err *e);

#endif
