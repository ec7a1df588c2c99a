/*
 * Members: the subjects of some span of time, in their groups.
 *
 * A group is a service on a block of hosts, or (service 0) the hosts of a block
 * themselves: what one segment holds.
 */
#ifndef TIDEMARK_SERVER_COMPACT_MEMBERS_H
#define TIDEMARK_SERVER_COMPACT_MEMBERS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"
#include "server/store/hot.h"
#include "server/store/lives.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct members_member {
	int32_t subject; /* a generation or a host */
	int32_t service, block;
	int32_t slot, fingerprint; /* of a process */
	int64_t rows;
};

/* In order of service, block and subject. */
struct members {
	struct members_member *list;
	size_t count;
};

/* Of counted processes; asks the database of the dictionaries where they belong. */
bool members_of_processes(struct db *dictionaries, const struct hot_count *counts,
	size_t count, struct arena *a, struct members *out, struct err *e);
void members_of_hosts(const struct hot_count *counts, size_t count, struct arena *a,
	struct members *out);

/* The end of the group that begins at `first`. */
size_t members_group_end(const struct members *m, size_t first);

#endif
