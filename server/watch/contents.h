/*
 * Contents: tells the detector's fleet of versions and what they consist of.
 *
 * Parts of a version are its version string, its runtime, the packages that not all
 * versions of its service have, and what else its content says.  What was told before
 * is told anew, since a new version makes others differ in more.  Belongs to the
 * caller's thread; results live in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_WATCH_CONTENTS_H
#define TIDEMARK_SERVER_WATCH_CONTENTS_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/fleet.h"
#include "server/store/db.h"
#include "server/store/figures.h"
#include "server/store/readings.h"

/* `ids`: all versions of their services that may be compared. */
bool contents_tell(struct fleet *fleet, struct db *db, struct figures_ids ids,
	struct arena *a, struct readings_version **rows, size_t *count, struct err *e);

#endif
