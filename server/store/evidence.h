/*
 * Evidence: the detector's side of findings and alerts.
 *
 * A finding is one cause: a service, a kind, and the versions inside; the kind is that
 * of the last round.  What people do to alerts is in alerts.h.  Only the watch calls
 * this, on its own connection and inside the transaction of its turn.  Results live in
 * the caller's arena.  Times are Unix ms, 0: not known.
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

struct evidence_alert {
	int64_t id; /* 0: none */
	bool is_resolved, is_acknowledged, is_archived;
	const char *resolution;  /* "fixed", "not-a-leak", "gone"; "": it is not */
	const char *resolved_in; /* the version that fixes it, or was to; "": none */
	double seen_kb_h;   /* when somebody last took a step on it; NAN: not known */
	int64_t seen_hosts; /* 0: not known */
	/* What brings it back from the archive; NAN, -1: not that. */
	double above_kb_h;
	int64_t above_hosts;
	int64_t opened_ms, resolved_ms;
	int64_t quiet_ms;  /* since then nothing confirms it */
	int64_t silent_ms; /* since then no agent says how it stands */
};

struct evidence_finding {
	int64_t id, service_id, fingerprint_id;
	const char *kind, *level;
	bool active;
	int64_t first_ms, last_ms, confirmed_ms, onset_ms;
	struct figures_ids versions;
	struct evidence_alert alert;
	bool is_unseen; /* a seat inside ran when its agent fell silent */
	bool is_seen;   /* a seat inside runs */
	int64_t ran_ms; /* of alerts that are quiet: a process of its versions last did
			 */
};

struct evidence_scope {
	struct figures_ids fingerprints, services;
	int64_t now_ms;
};

/* Those that are active or have an alert that is not resolved, those that share one of
 * the versions, and those of the services that were resolved in a version; oldest
 * first. */
bool evidence_find(struct db *db, const struct evidence_scope *scope, struct arena *a,
	struct evidence_finding **rows, size_t *count, struct err *e);

struct evidence_row {
	int64_t id; /* 0: a new one */
	int64_t service_id, fingerprint_id, now_ms;
	const char *kind, *level, *cause, *summary;
	struct figures_rate rate;
	struct verdicts_moment onset, exhaust;
	int64_t slots, slots_leaking, hosts, hosts_leaking;
	struct verdicts_reasons reasons;
	struct figures_ids versions;
	/* The seats that leak, side by side. */
	const int64_t *slot_ids;
	const struct figures_rate *slot_rates;
	size_t slot_count;
};

/* Writes a finding, new or known, as active. */
bool evidence_save(struct db *db, const struct evidence_row *row, struct arena *a,
	int64_t *finding_id, struct err *e);

/* No longer active. */
bool evidence_rest(struct db *db, int64_t finding_id, struct arena *a, struct err *e);

/* Opens the alert of a new finding. */
bool evidence_open(struct db *db, int64_t finding_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e);

/* Opens a resolved alert again. */
bool evidence_reopen(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e);

/* The same, because the version that was to fix it leaks. */
bool evidence_regress(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e);

/* Opens one that is acknowledged or archived: it got worse. */
bool evidence_escalate(struct db *db, int64_t alert_id, int64_t now_ms,
	const char *text, struct arena *a, struct err *e);

/* Opens those whose acknowledgement or archive has come to its end.  *expired: there
 * were some. */
bool evidence_expire(
	struct db *db, int64_t now_ms, struct arena *a, bool *expired, struct err *e);

/* Resolves it as "gone". */
bool evidence_resolve(struct db *db, int64_t alert_id, int64_t now_ms, const char *text,
	struct arena *a, struct err *e);

/* Keeps quiet_ms and silent_ms. */
bool evidence_quiet(struct db *db, const struct evidence_alert *alert, struct arena *a,
	struct err *e);

/* Notes "quiet" or "growing" in the story of an alert. */
struct evidence_remark {
	int64_t alert_id, now_ms;
	const char *kind, *text;
};

bool evidence_remark(struct db *db, const struct evidence_remark *remark,
	struct arena *a, struct err *e);

/* The newest process of a seat. */
struct evidence_seat {
	int64_t slot_id, service_id, host_id, life_id;
	int64_t started_ms;
};

/* Of the seats that have one. */
bool evidence_seats(struct db *db, struct figures_ids slots, struct arena *a,
	struct evidence_seat **rows, size_t *count, struct err *e);

#endif
