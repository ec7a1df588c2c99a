/*
 * Insights: what a round says of contents, censuses, warnings, sources and queues.
 * Part of settle.
 *
 * Goes into the round's transaction.  An agent that brings more of it than a host has
 * is broken or another's by now: the rest is left out, and its row says so.  One
 * thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_INSIGHTS_H
#define TIDEMARK_SERVER_INGEST_INSIGHTS_H

#include "common/err.h"
#include "server/ingest/round.h"
#include "server/store/db.h"
#include "server/store/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* Of one agent; rows that stay, but for the last two. */
	INSIGHTS_PACKAGES_PER_HOUR = 200000, /* of contents that are new */
	INSIGHTS_NAMES_PER_HOUR = 50000,     /* of censuses */
	INSIGHTS_QUEUES_PER_HOUR = 2000,     /* and sources that are new */
	INSIGHTS_WARNINGS_PER_HOUR = 3600,
	INSIGHTS_CENSUSES_PER_HOUR = 10000,
	INSIGHTS_READINGS_PER_HOUR = 250000, /* of queues */
};

enum insights_quota {
	INSIGHTS_PACKAGES,
	INSIGHTS_NAMES,
	INSIGHTS_QUEUES,
	INSIGHTS_WARNINGS,
	INSIGHTS_CENSUSES,
	INSIGHTS_READINGS,
	INSIGHTS_QUOTAS
};

struct insights;

struct insights *insights_create(void);
void insights_destroy(struct insights *f);

/* Of a stored batch. */
struct insights_word {
	const struct round_item *item;
	int32_t host_id;
	const struct registry_want *wants; /* resolved, of the batch's processes */

	/* Answered. */
	uint64_t spent[INSIGHTS_QUOTAS];
	uint64_t left_out;
	const char *reason; /* why something was; NULL: nothing */
};

/* `words` are in order of their agents.  Inside the transaction. */
bool insights_settle(struct insights *f, struct db *db, struct insights_word *words,
	size_t count, struct arena *a, struct err *e);

/* After the commit: spends the agents' quotas. */
void insights_committed(
	struct insights *f, const struct insights_word *words, size_t count);

#endif
