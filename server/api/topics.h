/*
 * Topics: what can change, and the pace at which clients hear of it.
 *
 * A topic is told at once when it was quiet, and then at most once a second, however
 * often it changes.  Pure; times are monotonic milliseconds.
 */
#ifndef TIDEMARK_SERVER_API_TOPICS_H
#define TIDEMARK_SERVER_API_TOPICS_H

#include "common/buf.h"

#include <stdint.h>

enum { TOPICS_COUNT = 9, TOPICS_PACE_MS = 1000 };

/* A set of topics: bit i stands for topics_name[i]. */
extern const char *const topics_name[TOPICS_COUNT];

/* The set of one topic, 0 for an unknown name. */
unsigned topics_parse(const char *name);

/* {"topics":["alerts","samples"]} */
void topics_write(unsigned set, struct buf *out);

struct topics {
	unsigned pending;
	int64_t quiet_until_ms[TOPICS_COUNT];
};

void topics_add(struct topics *t, unsigned set);

/* What is to be told now; it is pending no more. */
unsigned topics_take(struct topics *t, int64_t now_ms);

/* When topics_take has something, INT64_MAX: nothing is pending. */
int64_t topics_due_ms(const struct topics *t);

#endif
