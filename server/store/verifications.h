/*
 * Verifications: whether the versions in which alerts were resolved hold.
 *
 * For the watch (verifying.h), on its own connection and inside the transaction of its
 * turn.  Results live in the caller's arena.  Times are Unix ms, 0: not known.
 */
#ifndef TIDEMARK_SERVER_STORE_VERIFICATIONS_H
#define TIDEMARK_SERVER_STORE_VERIFICATIONS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A version of a service. */
struct verifications_release {
	int64_t id, service_id;
	const char *version; /* as its programs say it; "" when they do not */
	const char *label;   /* what it is called, unique within the service */
	int64_t first_ms;
};

/* All of these services, in no order. */
bool verifications_releases(struct db *db, struct figures_ids services, struct arena *a,
	struct verifications_release **rows, size_t *count, struct err *e);

/* An alert that was resolved in a version of which is not known yet whether it holds.
 */
struct verifications_row {
	int64_t alert_id, finding_id, service_id;
	const char *kind, *version;
	const char *state; /* "waiting", "running" */
	int64_t resolved_ms;
	int64_t seen_ms, needed_h, hosts;
};

bool verifications_pending(struct db *db, struct arena *a,
	struct verifications_row **rows, size_t *count, struct err *e);

/* What to count of. */
struct verifications_question {
	struct figures_ids versions;
	int64_t finding_id,
		resolved_ms; /* of its versions only what came after counts */
	bool is_backlog;     /* it is a backlog that may grow, not memory */
};

struct verifications_held {
	int64_t hosts, since_ms; /* that ran one of the versions; since when */
	int64_t ms;              /* in sum, without hosts on which one grows now */
};

bool verifications_count(struct db *db, const struct verifications_question *question,
	struct arena *a, struct verifications_held *held, struct err *e);

struct verifications_step {
	int64_t alert_id, now_ms;
	const char *state; /* "running" or "verified" */
	struct verifications_held held;
	const char *text; /* of the event, once it is verified */
};

bool verifications_save(struct db *db, const struct verifications_step *step,
	struct arena *a, struct err *e);

#endif
