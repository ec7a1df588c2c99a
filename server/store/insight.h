/*
 * Insight: what scouts found out, on its way into the database.
 *
 * Contents of versions with their packages, censuses, warnings, sources and queues
 * (schema/insight.h).  Each call belongs into the caller's transaction; words that are
 * there already change nothing, or the row that they belong to.  `made` tells how many
 * rows of what grows without bounds are new: packages of a content, names of a census,
 * warnings, sources and queues.  How much of it one agent may bring is the caller's to
 * limit.
 */
#ifndef TIDEMARK_SERVER_STORE_INSIGHT_H
#define TIDEMARK_SERVER_STORE_INSIGHT_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/wire_batch.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "max_listeners" ... by enum warning_kind. */
extern const char *const insight_warning_name[];

bool insight_put_content(struct db *db, const struct fingerprint *content,
	struct arena *a, uint64_t *made, struct err *e);

bool insight_put_census(struct db *db, int32_t generation_id,
	const struct census *census, struct arena *a, uint64_t *made, struct err *e);

/* generation_id 0: of no process that is followed.  Words that differ in nothing but
 * figures (insight_is_figure) are the same warning. */
bool insight_put_warning(struct db *db, int32_t host_id, int32_t generation_id,
	const struct warning *warning, struct arena *a, uint64_t *made, struct err *e);

/* Whether a field of that name says how much, not what. */
bool insight_is_figure(const char *field);

bool insight_put_sources(struct db *db, int32_t host_id,
	const struct source_state *sources, size_t count, struct arena *a,
	uint64_t *made, struct err *e);

/* The partitions of their days must exist. */
bool insight_put_queues(struct db *db, int32_t host_id, const struct wire_queue *queues,
	size_t count, struct arena *a, uint64_t *made, struct err *e);

#endif
