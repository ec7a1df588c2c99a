/*
 * Snapshot policy: whether findings of a service may take heap snapshots by themselves.
 *
 * Off until an admin switches it on.  Each change leaves a row in the audit, in the
 * same transaction.  Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SNAPSHOT_POLICY_H
#define TIDEMARK_SERVER_STORE_SNAPSHOT_POLICY_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_POLICY_GROWN_MIN (INT64_C(1) << 20)
#define SNAPSHOT_POLICY_GROWN_MAX (INT64_C(1) << 40)

struct snapshot_policy {
	bool enabled;
	int64_t grown_bytes; /* between the first and the second */
	bool with_control;   /* one of a version that does not leak */
	const char *changed_by;
	int64_t changed_ms; /* 0: never */
};

/* *policy is NULL when there is no such service; the default when nobody set it. */
bool snapshot_policy_get(struct db *db, int64_t service_id, struct arena *a,
	struct snapshot_policy **policy, struct err *e);

struct snapshot_policy_change {
	int64_t service_id;
	const struct snapshot_policy *to; /* changed_* are not read */
	struct audit_actor actor;
	int64_t now_ms;
};

/* *policy as it stands afterwards, NULL when there is no such service.  Not inside a
 * transaction. */
bool snapshot_policy_put(struct db *db, const struct snapshot_policy_change *change,
	struct arena *a, struct snapshot_policy **policy, struct err *e);

/* For the watch, which follows the policies (server/watch/capturing.h). */

/* An active finding of a service whose policy is on; not one that people resolved. */
struct snapshot_policy_case {
	int64_t finding_id, service_id, fingerprint_id;
	const char *service, *version;
	int64_t grown_bytes;
	bool with_control;
	int64_t refused_ms; /* when a policy's question was last refused; 0: never */
	bool is_skip_noted; /* the audit says that it must be left */
};

/* Those of one service stand together. */
bool snapshot_policy_cases(struct db *db, struct arena *a,
	struct snapshot_policy_case **rows, size_t *count, struct err *e);

/* A seat of a service with its newest process and what was said of that. */
struct snapshot_policy_seat {
	int64_t service_id, slot_id, generation_id, fingerprint_id;
	bool runs;
	const char *verdict; /* "" when there is none */
	bool has_rate;
	double rate_low_kb_h;
	int64_t value_kb; /* newest; -1: not known */
	int64_t started_ms;
	bool is_near_limit; /* reaches it within the hour */
};

/* A capture of a service: of one of the findings, or under way, or lately asked for. */
struct snapshot_policy_past {
	int64_t id, service_id, finding_id, generation_id;
	const char *cause, *state;
	const char *gate; /* of its card; NULL: no card */
	int64_t asked_ms, ordered_ms;
	int64_t low_kb;      /* lowest memory soon after its snapshot; -1: not known */
	bool is_left_noted;  /* the audit says that it was left to people */
	int64_t host_id;     /* of its process */
	int64_t low_from_ms; /* low_kb, which is not known here, is that of the ten
				minutes from then on; 0: of no time */
};

struct snapshot_policy_facts {
	struct snapshot_policy_seat *seats;
	size_t seat_count;
	struct snapshot_policy_past *past; /* newest first */
	size_t past_count;
};

/* Of the services of these cases. */
bool snapshot_policy_facts(struct db *db, const struct snapshot_policy_case *cases,
	size_t count, int64_t now_ms, struct arena *a,
	struct snapshot_policy_facts *out, struct err *e);

#endif
