/*
 * Replays: "what would this have raised?", asked of a service's stored history.
 *
 * People ask and read here; the watch answers, and notifies channel "tidemark" of topic
 * "replays" as asking does.  A service has one open replay at a time, and of those that
 * ended the newest twenty.  Results live in the caller's arena; any thread, own
 * connection.
 */
#ifndef TIDEMARK_SERVER_STORE_REPLAYS_H
#define TIDEMARK_SERVER_STORE_REPLAYS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAYS_SPAN_MAX_MS (INT64_C(14) * 24 * 3600 * 1000)

/* Alarms are JSON: [{"host", "ordinal", "version", "level", "kind", "from_ms", "to_ms",
 * "rate_kb_h"}], to_ms and rate_kb_h null where there is none. */
struct replays_row {
	int64_t id, service_id, from_ms, to_ms, asked_ms, ended_ms, readings,
		alarm_count;
	const char *sensitivity;
	const char *state;    /* "waiting", "running", "done", "failed" */
	const char *asked_by; /* NULL: nobody who is known any more */
	const char *text;     /* why it failed */
	const char *alarms;   /* what it would have raised; NULL in a list */
	const char *raised;   /* what was raised in fact in that time; NULL in a list */
};

struct replays_filter {
	int64_t service_id;
	int64_t after_id; /* 0: from the newest */
	int limit;
};

/* Newest first. */
bool replays_page(struct db *db, const struct replays_filter *filter, struct arena *a,
	struct replays_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such replay. */
bool replays_one(struct db *db, int64_t id, struct arena *a, struct replays_row **row,
	struct err *e);

struct replays_ask {
	int64_t service_id, user_id, from_ms, to_ms, now_ms;
	const char *sensitivity;
};

struct replays_reply {
	struct replays_row *row; /* NULL: no such service, or open_id */
	int64_t open_id;         /* the replay that is still open; 0: none */
	const char *open_state;
};

/* Not inside a transaction. */
bool replays_create(struct db *db, const struct replays_ask *ask, struct arena *a,
	struct replays_reply *reply, struct err *e);

#endif
