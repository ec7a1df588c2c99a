/*
 * Settings: how easily a service alerts.
 *
 * Three words and no figures: calm, normal, eager; "normal" until somebody says
 * otherwise. Each change leaves a row in the audit, in the same transaction, and
 * notifies topic "verdicts".  Results live in the caller's arena; any thread, own
 * connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SETTINGS_H
#define TIDEMARK_SERVER_STORE_SETTINGS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

enum { SETTINGS_SENSITIVITIES = 3 };

/* "calm", "normal", "eager" */
extern const char *const settings_sensitivity_name[SETTINGS_SENSITIVITIES];

/* The name as it stands in the list above; NULL when it does not. */
const char *settings_sensitivity(const char *text);

struct settings {
	int64_t service_id;
	const char *service;
	const char *sensitivity;
	bool is_default;        /* nobody set it */
	const char *changed_by; /* NULL: nobody */
	int64_t changed_ms;     /* 0: never */
	int64_t revision;       /* 1: nobody set it */
};

/* *settings is NULL when there is no such service. */
bool settings_get(struct db *db, int64_t service_id, struct arena *a,
	struct settings **settings, struct err *e);

/* Of all services behind the id after_id, by id; at most limit. */
bool settings_page(struct db *db, int64_t after_id, int64_t limit, struct arena *a,
	struct settings **rows, size_t *count, struct err *e);

struct settings_change {
	int64_t service_id;
	const char *sensitivity;
	struct audit_actor actor;
	int64_t now_ms;
	int64_t revision; /* only of this one; 0: of any */
};

/* *settings as they stand afterwards, NULL when there is no such service; *moved_on:
 * they are of another revision by now, and not changed.  Not inside a transaction. */
bool settings_put(struct db *db, const struct settings_change *change, struct arena *a,
	struct settings **settings, bool *moved_on, struct err *e);

#endif
