/*
 * Window: hot rows of closed five minutes become segments and version rollups.
 *
 * One transaction for both scopes, which moves compacted_to past the window.  Large
 * fleets are read in several passes, so that the memory is bounded; see
 * docs/storage.md.
 */
#ifndef TIDEMARK_SERVER_COMPACT_WINDOW_H
#define TIDEMARK_SERVER_COMPACT_WINDOW_H

#include "common/err.h"
#include "server/compact/step.h"

#include <stdbool.h>
#include <stdint.h>

/* [from_ms, from_ms + SEGMENT_MS) must be closed, and compacted_to be its begin. */
bool window_run(struct step *s, int64_t from_ms, struct err *e);

#endif
