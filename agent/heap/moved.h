/*
 * Moved: objects that no path joins any more.
 *
 * An object that is suddenly reached on another way (a new alias, a shorter path) has
 * another path, and so has everything behind it; it is not new for that.  What is left
 * over on both sides after paths were compared is therefore paired class by class, the
 * one that retains most with the one that retained most.  What is then still left over
 * has come, or gone: turnover within a class is not seen.
 *
 * Twenty-four bytes per object that is left over.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_MOVED_H
#define TIDEMARK_AGENT_HEAP_MOVED_H

#include <stddef.h>
#include <stdint.h>

struct moved_item {
	uint32_t row;  /* of the diff */
	uint32_t node; /* of the newer graph; of the older side unused */
	uint64_t self_bytes, retained_bytes;
};

struct moved_side {
	struct moved_item *items;
	size_t count, capacity;
};

/* A zeroed struct is empty. */
struct moved {
	struct moved_side older, newer;
};

void moved_add(struct moved_side *side, const struct moved_item *item);

/* Calls `pair` for every two that belong together. */
void moved_pair(struct moved *m, void *context,
	void (*pair)(void *context, const struct moved_item *older,
		const struct moved_item *newer));

void moved_finish(struct moved *m);

#endif
