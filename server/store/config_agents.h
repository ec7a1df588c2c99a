/*
 * Config agents: what each agent is to run, and what it says that it runs.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_CONFIG_AGENTS_H
#define TIDEMARK_SERVER_STORE_CONFIG_AGENTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/config_revisions.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 *     own         in no group: runs its own file
 *     same        runs what it is to run
 *     waiting     is told with its next word
 *     overridden  runs it, but for settings that its own file has
 *     refused     runs it, but for settings that it does not take
 *     drift       reports, and runs something else
 *     silent      does not report
 *     old         its version takes no settings
 */
enum { CONFIG_AGENTS_STATES = 8 };
extern const char *const config_agents_state_name[CONFIG_AGENTS_STATES];

struct config_agents_row {
	int64_t id;
	struct figures_name host, group; /* group id 0: none */
	const char *version, *state;
	int64_t desired_id;         /* 0: its own file */
	int64_t acked_id, acked_ms; /* acked_id -1: it has not said */
	const char *exceptions;     /* "interval overridden,inspect forbidden", "" */
	int64_t cpu_ppm, rss_bytes; /* -1: not known */
	enum config_revisions_stage stage; /* of a rollout under way */
};

struct config_agents_filter {
	int64_t group_id;          /* 0: any */
	const char *const *states; /* of config_agents_state_name */
	size_t state_count;
	const char *after_host; /* start behind this place; NULL: at the start */
	int64_t after_id;
	int limit;
};

/* By host. */
bool config_agents_page(struct db *db, const struct config_agents_filter *filter,
	int64_t now_ms, struct arena *a, struct config_agents_row **rows, size_t *count,
	struct err *e);

#endif
