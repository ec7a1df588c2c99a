/*
 * Publish: what the detector says, in the store's form.
 *
 * Scratch memory comes from the arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_PUBLISH_H
#define TIDEMARK_SERVER_WATCH_PUBLISH_H

#include "server/store/verdicts.h"
#include "server/watch/book.h"

/* Writes the verdicts of a report for the console, and that those of versions which run
 * still stand.  Inside the caller's transaction. */
bool publish_report(struct db *db, const struct book *book,
	const struct fleet_report *report, int64_t now_ms, struct arena *a,
	struct err *e);

struct figures_rate publish_rate(const struct analyse_rate *rate);
struct verdicts_moment publish_moment(const struct analyse_moment *moment);
struct verdicts_reasons publish_reasons(
	const struct analyse_reasons *reasons, struct arena *a);

#endif
