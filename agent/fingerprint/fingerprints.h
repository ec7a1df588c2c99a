/*
 * Fingerprints: the part of the scout that reads what each process runs.
 *
 * Each life of a process (pid and start) is read once, when it is first seen, one after
 * the other with a pause between them; a file that changes later shows with the next
 * generation.  Equal contents are sent once for each life of the scout, the hash is
 * joined with every process that has it.  What a life began with is remembered in the
 * state directory, so that it keeps it when the agent restarts after a deploy.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_FINGERPRINTS_H
#define TIDEMARK_AGENT_FINGERPRINT_FINGERPRINTS_H

#include "agent/part/part.h"

void fingerprints_run(const struct part *p);

/* `tidemark-agent fingerprint PID|SERVICE [--json]`: reads anew and prints. */
int fingerprints_command(const struct config *config, int argc, char **argv);

#endif
