/*
 * Reader: reads the subjects that are due, and what they tell becomes values.
 *
 * Preload sockets are asked all at once, JVM files read one after the other, and at
 * most one inspector is opened in a round.  What a reading takes of our time and of the
 * process's is measured: one that is over the budget twice running, or fails thrice, is
 * read four times as seldom from then on, down to once in ten minutes, and more often
 * again when it has gone well for a while.
 *
 * One thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_READER_H
#define TIDEMARK_AGENT_INSIDES_READER_H

#include "agent/insides/headcount.h"
#include "agent/insides/subjects.h"
#include "common/arena.h"

enum { READER_BUDGET_US = 5000 };

struct reader {
	const struct config *config;
	int stop_fd;
};

/* One subject that was read.  In the round's arena. */
struct reading {
	struct subject *subject;
	bool ok;
	bool has_statistics; /* of Node.js */
	struct door_statistics statistics;
	struct headcount *headcount; /* when its heap was counted; NULL */
	struct wire_values values;
};

/* Reads those that are due; `*count` of them are given.  NULL: it is to stop. */
struct reading *reader_run(const struct reader *r, struct subjects *s, int64_t now_ms,
	struct arena *a, size_t *count);

/* Reads one now, whatever is due, with a census if it may be and `census` says so. */
void reader_one(
	const struct reader *r, struct reading *reading, bool census, struct arena *a);

#endif
