/*
 * Agent: the loop that reads, stores and sends, one tick after the other.
 *
 * One thread: between ticks it waits in the uplink.  Ticks keep to a fixed rhythm
 * from the start; a tick that comes too late (a slow disk, a machine without time)
 * is skipped, never made up for.  A suspended machine has no ticks.
 *
 * An agent that is not enrolled reads and spools all the same; the enrolment is
 * looked for at each tick, so that `join` needs no restart, and a new one replaces
 * the connection.  When the state directory is removed or replaced under it, it
 * begins anew with what is there then.
 *
 * Logs what people need to know: it is the top of the program.
 */
#ifndef TIDEMARK_AGENT_AGENT_H
#define TIDEMARK_AGENT_AGENT_H

#include "agent/config.h"
#include "common/err.h"

#include <stdbool.h>

/* Runs until stop_fd becomes readable.  Fails only on the way up (and when it begins
 * anew): state directory, spool, procfs. */
bool agent_run(const struct config *c, int stop_fd, struct err *e);

#endif
