/*
 * Alerting: turns verdicts into findings, and findings into alerts.
 *
 * A version that leaks has one finding, and a finding one alert.  The rules:
 *   leaks, nothing known      a new finding, a new open alert ("opened")
 *   leaks, known and active   new figures
 *   leaks, had gone quiet     active again ("growing")
 *   leaks, alert resolved     open again ("reopened") only when the readings since it
 *                             was resolved show the leak by themselves
 *   no longer leaks           after ALERTING_QUIET_MS without confirmation it is marked
 *                             quiet ("quiet"); until then the version's verdict is
 *                             held, so that one that wavers changes nothing
 *   no longer seen            while an agent is silent that saw it leak, for a day at
 *                             most, nothing is said
 * Inside the caller's transaction.
 */
#ifndef TIDEMARK_SERVER_WATCH_ALERTING_H
#define TIDEMARK_SERVER_WATCH_ALERTING_H

#include "server/store/figures.h"
#include "server/watch/roster.h"

#define ALERTING_QUIET_MS (15 * 60 * 1000)

struct alerting_outcome {
	bool changed;            /* an alert did, so that people must hear of it */
	struct figures_ids held; /* versions of which "leak" still stands */
};

bool alerting_update(struct db *db, const struct roster *roster, struct arena *a,
	struct alerting_outcome *outcome, struct err *e);

#endif
