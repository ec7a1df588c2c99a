/*
 * Silences: of whom nobody is notified for a while, once or in weekly windows.
 *
 * Texts are globs ('*' any text, '?' any character) of which "" is all; a silence mutes
 * an alert when it fits all of it: its service and kind, every version inside, and
 * every host on which it is seen.  The alert itself goes on.  Each change is in the
 * audit.  Changes notify channel "tidemark" of topic "alerts".  Results live in the
 * caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SILENCES_H
#define TIDEMARK_SERVER_STORE_SILENCES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SILENCES_GLOB_MAX = 200, SILENCES_REASON_MAX = 2000 }; /* bytes */

/* That are not over, at once. */
enum { SILENCES_MAX = 500 };

struct silences_globs {
	const char *service, *host, *version, *kind;
};

struct silences_window {
	int64_t starts_ms, ends_ms;
	bool weekly; /* the same again every 168 hours */
};

struct silences_row {
	int64_t id;
	struct silences_globs globs;
	struct silences_window window;
	int64_t ended_ms; /* by people; 0: not */
	const char *reason, *state, *created_by;
	int64_t created_ms, revision;
};

struct silences_filter {
	const char *const *states; /* "active", "pending", "expired" */
	size_t state_count;
	int64_t now_ms, after_id; /* 0: from the start */
	int limit;
};

/* Newest first. */
bool silences_page(struct db *db, const struct silences_filter *filter, struct arena *a,
	struct silences_row **rows, size_t *count, struct err *e);

struct silences_change {
	int64_t id;       /* silences_change, silences_end */
	int64_t revision; /* the change is for this one only; 0: for any */
	int64_t user_id, now_ms;
	struct silences_globs globs;
	struct silences_window window;
	const char *reason;
};

/* *row is NULL when there are SILENCES_MAX. */
bool silences_add(struct db *db, const struct silences_change *change, struct arena *a,
	struct silences_row **row, struct err *e);

/* *done: else it is over, or its revision is another one by now; *row is the silence as
 * it stands afterwards, NULL when there is none. */
bool silences_change(struct db *db, const struct silences_change *change,
	struct arena *a, bool *done, struct silences_row **row, struct err *e);
bool silences_end(struct db *db, const struct silences_change *change, struct arena *a,
	bool *done, struct silences_row **row, struct err *e);

/* Whether an alert is muted at now_ms, for those who notify: *until_ms is when that
 * ends, 0 when it is not muted or there is no such alert. */
bool silences_mute(struct db *db, int64_t alert_id, int64_t now_ms, struct arena *a,
	int64_t *until_ms, struct err *e);

/* What globs would mute: open alerts, the newest first, at most 50; and how many
 * instances run that they fit. */
struct silences_reach {
	struct figures_ids alerts;
	int64_t services, hosts, instances;
};
bool silences_preview(struct db *db, const struct silences_globs *globs, int64_t now_ms,
	struct arena *a, struct silences_reach *out, struct err *e);

#endif
