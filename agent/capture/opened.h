/*
 * Opened: the inspectors that we asked for and that are not yet proven closed, in
 * state_dir/opened.
 *
 * When helper and warden are ended together (a control group out of memory, a service
 * that is killed), nobody is left to close what they opened.  So before the signal a
 * line says whom it goes to: pid, start ticks, boot.  It is taken out once closing is
 * proven.  Whatever stands there at the next start of the agent, or at the next
 * capture, is closed then.  Without a state directory nothing can stand anywhere.
 *
 * A small text file that is replaced whole.  Any process; writers lock the state
 * directory for as long as that takes.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_OPENED_H
#define TIDEMARK_AGENT_CAPTURE_OPENED_H

#include "agent/capture/facts.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { OPENED_MAX = 64 };

struct opened {
	const char *state_dir, *procfs;
	int64_t close_ms; /* as of struct door_options */
	/* Of each that was open, or may still be. */
	void (*report)(void *context, bool closed, const char *words);
	void *context;
};

/* False: it is not noted, so it is not to be opened. */
bool opened_note(const struct opened *o, const struct facts *facts, struct err *e);

/* It is closed. */
void opened_settle(const struct opened *o, const struct facts *facts);

/* Closes what stands there, by whoever holds the host's turn; what does not close
 * stays.  Blocks, some seconds for each. */
void opened_close(const struct opened *o);

/* The same in a process of its own that is not waited for, if anything stands there:
 * it waits for the host's turn, then is as patient as a warden.  `report` is called
 * there; of our descriptors it has the standard ones alone. */
void opened_close_apart(const struct opened *o);

#endif
