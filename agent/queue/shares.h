/*
 * Shares: dividing a count by weights, with nothing lost.  Pure.
 */
#ifndef TIDEMARK_AGENT_QUEUE_SHARES_H
#define TIDEMARK_AGENT_QUEUE_SHARES_H

#include <stddef.h>
#include <stdint.h>

/* Adds `amount` to out[0..count), in the proportion of the weights (evenly when all
 * are 0); what does not divide goes to the largest.  count > 0, amount >= 0. */
void shares_divide(int64_t amount, const int64_t *weights, size_t count, int64_t *out);

#endif
