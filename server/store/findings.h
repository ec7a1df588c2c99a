/*
 * Findings: evidence that a service leaks, one for each cause.
 *
 * `versions` is JSON, as `reasons` is: [{"id": 7, "version": "1.1.0"}].
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_FINDINGS_H
#define TIDEMARK_SERVER_STORE_FINDINGS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct findings_row {
	int64_t id;
	struct figures_name service, version; /* the version that leaks most */
	const char *kind, *level, *cause, *summary, *reasons, *versions;
	struct figures_ids version_ids;
	bool active;
	struct figures_rate rate;
	int64_t first_ms, last_ms;
	int64_t silent_since_ms; /* nothing is read of any seat inside; 0: something is
				  */
	struct figures_moment onset, exhaust;
	int64_t instances, instances_leaking, hosts, hosts_leaking;
};

struct findings_filter {
	int64_t service_id; /* 0: any */
	int active;         /* 1, 0; -1: any */
	const char *const *levels, *const *kinds;
	size_t level_count, kind_count; /* 0: any */
	int64_t after_id;               /* 0: from the start */
	int limit;
};

/* Newest first. */
bool findings_page(struct db *db, const struct findings_filter *filter, struct arena *a,
	struct findings_row **rows, size_t *count, struct err *e);

/* For queries of server/store that join table finding with `service` and `version`. */
struct findings_row findings_row_read(
	const struct db_rows *rows, int row, struct arena *a);

#endif
