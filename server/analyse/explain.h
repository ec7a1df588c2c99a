/*
 * Explain: a slot's judgement in figures and in words that a tired person can check.
 *
 * Fills the seam's result; everything lives in the arena.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_EXPLAIN_H
#define TIDEMARK_SERVER_ANALYSE_EXPLAIN_H

#include "server/analyse/slot.h"

enum { EXPLAIN_REASONS_MAX = 12 };

/* Reasons in the order in which they are added. */
struct explain_list {
	struct analyse_reason items[EXPLAIN_REASONS_MAX];
	size_t count;
};

/* `text` must live in the result's arena; what does not fit is left out. */
void explain_add(struct explain_list *list, bool speaks_for, const char *text);

/* A copy in the arena. */
const struct analyse_reason *explain_finish(
	const struct explain_list *list, struct arena *a);

void explain_slot(const struct analyse_slot *slot, const struct slot_judgement *j,
	int64_t now_ms, struct arena *a, struct analyse_slot_result *out);

#endif
