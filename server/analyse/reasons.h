/*
 * Reasons: evidence for and against, in the order in which it is added.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_REASONS_H
#define TIDEMARK_SERVER_ANALYSE_REASONS_H

#include "common/arena.h"
#include "server/analyse/analyse.h"

enum { REASONS_MAX = 16 };

struct reasons {
	struct analyse_reason items[REASONS_MAX];
	size_t count;
};

/* `text` must live in the result's arena; what does not fit is left out. */
void reasons_add(struct reasons *r, bool speaks_for, const char *text);

/* A copy in the arena. */
struct analyse_reasons reasons_finish(const struct reasons *r, struct arena *a);

#endif
