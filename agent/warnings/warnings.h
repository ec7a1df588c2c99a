/*
 * Warnings: the part of the scout that listens for signs of trouble.
 *
 *     logs.h      files of [log NAME] sections
 *     journal.h   systemd's journal, through journalctl
 *     kernel.h    kills for lack of memory, in the kernel's log
 *     groups.h    the same, as control groups count them
 *
 * A sign is found in a line by words.h, patterns.h or killed.h, given to the process
 * life that it is of by whose.h, counted by tally.h, and posted.  How far everything
 * was read stands in the state directory (state.h, "logs"), written after what was
 * found has been posted, and at most every five seconds otherwise: what may be told
 * again after the scout was killed are lines of those seconds, what may be lost are the
 * counts of repeated words of the last minute, never their first sight.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_WARNINGS_H
#define TIDEMARK_AGENT_WARNINGS_WARNINGS_H

#include "agent/part/part.h"

void warnings_run(const struct part *p);

#endif
