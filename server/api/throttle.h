/*
 * Throttle: makes guessing passwords slow.
 *
 * Counts failed logins per account name and peer address together, and per address.  Of
 * an IPv6 address the first 64 bits count (proxies_group).
 * From the third failure on each further try has to wait, twice as long each time: 1 s,
 * 2 s, 4 s ... up to a minute.  The name alone costs a second at most, wherever the
 * failures came from: a stranger who fails on purpose must not lock its owner out.  A
 * name that does not exist counts like one that does.
 *
 * A try is counted when it begins, so that many at once gain nothing.  Forgets what is
 * an hour old, and the oldest when there are too many.  Safe from any thread.
 */
#ifndef TIDEMARK_SERVER_API_THROTTLE_H
#define TIDEMARK_SERVER_API_THROTTLE_H

#include <stdint.h>

struct throttle;

struct throttle *throttle_create(void);
void throttle_destroy(struct throttle *t);

struct throttle_try {
	const char *address, *name;
	int64_t now_ms; /* monotonic */
};

/* 0: the try is counted, go on.  Else it is not, and may be made in so many ms. */
int64_t throttle_begin(struct throttle *t, const struct throttle_try *attempt);

/* The password was right: the failures of this name at this address are forgotten; the
 * address only gets this try back, or a guesser could clear it with an account of his
 * own. */
void throttle_succeed(struct throttle *t, const struct throttle_try *attempt);

/* The try came to nothing (no database): as if it had not been made. */
void throttle_undo(struct throttle *t, const struct throttle_try *attempt);

#endif
