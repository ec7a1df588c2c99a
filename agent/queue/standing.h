/*
 * Standing: how a source does, told when it changes and once a minute; and how long to
 * leave one alone that fails.  One thread.
 */
#ifndef TIDEMARK_AGENT_QUEUE_STANDING_H
#define TIDEMARK_AGENT_QUEUE_STANDING_H

#include "agent/part/part.h"

#include <stdbool.h>
#include <stdint.h>

enum { STANDING_MOST_MS = 300000 };

struct standing {
	const char *name, *kind; /* borrowed */
	bool has_said, worked;
	char text[512];
	int64_t said_mono_ms;
	int failures; /* in a row */
};

struct standing_look {
	bool works;
	const char *text; /* of the failure; or a remark */
	int64_t took_us;
};

void standing_say(struct standing *s, struct post *post, const struct standing_look *l);

/* Until the next look: the interval, doubled with each failure, to five minutes. */
int64_t standing_wait_ms(const struct standing *s, int64_t interval_ms);

#endif
