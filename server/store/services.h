/*
 * Services: what runs, in which versions, and what the detector says of it.
 *
 * Results live in the caller's arena; any thread, own connection.  `reasons` is JSON as
 * the detector stored it: [{"for": true, "text": "..."}].
 */
#ifndef TIDEMARK_SERVER_STORE_SERVICES_H
#define TIDEMARK_SERVER_STORE_SERVICES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory of the whole service over the last hours; step_ms 0: not known yet. */
struct services_trend {
	int64_t from_ms, step_ms;
	const int64_t *rss_kb;
	const bool *is_null;
	size_t count;
};

/* Where and since when a service grows: of its worst version. */
struct services_growth {
	struct figures_name version;
	struct figures_name since; /* the first version of the cause; id 0: not known */
	int64_t instances, instances_leaking, hosts, hosts_leaking;
	int64_t onset_ms, exhaust_ms;
};

struct services_row {
	int64_t id;
	const char *name;
	const char *verdict, *level, *kind, *summary; /* of the worst version */
	struct figures_rate rate;
	int64_t first_seen_ms, memory_kb, hosts, instances, open_alerts;
	struct services_trend trend;
	struct services_growth growth; /* of lists; version id 0: not judged */
	int64_t rank; /* with rate_order and id the place in the list */
	double rate_order;
};

struct services_filter {
	const char *name_part, *verdict; /* NULL: any */
	bool has_after;                  /* start behind this place */
	int64_t after_rank, after_id;
	double after_rate;
	int limit;
};

/* Worst first. */
bool services_page(struct db *db, const struct services_filter *filter, int64_t now_ms,
	struct arena *a, struct services_row **rows, size_t *count, struct err *e);

/* *row is NULL when there is no such service. */
bool services_one(struct db *db, int64_t id, int64_t now_ms, struct arena *a,
	struct services_row **row, struct err *e);

/* Whether there is one. */
bool services_exists(
	struct db *db, int64_t id, struct arena *a, bool *exists, struct err *e);

struct services_version {
	int64_t service_id, id;
	const char *label; /* what it is called: unique within the service */
	const char *version, *runtime, *verdict, *level, *kind, *summary, *reasons;
	struct figures_rate rate;
	int64_t first_seen_ms, wait_s;
	int64_t onset_ms, exhaust_ms;
	int64_t silent_since_ms;  /* nothing is read of any judged seat; 0: something is
				   */
	int64_t running;          /* seats that run it now */
	int64_t instances, hosts; /* judged; while not judged, running */
	int64_t instances_leaking, hosts_leaking;
};

/* By service, within one the newest first. */
bool services_versions(struct db *db, struct figures_ids ids, int64_t now_ms,
	struct arena *a, struct services_version **rows, size_t *count, struct err *e);

/* The worst of the queues that a service fills or works on: the one that grows most,
 * else the deepest. */
struct services_queue {
	int64_t service_id, queues;
	struct figures_name worst;
	int64_t depth;  /* -1 when not known */
	double net_min; /* what its depth gained a minute; NaN when not known */
};

/* By service, those that have any. */
bool services_queues(struct db *db, struct figures_ids ids, int64_t now_ms,
	struct arena *a, struct services_queue **rows, size_t *count, struct err *e);

struct services_alert {
	int64_t id;
	const char *state, *resolution, *version, *level, *kind, *summary;
};

bool services_alerts(struct db *db, int64_t service_id, struct arena *a,
	struct services_alert **rows, size_t *count, struct err *e);

#endif
