/*
 * Fleet: what is judged in one round, read from the database and put in the form that
 * the detector takes.
 *
 * Versions hold their slots, slots their process lives.  Everything lives in the
 * caller's arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_FLEET_H
#define TIDEMARK_SERVER_WATCH_FLEET_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/analyse.h"
#include "server/store/db.h"
#include "server/watch/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet_version {
	int64_t service_id, fingerprint_id;
	const char *service, *version;
	struct analyse_slot *slots;
	struct analyse_slot_result *results; /* after fleet_judge */
	size_t count;
	struct analyse_version_result result; /* after fleet_judge */
};

struct fleet {
	int64_t now_ms;
	struct fleet_version *versions; /* those of one service stand together */
	size_t count, slot_count;
};

/* Reads what is known up to now. */
bool fleet_load(struct db *db, struct history *history, int64_t now_ms, struct arena *a,
	struct fleet *out, struct err *e);

void fleet_judge(struct fleet *fleet, struct arena *a);

/* What the readings after a time would say alone. */
enum analyse_verdict fleet_verdict_since(const struct fleet *fleet,
	const struct fleet_version *version, int64_t since_ms, struct arena *a);

#endif
