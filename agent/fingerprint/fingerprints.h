/*
 * Fingerprints: the part of the scout that reads what each process runs.
 */
#ifndef TIDEMARK_AGENT_FINGERPRINT_FINGERPRINTS_H
#define TIDEMARK_AGENT_FINGERPRINT_FINGERPRINTS_H

#include "agent/part/part.h"

void fingerprints_run(const struct part *p);

#endif
