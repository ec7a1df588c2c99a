/*
 * Groups: the fleet by host, by version, or by a label of hosts.
 *
 * Figures are of the processes that run; what grows is summed up.  Results live in the
 * caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_GROUPS_H
#define TIDEMARK_SERVER_STORE_GROUPS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum groups_by { GROUPS_HOST, GROUPS_VERSION, GROUPS_LABEL, GROUPS_BY };

extern const char *const groups_by_name[GROUPS_BY]; /* "host" "version" "label" */

struct groups_row {
	int64_t id;       /* of the host or the version; 0 of a label's value */
	const char *name; /* "" for hosts without the label */
	struct figures_name service;        /* of a version; id 0 else */
	const char *verdict, *level, *kind; /* of the worst inside */
	struct figures_rate rate;           /* of a version the mean, else the sum */
	int64_t memory_kb;                  /* -1 when not known */
	int64_t instances, services, hosts;
	int64_t instances_leaking, services_leaking, hosts_leaking;
	int64_t open_alerts, onset_ms, exhaust_ms;
	struct figures_name worst_service, worst_version; /* id 0: none */
	const char *sort_name; /* with rank, rate_order and id the place in the list */
	int64_t rank;
	double rate_order;
};

struct groups_filter {
	enum groups_by by;
	const char *label;               /* key, with GROUPS_LABEL */
	const char *name_part, *verdict; /* NULL: any */
	const char *after_name; /* start behind this place; NULL: at the start */
	int64_t after_rank, after_id;
	double after_rate;
	int limit;
};

/* Worst first. */
bool groups_page(struct db *db, const struct groups_filter *filter, int64_t now_ms,
	struct arena *a, struct groups_row **rows, size_t *count, struct err *e);

#endif
