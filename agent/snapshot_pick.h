/*
 * Snapshot pick: whom `snapshot take PID|SERVICE` means.
 *
 * Processes are found and named as the running agent does, small and young ones too.
 * Of a service with several the largest by RssAnon is taken.
 *
 * One thread.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_PICK_H
#define TIDEMARK_AGENT_SNAPSHOT_PICK_H

#include "agent/config.h"
#include "agent/host.h"
#include "agent/identity.h"
#include "common/arena.h"
#include "common/err.h"
#include "schema/wire.h"

struct snapshot_pick {
	struct wire_process process;
	size_t others; /* of the same service on this host */
	struct host host;
	struct identity identity;
	struct wire_batch about; /* the host and the process; borrows the above */
	char no_state[300];      /* why nothing can be left for the agent; "" */
};

/* Texts are in the arena.  ERR_INPUT: nobody is called so. */
bool snapshot_pick_find(const struct config *c, const char *whom, struct arena *a,
	struct snapshot_pick *out, struct err *e);

#endif
