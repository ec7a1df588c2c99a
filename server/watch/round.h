/*
 * Round: one turn of the watch, in one transaction.
 *
 * Belongs to the watch's thread.  A round that fails changes nothing and can be run
 * again.
 */
#ifndef TIDEMARK_SERVER_WATCH_ROUND_H
#define TIDEMARK_SERVER_WATCH_ROUND_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct round;

struct round *round_create(void);
void round_destroy(struct round *r);

struct round_report {
	bool claimed; /* false: another server has this round */
	size_t slots, versions;
	bool alerts_changed;
};

bool round_run(struct round *r, struct db *db, int64_t now_ms,
	struct round_report *report, struct err *e);

#endif
