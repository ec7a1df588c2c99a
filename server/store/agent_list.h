/*
 * Agent list: the enrolled agents as people look at them, and their revocation.
 *
 * What agents themselves write is in agents.h.  Results live in the caller's arena; any
 * thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_AGENT_LIST_H
#define TIDEMARK_SERVER_STORE_AGENT_LIST_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent_list_row {
	int64_t id;
	struct figures_name host;
	const char *version, *kernel,
		*state; /* "reporting" "silent" "never" "revoked" */
	int64_t enrolled_ms, revoked_ms, last_seen_ms, last_sample_ms;
	bool skew_known;
	int64_t clock_skew_ms;
	int64_t spool_bytes, spool_batches, stored_batches, repeated_batches;
	int64_t refused_batches, refused_values, lost_batches;
	const char *last_refusal; /* NULL: none */
	int64_t cpus, interval_ms;
	int64_t mem_total_kb, mem_available_kb; /* newest; -1 when it is silent */
	/* As in config_agents.h; config_state is NULL for one that is revoked. */
	struct figures_name group;
	const char *config_state;
	int64_t desired_id, acked_id;
	int64_t cpu_ppm, rss_bytes; /* of itself; -1: not known */
};

struct agent_list_filter {
	const char *after_host; /* start behind this place; NULL: at the start */
	int64_t after_id;
	int limit;
};

/* By host. */
bool agent_list_page(struct db *db, const struct agent_list_filter *filter,
	int64_t now_ms, struct arena *a, struct agent_list_row **rows, size_t *count,
	struct err *e);

/* *row is NULL when there is no such agent. */
bool agent_list_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct agent_list_row **row, struct err *e);

struct agent_list_revocation {
	int64_t id, now_ms;
	struct audit_actor actor;
};

/* *row is NULL when there is no such agent.  Revoking twice keeps the first time.  A
 * transaction of its own, with its row in the audit ("agent.revoke"). */
bool agent_list_revoke(struct db *db, const struct agent_list_revocation *revocation,
	struct arena *a, struct agent_list_row **row, struct err *e);

#endif
