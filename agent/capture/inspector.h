/*
 * Inspector: the door by SIGUSR1, loopback and the Chrome DevTools protocol.
 *
 * In this order: lock the network namespace; check that nothing listens yet; signal;
 * wait for the listener and prove whose it is; connect; work; ask the process to close
 * its inspector; prove that nobody listens any more; give the lock back.
 *
 * While it is open every user of that network namespace can run code in the process:
 * it stays open for as long as the caller works and no longer.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_INSPECTOR_H
#define TIDEMARK_AGENT_CAPTURE_INSPECTOR_H

#include "agent/capture/door.h"

/*
 * Closes the inspector that a door of ours may have left open: after its helper was
 * killed, or after DOOR_SILENT or DOOR_SELF_HANDLED, when the process may have opened
 * it late.  True when nothing of the process listens there at the end, `*was_open`
 * (may be NULL) when there was something to close.  One that was started with --inspect
 * is left alone.  Sends no signal.  The route in the options does not matter.  Takes
 * open_ms when nothing is open, as it may just be about to.
 */
bool inspector_close_leftover(
	const struct door_options *options, bool *was_open, struct err *e);

#endif
