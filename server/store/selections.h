/*
 * Selections: what the parts of a selection are called (see server/api/selection.h).
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SELECTIONS_H
#define TIDEMARK_SERVER_STORE_SELECTIONS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdint.h>

/* Ids; 0: not chosen. */
struct selections_key {
	int64_t service, version, host, instance;
};

/* NULL: there is none such. */
struct selections_names {
	const char *service, *version, *host, *instance_host;
	int64_t ordinal; /* of the instance on its host */
};

bool selections_names(struct db *db, const struct selections_key *key, struct arena *a,
	struct selections_names *out, struct err *e);

#endif
