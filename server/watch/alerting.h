/*
 * Alerting: keeps findings, and turns those that are confirmed into alerts.
 *
 * A finding is one cause: a service, its growth or its backlog, and the versions
 * inside.  It is known again by a version that it shares with one that is stored, best
 * one whose alert is open; whether its growth is called "leak", "native" or "version"
 * may change meanwhile.  The rules:
 *
 *   seen, but not confirmed: stored and shown; no alert
 *   confirmed, no alert: a new one ("opened"), unless people said that this is no leak
 *     and it does not grow clearly faster than then
 *   confirmed, alert quiet: no longer quiet ("growing")
 *   confirmed, alert resolved: open again ("reopened"), see below
 *   not found for ALERTING_QUIET_MS, or not confirmed for ALERTING_UNSURE_MS: the alert
 *     is quiet ("quiet")
 *   quiet for long: resolved as "gone", after max(6 h, twice the time from onset to
 *     alert), at most 48 h; or when no process of its versions has run for 6 h
 *   found inside a finding with another alert: resolved as "gone", the other goes on
 *   all processes ended: as if it were not found any more; what was said last of them
 *     stands, but not for ever
 *   a seat inside cannot be seen: nothing is said; it ran when its agent was last
 * heard, and nobody knows how it stands now ("no data")
 *
 * An alert that was resolved as "fixed" or "gone" is opened again only by what came
 * since (returning.h); one that was resolved in a version only by that version or a
 * later one, and then it has regressed.  One that people called no leak is opened again
 * only when it grows clearly faster than then: by FASTER at the lower end of the rate.
 * One that is acknowledged or archived is opened again when it gets worse (tending.h)
 * or when its time has come, and goes quiet, silent and gone like any other.
 *
 * Inside the caller's transaction.
 */
#ifndef TIDEMARK_SERVER_WATCH_ALERTING_H
#define TIDEMARK_SERVER_WATCH_ALERTING_H

#include "common/arena.h"
#include "common/err.h"
#include "server/watch/book.h"

#define ALERTING_QUIET_MS  (15 * 60 * 1000)
#define ALERTING_UNSURE_MS (2 * 3600 * 1000)

struct alerting_input {
	const struct book *book;
	const struct fleet_report *report;
	int64_t now_ms;
};

/* *changed: an alert did, so that people must hear of it. */
bool alerting_update(struct db *db, const struct alerting_input *in, struct arena *a,
	bool *changed, struct err *e);

#endif
