/*
 * Quota: how much each agent may use up within a window of time.
 *
 * An agent is known and may still be broken, or another's by now.  What it spends is
 * counted from its first spending on and forgotten when the window has passed.  One
 * thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_QUOTA_H
#define TIDEMARK_SERVER_INGEST_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct quota;

struct quota *quota_create(uint64_t limit, int64_t window_ms);
void quota_destroy(struct quota *q);

bool quota_is_spent(const struct quota *q, int32_t agent_id, int64_t mono_ms);

/* May go beyond the limit: who spends has asked before. */
void quota_spend(struct quota *q, int32_t agent_id, uint64_t amount, int64_t mono_ms);

/* A new window for everybody. */
void quota_clear(struct quota *q);

#endif
