/*
 * Preload: the socket that deploy/preload/tidemark-preload.js listens on, found.
 *
 * One connection is one line that asks and one answer, which ends with the connection.
 * Where the socket was found is remembered in the way, so that asking again is cheap;
 * whoever listens is proven to be the process each time.
 *
 * Caller's storage.  Any thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_PRELOAD_H
#define TIDEMARK_AGENT_CAPTURE_PRELOAD_H

#include "agent/capture/channel.h"
#include "agent/capture/door.h"
#include "agent/capture/procfile.h"

struct preload_way {
	const char *procfs;
	const struct facts *facts;
	const char *directory; /* looked at first; NULL: the usual places */
	int stop_fd;           /* of the channel, with the deadline */
	int64_t deadline_ms;
	enum door_refusal refusal; /* of the last failure */
	char known_folder[PROCFILE_PATH_MAX + FACTS_PATH_MAX], known_name[64];
};

/* A connected channel, the caller's to finish. */
bool preload_dial(struct preload_way *w, struct channel *c, struct err *e);

#endif
