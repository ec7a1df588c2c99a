/*
 * Site: the key under which names of heaps are hashed before they leave the host.
 *
 * Derived from the agent's own key, so that equal names stay equal from one snapshot to
 * the next and nobody else can guess them back.  Where that key cannot be read, one is
 * made up for this run.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_SITE_H
#define TIDEMARK_AGENT_CAPTURE_SITE_H

#include "agent/heap/privacy.h"

/* `state_dir` may be NULL.  False: it was made up, names are others next time. */
bool site_key(const char *state_dir, struct privacy *out);

#endif
