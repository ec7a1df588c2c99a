/*
 * Warden: closes the inspector of a process when its opener dies.
 *
 * A small process of its own session, forked before a door is opened.  It sleeps until
 * it is dismissed or its maker is gone, however that ended; then it closes what the
 * maker left open in the target and reports.  It also holds the maker's turn (turn.h)
 * until then.
 *
 * Caller's storage.  Fork it while the maker is small.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_WARDEN_H
#define TIDEMARK_AGENT_CAPTURE_WARDEN_H

#include "agent/capture/door.h"
#include "common/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct warden {
	int fd; /* -1: none */
	pid_t pid;
};

struct warden_options {
	struct door_options door;
	/* Called in the warden, when there was something to do. */
	void (*report)(void *context, bool closed, const char *words);
	void *context;
	int report_fd; /* that `report` writes to; all others are closed; -1: none */
};

bool warden_start(
	struct warden *w, const struct warden_options *options, struct err *e);

/* All is closed: it ends. */
void warden_dismiss(struct warden *w);

/* It does its work now; waits until it has.  False: still open. */
bool warden_call(struct warden *w);

#endif
