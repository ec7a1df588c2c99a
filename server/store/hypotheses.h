/*
 * Hypotheses: what people think is the cause of an alert, and their remarks on those
 * that are computed (server/analyse/hypotheses.h).
 *
 * Every change writes an event of the alert and notifies channel "tidemark" of topic
 * "alerts".  Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_HYPOTHESES_H
#define TIDEMARK_SERVER_STORE_HYPOTHESES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HYPOTHESES_TEXT_MAX = 4000, HYPOTHESES_KEY_MAX = 300 }; /* bytes */

/* Of an alert at most, by people. */
enum { HYPOTHESES_MAX = 200 };

struct hypotheses_text {
	const char *cause, *test, *result, *verdict, *remark;
};

struct hypotheses_row {
	int64_t id, alert_id;
	const char
		*key; /* "": people's own; else a remark, and the other texts are "" */
	struct hypotheses_text text;
	int64_t author_id;
	const char *author;
	int64_t changed_ms, revision;
};

/* Oldest first. */
bool hypotheses_of_alert(struct db *db, int64_t alert_id, struct arena *a,
	struct hypotheses_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is none. */
bool hypotheses_one(struct db *db, int64_t id, struct arena *a,
	struct hypotheses_row **row, struct err *e);

struct hypotheses_change {
	int64_t id;       /* of the alert to add to, else of the hypothesis */
	int64_t revision; /* the change is for this one only; 0: for any */
	int64_t user_id, now_ms;
	bool is_anybodys; /* the user may change those of others */
	struct hypotheses_text text;
	const char *key; /* hypotheses_remark */
};

/* *row is NULL when the alert is unknown or has HYPOTHESES_MAX of them. */
bool hypotheses_add(struct db *db, const struct hypotheses_change *change,
	struct arena *a, struct hypotheses_row **row, struct err *e);

/* *done: else it is gone, another's, a remark, or its revision is another one by now,
 * which hypotheses_one tells. */
bool hypotheses_change(struct db *db, const struct hypotheses_change *change,
	struct arena *a, bool *done, struct err *e);
bool hypotheses_drop(struct db *db, const struct hypotheses_change *change,
	struct arena *a, bool *done, struct err *e);

/* Remarks on the hypothesis `key` of alert `id`, of which the revision is 1 as long as
 * there is no remark.  *done: else the alert is unknown or the revision another one. */
bool hypotheses_remark(struct db *db, const struct hypotheses_change *change,
	struct arena *a, bool *done, struct err *e);

#endif
