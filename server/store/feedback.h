/*
 * Feedback: what people said is not a leak, and why.
 *
 * It is said by dismissing an alert (alerts.h).  While it stands, nothing of the same
 * service and kind alerts unless it grows clearly faster than it did then; the watch
 * sees to that.  Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_FEEDBACK_H
#define TIDEMARK_SERVER_STORE_FEEDBACK_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FEEDBACK_REASON_MAX = 500 }; /* bytes */

struct feedback_row {
	int64_t id, service_id, finding_id;
	int64_t alert_id; /* 0: none */
	const char *kind, *reason, *said_by;
	struct figures_name version; /* that leaked most */
	bool has_rate;
	double rate_kb_h;              /* when it was said */
	int64_t said_ms, withdrawn_ms; /* 0: it stands */
	int64_t revision;              /* 1 while it stands, then 2 */
};

struct feedback_filter {
	int64_t service_id;
	int64_t after_id; /* 0: from the newest */
	int limit;
};

/* What still stands, newest first. */
bool feedback_page(struct db *db, const struct feedback_filter *filter, struct arena *a,
	struct feedback_row **rows, size_t *count, struct err *e);

struct feedback_step {
	int64_t id, user_id, now_ms;
	int64_t revision; /* only of this one; 0: of any */
};

/* *row as it stands afterwards, NULL when there is no such feedback; *moved_on: it was
 * of another revision.  To withdraw it twice is to withdraw it once. */
bool feedback_withdraw(struct db *db, const struct feedback_step *step, struct arena *a,
	struct feedback_row **row, bool *moved_on, struct err *e);

#endif
