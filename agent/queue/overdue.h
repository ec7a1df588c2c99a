/*
 * Overdue: which items have been worked on for far longer than their kind takes, and so
 * were perhaps never marked done.
 *
 * What an item takes is learnt from finished ones where the queue keeps them, else from
 * those that were seen being worked on and are gone.  An item is overdue after three
 * times the 99th percentile of the last OVERDUE_DURATIONS durations, and after a second
 * at least; with fewer than OVERDUE_LEAST nothing can be said.
 *
 * Pure; a plain struct of the caller's, zeroed at first.
 */
#ifndef TIDEMARK_AGENT_QUEUE_OVERDUE_H
#define TIDEMARK_AGENT_QUEUE_OVERDUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OVERDUE_DURATIONS = 200,
	OVERDUE_LEAST = 20,
	OVERDUE_ACTIVE = 128, /* items that are looked at */
	OVERDUE_FLOOR_MS = 1000,
};

struct overdue_item {
	uint64_t id; /* any number that is its own */
	int64_t since_unix_ms;
};

struct overdue {
	int64_t duration_ms[OVERDUE_DURATIONS]; /* a ring */
	size_t count, next;
	struct overdue_item active[OVERDUE_ACTIVE]; /* at the last look */
	size_t active_count;
};

/* Durations of finished items, in the place of all that were learnt. */
void overdue_learn(struct overdue *o, const int64_t *duration_ms, size_t count);

/* Who is being worked on now; who is no more took until now at most.  With `learns`
 * those durations are learnt. */
void overdue_look(struct overdue *o, const struct overdue_item *items, size_t count,
	int64_t now_unix_ms, bool learns);

/* How many of them are overdue, or -1: not known. */
int64_t overdue_count(const struct overdue *o, int64_t now_unix_ms);

/* Of a text, for overdue_item.id. */
uint64_t overdue_id(const char *text);

#endif
