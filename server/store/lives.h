/*
 * Lives: where processes belong, for who has only their numbers.
 *
 * Asked of the database of the dictionaries.  Results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_STORE_LIVES_H
#define TIDEMARK_SERVER_STORE_LIVES_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIVES_UNKNOWN = -1 }; /* the service of a process that nobody knows */

struct lives_life {
	int32_t generation, slot, service, host, fingerprint;
};

/* One for each id, in their order, which must rise. */
bool lives_find(struct db *db, const int32_t *ids, size_t count, struct arena *a,
	struct lives_life **out, struct err *e);

struct lives_list {
	struct lives_life *list;
	size_t count;
};

/* All of these slots that lived in [from, to), in order of their start. */
bool lives_of_slots(struct db *db, const int32_t *slots, size_t count, int64_t from_ms,
	int64_t to_ms, struct arena *a, struct lives_list *out, struct err *e);

#endif
