/*
 * Packages: a set of "name@version" while it is being found.
 *
 * Each is kept once.  Names are cleaned as the wire wants them (UTF-8 without control
 * bytes, WIRE_NAME_BYTES_MAX); what has no name, or is too long, is left out and
 * counted.  Four times as many as a fingerprint takes are held, so that which are cut
 * does not hang on the order in which they were found.  Owns its memory.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_PACKAGES_H
#define TIDEMARK_AGENT_FINGERPRINT_PACKAGES_H

#include "common/arena.h"
#include "common/buf.h"
#include "schema/insight.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKAGES_HELD_MAX = 4 * FINGERPRINT_PACKAGES_MAX };

struct packages {
	struct buf texts; /* each ends in NUL */
	uint32_t *slots;  /* hashed: offset into texts + 1, 0: free */
	size_t slot_count, count;
	size_t unusable; /* names that no wire takes */
	bool is_cut;
};

/* A zeroed struct is an empty set. */
void packages_finish(struct packages *p);

/* `version` may be "": it is then said to be unknown. */
void packages_add(struct packages *p, const char *name, const char *version);

/* "name@version" as one text: taken as it is. */
void packages_add_whole(struct packages *p, const char *text);

void packages_add_all(struct packages *p, const char *const *texts, size_t count);

/* Sorted bytewise, at most FINGERPRINT_PACKAGES_MAX, with their texts in the arena. */
const char **packages_sorted(
	const struct packages *p, struct arena *a, size_t *count, bool *is_cut);

#endif
