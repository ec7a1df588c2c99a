/*
 * Verdicts: what the detector says of the fleet.
 *
 * Saving replaces what was said before.  Only the watch calls this, on its own
 * connection and inside the transaction of its turn.  Times are Unix ms, 0: not known.
 */
#ifndef TIDEMARK_SERVER_STORE_VERDICTS_H
#define TIDEMARK_SERVER_STORE_VERDICTS_H

#include "common/err.h"
#include "common/json.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this server watches: once it does, for as long as its connection lasts.
 * *is_new: it did not before, so that another one may have written meanwhile. */
bool verdicts_claim(struct db *db, bool *claimed, bool *is_new, struct err *e);

struct verdicts_reason {
	bool speaks_for;
	const char *text;
};

struct verdicts_reasons {
	const struct verdicts_reason *items;
	size_t count;
};

/* A time with its 95 % interval. */
struct verdicts_moment {
	int64_t at_ms, low_ms, high_ms;
};

struct verdicts_slot {
	int64_t slot_id, life_id, fingerprint_id, at_ms;
	const char *level, *kind, *verdict, *series, *summary;
	bool silent;
	struct figures_rate rate;
	int64_t value_kb, limit_kb, wait_s, restarts;
	struct verdicts_moment onset, exhaust;
	struct verdicts_reasons reasons;
};

bool verdicts_save_slots(
	struct db *db, const struct verdicts_slot *rows, size_t count, struct err *e);

struct verdicts_version {
	int64_t fingerprint_id, service_id, at_ms;
	const char *level, *kind, *verdict, *summary;
	struct figures_rate rate;
	int64_t slots, slots_leaking, hosts, hosts_leaking, wait_s;
	struct verdicts_moment onset, exhaust; /* their intervals are not kept */
	struct verdicts_reasons reasons;
};

bool verdicts_save_versions(struct db *db, const struct verdicts_version *rows,
	size_t count, struct err *e);

/* What was said of these versions before still stands. */
bool verdicts_touch_versions(
	struct db *db, struct figures_ids fingerprints, int64_t now_ms, struct err *e);

/* The sparkline of a service. */
struct verdicts_trend {
	int64_t service_id;
	int64_t from_ms, step_ms; /* of all that are saved together the same */
	size_t count;
	int64_t *rss_kb;
	bool *has;
};

bool verdicts_load_trends(struct db *db, struct arena *a, struct verdicts_trend **rows,
	size_t *count, struct err *e);
bool verdicts_save_trends(struct db *db, const struct verdicts_trend *rows,
	size_t count, struct arena *a, struct err *e);

/* For server/store: members of an object that is being written. */
void verdicts_put_rate(struct json *j, const struct figures_rate *rate);
void verdicts_put_moments(struct json *j, const struct verdicts_moment *onset,
	const struct verdicts_moment *exhaust);
void verdicts_put_reasons(struct json *j, struct verdicts_reasons reasons);

#endif
