/*
 * Search: what has a text in its name, whatever it is.
 *
 * Results live in the caller's arena; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_SEARCH_H
#define TIDEMARK_SERVER_STORE_SEARCH_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum search_kind {
	SEARCH_HOST,
	SEARCH_SERVICE,
	SEARCH_VERSION,
	SEARCH_ALERT,
	SEARCH_PACKAGE,
	SEARCH_KINDS,
};

struct search_row {
	enum search_kind kind;
	int64_t id;                  /* 0 of a package */
	const char *name;            /* of an alert its summary */
	const char *detail;          /* verdict of a service, state of an alert */
	struct figures_name service; /* of a version and an alert */
};

/* By kind, within one the best first.  Large and small letters are the same. */
bool search_find(struct db *db, const char *text, struct arena *a,
	struct search_row **rows, size_t *count, struct err *e);

#endif
