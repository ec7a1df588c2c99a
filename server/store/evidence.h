/*
 * Evidence: the detector's side of findings and alerts.
 *
 * What people do to alerts is in alerts.h.  Only the watch calls this, on its own
 * connection and inside the transaction of its turn.  Results live in the caller's
 * arena.  Times are Unix ms, 0: not known.
 */
#ifndef TIDEMARK_SERVER_STORE_EVIDENCE_H
#define TIDEMARK_SERVER_STORE_EVIDENCE_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"
#include "server/store/verdicts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_LEAK "leak" /* finding.kind */

struct evidence_finding {
	int64_t id, fingerprint_id;
	bool active;
	int64_t last_ms;
	int64_t alert_id; /* 0: none */
	bool is_resolved; /* by people */
	int64_t resolved_ms;
	bool is_unseen; /* a seat that leaked ran when its agent fell silent, lately */
};

struct evidence_wanted {
	struct figures_ids fingerprints;
	int64_t now_ms;
};

/* Those that are active, and those of the given versions. */
bool evidence_find(struct db *db, const struct evidence_wanted *wanted, struct arena *a,
	struct evidence_finding **rows, size_t *count, struct err *e);

struct evidence_row {
	int64_t service_id, fingerprint_id, now_ms, onset_ms, exhaust_ms;
	struct figures_rate rate;
	int64_t slots, slots_leaking, hosts, hosts_leaking;
	const char *summary;
	struct verdicts_reasons reasons;
	/* The seats that leak, side by side. */
	const int64_t *slot_ids;
	const struct figures_rate *slot_rates;
	size_t slot_count;
};

/* Writes a finding, new or known, as active. */
bool evidence_save(struct db *db, const struct evidence_row *row, struct arena *a,
	int64_t *finding_id, struct err *e);

bool evidence_quiet(struct db *db, int64_t finding_id, struct arena *a, struct err *e);

/* Opens the alert of a new finding. */
bool evidence_alert(struct db *db, int64_t finding_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e);

/* Opens a resolved alert again. */
bool evidence_reopen(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e);

/* Notes "quiet" or "growing" in the story of an alert. */
struct evidence_remark {
	int64_t alert_id, now_ms;
	const char *kind, *text;
};

bool evidence_remark(struct db *db, const struct evidence_remark *remark,
	struct arena *a, struct err *e);

#endif
