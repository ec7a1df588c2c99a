/*
 * Desired: what agents are to run, on its way into their receipts.  Part of settle.
 *
 * A copy of what the database says, loaded anew when that says that it changed (channel
 * "config"), and once a minute: a message costs no query.  Until it was loaded first,
 * and for agents of versions that take no settings, nothing is told.  One thread.
 */
#ifndef TIDEMARK_SERVER_INGEST_DESIRED_H
#define TIDEMARK_SERVER_INGEST_DESIRED_H

#include "common/arena.h"
#include "schema/setting.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct desired;

struct desired *desired_create(void);
void desired_destroy(struct desired *d);

/* Outside of transactions, on the connection that listens from then on.  When it fails,
 * what was known stays, and the next call tries again. */
void desired_refresh(struct desired *d, struct db *db);

/* What an agent is to be told that says that of itself, copied to live as long as
 * `kept`; NULL: nothing. */
const struct setting_orders *desired_for(const struct desired *d, int32_t agent_id,
	const struct setting_state *said, struct arena *kept);

/* What an agent does not run of what it was told, as its row says it: "interval
 * overridden,inspect forbidden"; NULL: nothing, or it does not say. */
const char *desired_exceptions(const struct setting_state *said, struct arena *a);

#endif
