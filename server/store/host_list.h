/*
 * Host list: one by one and all of them at once, and the labels that people give them.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_HOST_LIST_H
#define TIDEMARK_SERVER_STORE_HOST_LIST_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HOST_LIST_MAP_MAX = 10000,
	HOST_LIST_LABELS_MAX = 16, /* of one host */
	HOST_LIST_LABEL_KEY_MAX = 63,
	HOST_LIST_LABEL_VALUE_MAX = 120,
};

enum host_list_agent {
	HOST_LIST_REPORTING,
	HOST_LIST_SILENT,
	HOST_LIST_NEVER,
	HOST_LIST_AGENTS
};

extern const char *const host_list_agent_name[HOST_LIST_AGENTS]; /* "reporting" ... */

struct host_list_place {
	int64_t id;
	const char *name;
	const char *verdict; /* the worst; "" when nothing runs */
	enum host_list_agent agent;
	const char *agent_version;
	int64_t fingerprint_id; /* that most seats of the service run; 0: none */
	int64_t instances, open_alerts;
	int64_t memory_permille; /* in use; -1 when not known */
};

struct host_list_label {
	int64_t host_id;
	const char *key, *value;
};

/* All hosts by name, HOST_LIST_MAP_MAX and one more at most; with a service (0: none)
 * as it fares there. */
bool host_list_map(struct db *db, int64_t service_id, int64_t now_ms, struct arena *a,
	struct host_list_place **rows, size_t *count, struct err *e);

/* ERR_INPUT: what is wrong with a label that somebody entered. */
bool host_list_check_label(const char *key, const char *value, struct err *e);

/* By key and value; of one host, or of all when it is 0. */
bool host_list_labels(struct db *db, int64_t host_id, struct arena *a,
	struct host_list_label **rows, size_t *count, struct err *e);

struct host_list_row {
	int64_t id;
	const char *name, *kernel;
	int64_t cpus, interval_ms, first_seen_ms, label_revision;
	int64_t agent_id; /* the newest that is not revoked, else the newest; 0: none */
};

/* *row is NULL when there is no such host. */
bool host_list_one(struct db *db, int64_t id, struct arena *a,
	struct host_list_row **row, struct err *e);

struct host_list_alert {
	int64_t id;
	const char *state, *level, *kind, *version, *summary;
	struct figures_name service;
};

/* Those that somebody has to see to, with an instance of the host inside. */
bool host_list_alerts(struct db *db, int64_t id, struct arena *a,
	struct host_list_alert **rows, size_t *count, struct err *e);

struct host_list_change {
	int64_t host_id;
	int64_t revision; /* that the caller has seen; 0: any */
	const char *const *keys, *const *values;
	size_t count;
	struct audit_actor actor;
};

/* *moved: the labels are set; else there is no such host or its revision is another. */
bool host_list_set_labels(struct db *db, const struct host_list_change *change,
	struct arena *a, bool *moved, struct err *e);

#endif
