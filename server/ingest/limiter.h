/*
 * Limiter: how often one address may knock at the enrol socket.
 *
 * Guards the database, not the secret of a token, which nobody guesses.  A bucket per
 * address (of IPv6 its first 64 bits), filled at a steady rate.  When more addresses
 * knock than there are buckets, the one that knocked longest ago is given up.  One
 * thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_LIMITER_H
#define TIDEMARK_SERVER_INGEST_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LIMITER_BURST = 400, /* knocks at once: a fleet behind one address joins */
	LIMITER_PER_SECOND = 20,
	LIMITER_ADDRESSES_MAX = 4096,
};

struct limiter;

struct limiter *limiter_create(void);
void limiter_destroy(struct limiter *l);

/* Whether `address` may now; counts the knock. */
bool limiter_allow(struct limiter *l, const char *address, int64_t mono_ms);

#endif
