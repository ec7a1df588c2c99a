/*
 * Fleet: everything in a dozen figures.  Plain data; any thread, own connection.
 */
#ifndef TIDEMARK_SERVER_STORE_FLEET_H
#define TIDEMARK_SERVER_STORE_FLEET_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

enum { FLEET_VERDICTS = 12, FLEET_INBOXES = 6 };

/* As the detector spells them: "learning" ... "leak". */
extern const char *const fleet_verdict_name[FLEET_VERDICTS];

/* Where alerts are found: "new", "escalating", "regressed", "acknowledged", "archived",
 * "resolved". */
extern const char *const fleet_inbox_name[FLEET_INBOXES];

struct fleet {
	int64_t hosts, services, instances;
	int64_t agents, agents_reporting;
	int64_t instances_silent;                   /* of which no data comes, lately */
	int64_t findings_watch, findings_confirmed; /* active */
	int64_t alerts_open; /* new, escalating and regressed ones */
	int64_t alerts[FLEET_INBOXES];
	int64_t verdicts[FLEET_VERDICTS]; /* services, by their worst version */
};

bool fleet_read(struct db *db, int64_t now_ms, struct arena *a, struct fleet *out,
	struct err *e);

#endif
