/*
 * Publish: writes a judged roster's verdicts for the console.  Of the held versions
 * what was written before stays, as of now.
 *
 * Inside the caller's transaction.  Scratch memory comes from the arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_PUBLISH_H
#define TIDEMARK_SERVER_WATCH_PUBLISH_H

#include "server/store/figures.h"
#include "server/store/verdicts.h"
#include "server/watch/roster.h"

bool publish_verdicts(struct db *db, const struct roster *roster,
	struct figures_ids held, struct arena *a, struct err *e);

/* The detector's form of a rate and of reasons in the store's form. */
struct figures_rate publish_rate(const struct analyse_rate *rate);
struct verdicts_reasons publish_reasons(
	const struct analyse_reason *reasons, size_t count, struct arena *a);

#endif
