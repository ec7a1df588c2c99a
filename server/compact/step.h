/*
 * Step: what the steps of compacting share: connections, how much memory a pass may
 * take, what was done, and when to stop.
 */
#ifndef TIDEMARK_SERVER_COMPACT_STEP_H
#define TIDEMARK_SERVER_COMPACT_STEP_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Totals since the start. */
struct step_counts {
	uint64_t windows, days, groups, late_groups;
	uint64_t rows, late_rows; /* that became segments; that became chunks */
	uint64_t segments, segment_bytes, chunks, chunk_bytes;
	uint64_t damaged; /* columns that were left out */
};

struct step {
	struct db *main;     /* the dictionaries */
	struct db *readings; /* the same, or those of a shard */
	size_t pass_bytes;   /* of readings in memory; 0: STEP_PASS_BYTES */
	struct step_counts counts;
	bool (*is_stopping)(void *context); /* NULL: never */
	void *context;
};

enum { STEP_PASS_BYTES = 52 << 20 };

static inline bool step_is_stopping(const struct step *s)
{
	return s->is_stopping && s->is_stopping(s->context);
}

/* For tests: called between the statements of a step, with the place's name. */
extern void (*step_fault)(const char *place);
static inline void step_at(const char *place)
{
	if (step_fault)
		step_fault(place);
}

#endif
