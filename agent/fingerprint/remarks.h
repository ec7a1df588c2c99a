/*
 * Remarks: what could not be read, and why, while a fingerprint is made.
 *
 * At most FINGERPRINT_REMARKS_MAX; the same words once; texts are in the arena.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_REMARKS_H
#define TIDEMARK_AGENT_FINGERPRINT_REMARKS_H

#include "common/arena.h"
#include "schema/insight.h"

struct remarks {
	struct arena *arena;
	const char *items[FINGERPRINT_REMARKS_MAX];
	size_t count;
};

void remarks_add(struct remarks *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
