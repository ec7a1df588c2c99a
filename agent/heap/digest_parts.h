/*
 * Parts of a digest: what digest.c makes and digest_file.c writes and reads.  For
 * these two only.
 */
#ifndef TIDEMARK_AGENT_HEAP_DIGEST_PARTS_H
#define TIDEMARK_AGENT_HEAP_DIGEST_PARTS_H

#include "agent/heap/digest.h"
#include "common/arena.h"
#include "common/buf.h"

struct digest_row {
	const char *key, *name, *location;
};

/* The plain objects with the same properties. */
struct digest_shape {
	uint32_t row, next; /* next: of those with one hash, while it is made */
	const char *place;
	size_t first, count; /* of digest.properties */
};

/* Differences of ids; class and one; own size; what it retains beyond that. */
enum { DIGEST_IDS, DIGEST_CLASSES, DIGEST_SELF, DIGEST_RETAINED, DIGEST_COLUMNS };

struct digest {
	struct digest_facts facts;
	struct arena arena; /* of texts and rows */
	struct digest_row *rows;
	size_t row_count;
	struct digest_shape *shapes; /* classes from row_count on */
	size_t shape_count, shape_capacity;
	uint64_t *properties;
	size_t property_count, property_capacity;
	struct buf columns[DIGEST_COLUMNS];
};

#endif
