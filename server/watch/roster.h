/*
 * Roster: what is judged in one turn, read from the database and put in the form that
 * the detector takes.
 *
 * Versions hold their slots, slots their process lives.  Everything lives in the
 * caller's arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_ROSTER_H
#define TIDEMARK_SERVER_WATCH_ROSTER_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/analyse.h"
#include "server/store/db.h"
#include "server/watch/history.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct roster_version {
	int64_t service_id, fingerprint_id;
	const char *service, *version;
	struct analyse_slot *slots;
	struct analyse_slot_result *results; /* after roster_judge */
	size_t count;
	struct analyse_version_result result; /* after roster_judge */
};

struct roster {
	int64_t now_ms;
	struct roster_version *versions; /* those of one service stand together */
	size_t count, slot_count;
};

/* Reads what is known up to now. */
bool roster_load(struct db *db, struct history *history, int64_t now_ms,
	struct arena *a, struct roster *out, struct err *e);

/* False: `stopping` was set meanwhile, and the roster is of no use. */
bool roster_judge(struct roster *roster, const atomic_bool *stopping, struct arena *a);

/* What the readings after a time would say alone. */
enum analyse_verdict roster_verdict_since(const struct roster *roster,
	const struct roster_version *version, int64_t since_ms, struct arena *a);

#endif
