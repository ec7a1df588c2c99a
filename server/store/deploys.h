/*
 * Deploys: moments at which a service changed, said by people or seen by agents.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_DEPLOYS_H
#define TIDEMARK_SERVER_STORE_DEPLOYS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/audit.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEPLOYS_KINDS = 3 };

extern const char *const deploys_kind_name[DEPLOYS_KINDS];

/* The kind of that name, NULL: none has it. */
const char *deploys_kind(const char *text);

struct deploys_row {
	int64_t id;
	struct figures_name service;
	int64_t at_ms, created_ms;
	const char *origin, *kind;          /* "api", "seen"; deploys_kind_name */
	const char *version, *note, *actor; /* "" when not said */
	int64_t fingerprint_id;             /* 0: none */
};

struct deploys_filter {
	int64_t service_id;
	int64_t from_ms, to_ms; /* both in it */
	const char *origin;     /* NULL: any */
	int64_t after_ms,
		after_id; /* start behind this place; after_id 0: at the start */
	int limit;
};

/* Newest first. */
bool deploys_page(struct db *db, const struct deploys_filter *filter, struct arena *a,
	struct deploys_row **rows, size_t *count, struct err *e);

struct deploys_said {
	struct audit_actor actor;
	const char *service, *version, *kind, *note; /* texts may be "", kind not */
	int64_t at_ms;
};

/* Notes a deploy, and in the audit that it was said; *row is NULL when no service has
 * that name.  Said again for the same service, version and time, it is the one that was
 * noted first, and *made is false. */
bool deploys_put(struct db *db, const struct deploys_said *said, struct arena *a,
	struct deploys_row **row, bool *made, struct err *e);

#endif
