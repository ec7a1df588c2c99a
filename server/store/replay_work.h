/*
 * Replay work: replays as the watch carries them out.
 *
 * How people ask for one is in replays.h.  Results live in the caller's arena.  Times
 * are Unix ms.
 */
#ifndef TIDEMARK_SERVER_STORE_REPLAY_WORK_H
#define TIDEMARK_SERVER_STORE_REPLAY_WORK_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/readings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replay_work {
	int64_t id, service_id; /* id 0: there is nothing to do */
	const char *sensitivity;
	int64_t from_ms, to_ms;
};

/* The next one; it is "running" from then on. */
bool replay_work_take(
	struct db *db, struct arena *a, struct replay_work *out, struct err *e);

struct replay_work_life {
	struct readings_life is;
	const char *host;
	int64_t ordinal;
};

/* The processes that ran in its time, in the order in which they began. */
bool replay_work_lives(struct db *db, const struct replay_work *work, struct arena *a,
	struct replay_work_life **rows, size_t *count, struct err *e);

struct replay_work_end {
	int64_t id, ended_ms, readings;
	const char *state;  /* "done", "failed" */
	const char *alarms; /* JSON */
	const char *text;
};

bool replay_work_end(struct db *db, const struct replay_work_end *end, struct arena *a,
	struct err *e);

#endif
