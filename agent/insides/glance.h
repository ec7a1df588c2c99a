/*
 * Glance: what a process tells through its inspector, opened for a moment.
 *
 * The host's turn is taken, so that no snapshot runs; whom the signal goes to is noted
 * in the state directory (agent/capture/opened.h) before it is sent, so that an
 * inspector which we leave open by dying is closed by whoever starts next; the door
 * keeps all the other rules.  A service that has answered the signal with something of
 * its own is remembered, and never signalled again.
 *
 * Blocks for some tenths of a second, for seconds when a process is busy.  One thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_GLANCE_H
#define TIDEMARK_AGENT_INSIDES_GLANCE_H

#include "agent/capture/door.h"
#include "agent/insides/headcount.h"

struct glance {
	const char *procfs, *state_dir, *service;
	const struct facts *facts;
	int stop_fd;

	/* What came of it. */
	enum door_refusal refusal;
	bool is_signalled; /* its inspector was opened, or may have been */
	int64_t cpu_us;    /* of this thread */
	int64_t pause_us;  /* that the process itself needed for its longest answer */
};

/* `count` (NULL: none) is filled from an arena when the heap is to be counted too.
 * False with ERR_BUSY: another capture runs, or the process is too busy; later. */
bool glance_read(struct glance *g, struct door_statistics *s, struct headcount *count,
	struct arena *a, struct err *e);

#endif
