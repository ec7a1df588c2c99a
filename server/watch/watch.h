/*
 * Watch: the detector's clockwork.
 *
 * One thread with its own connection.  Every interval it feeds the detector what was
 * read since the last one and writes what changed of verdicts, findings and alerts in
 * one transaction (turn.h); then tells channel "tidemark" of topic "verdicts", and of
 * "alerts" when one changed.  Then it takes rollouts of settings a step further
 * (rolling.h), follows
 * the snapshot policies (capturing.h), and ends captures whose time is over.  About
 * once an hour it takes away what has expired.  When the
 * database is away it says so once and goes on when it is back.  Several servers may
 * watch one database: one of them does the work, and when its connection ends another
 * one goes on from what it kept.
 */
#ifndef TIDEMARK_SERVER_WATCH_WATCH_H
#define TIDEMARK_SERVER_WATCH_WATCH_H

#include "common/err.h"

#include <stdint.h>

struct watch;

struct watch_options {
	const char *database; /* connection string of a migrated database */
	int64_t interval_ms;
	int64_t policy_cooldown_ms; /* see capturing.h */
	int64_t raw_retention_ms;
};

/* Copies what it needs.  The first turn runs at once. */
struct watch *watch_start(const struct watch_options *options, struct err *e);

/* Ends after the turn in hand.  NULL is accepted. */
void watch_stop(struct watch *w);

#endif
