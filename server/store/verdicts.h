/*
 * Verdicts: what the detector reads of the fleet, and what it says of it.
 *
 * Reading yields process lives and their thinned memory; saving replaces what was said
 * before.  Only the watch calls this, on its own connection and inside the transaction
 * of its turn.  Results live in the caller's arena.  Times are Unix ms, 0: not known.
 */
#ifndef TIDEMARK_SERVER_STORE_VERDICTS_H
#define TIDEMARK_SERVER_STORE_VERDICTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bins of readings must be shorter. */
enum { VERDICTS_BIN_MS_MAX = 4194304 };

/* Whether this server watches in this transaction; another one may be faster. */
bool verdicts_claim(struct db *db, bool *claimed, struct err *e);

struct verdicts_life {
	int64_t service_id, fingerprint_id, slot_id, host_id, id;
	const char *service, *version, *runtime;
	int64_t started_ms, last_ms;
};

/* Ordered by service, version, seat and start. */
bool verdicts_lives(struct db *db, int64_t now_ms, struct arena *a,
	struct verdicts_life **rows, size_t *count, struct err *e);

/* Memory of one life, oldest first. */
struct verdicts_memory {
	int64_t life_id;
	bool is_private;  /* private memory; false: resident */
	int64_t limit_kb; /* of its control group, 0: none */
	const int64_t *at_ms, *low_kb;
	size_t count;
};

/* Of lives ids[i], in bins of bin_ms[i], from `from_ms` on.  Ordered by
 * life_id. */
struct verdicts_wanted {
	const int64_t *ids, *bin_ms;
	size_t count;
	int64_t from_ms;
};

bool verdicts_memory(struct db *db, const struct verdicts_wanted *wanted,
	struct arena *a, struct verdicts_memory **rows, size_t *count, struct err *e);

struct verdicts_host {
	int64_t id, mem_total_kb;
};

bool verdicts_hosts(struct db *db, int64_t from_ms, struct arena *a,
	struct verdicts_host **rows, size_t *count, struct err *e);

struct verdicts_reason {
	bool speaks_for;
	const char *text;
};

struct verdicts_reasons {
	const struct verdicts_reason *items;
	size_t count;
};

/* [{"for": true, "text": "..."}], as it is stored. */
const char *verdicts_reasons_json(struct verdicts_reasons reasons, struct arena *a);

struct verdicts_slot {
	int64_t slot_id, life_id, fingerprint_id, at_ms;
	const char *verdict, *series, *summary;
	struct figures_rate rate;
	int64_t value_kb, limit_kb, exhaust_ms, onset_ms, wait_s, restarts;
	struct verdicts_reasons reasons;
};

bool verdicts_save_slots(
	struct db *db, const struct verdicts_slot *rows, size_t count, struct err *e);

struct verdicts_version {
	int64_t fingerprint_id, service_id, at_ms;
	const char *verdict, *summary;
	struct figures_rate rate;
	int64_t slots, slots_leaking, hosts, hosts_leaking, exhaust_ms, wait_s;
	struct verdicts_reasons reasons;
};

bool verdicts_save_versions(struct db *db, const struct verdicts_version *rows,
	size_t count, struct err *e);

/* What was said of these versions before still stands. */
bool verdicts_hold_versions(
	struct db *db, struct figures_ids fingerprints, int64_t now_ms, struct err *e);

/* The sparkline of each service: two hours in steps of two minutes. */
bool verdicts_save_trends(struct db *db, int64_t now_ms, struct err *e);

#endif
