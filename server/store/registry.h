/*
 * Registry: names and processes to the integers that samples carry.
 *
 * Finds or makes service, fingerprint, slot and generation of each process of a round,
 * a whole round at once, and remembers them: a process that was seen before costs one
 * look-up in memory.  The memory belongs to one thread and one connection.
 *
 * What is remembered must be true in the database: after a rollback call
 * registry_forget, since rows made in that transaction are gone.
 */
#ifndef TIDEMARK_SERVER_STORE_REGISTRY_H
#define TIDEMARK_SERVER_STORE_REGISTRY_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/wire.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A process life's row is told of its newest sample this often, by the clock of the
 * wall, not of the samples: a backlog moves it no more than live data does.  Rows that
 * are due are gathered for a while, and told in one statement. */
enum { REGISTRY_SEEN_MS = 45000, REGISTRY_GATHER_MS = 5000 };

struct registry;
struct registry_entry;

struct registry *registry_create(void);
void registry_destroy(struct registry *r);
void registry_forget(struct registry *r);

struct registry_want {
	int32_t host_id;
	const char *boot_id;
	const struct wire_process *process;
	int64_t seen_ms; /* its newest sample */

	int32_t generation_id;        /* the answer */
	unsigned made;                /* rows that were made for it */
	struct registry_entry *entry; /* of the generation; the registry's own */
};

/* Whether this process life is remembered where the want says it is, so that resolving
 * it makes nothing. */
bool registry_knows(struct registry *r, const struct registry_want *want);

/* Fills the answers, and writes when it was last seen where that is due at `mono_ms`.
 * Inside a transaction. */
bool registry_resolve(struct registry *r, struct db *db, struct registry_want *wants,
	size_t count, int64_t mono_ms, struct arena *a, struct err *e);

#endif
