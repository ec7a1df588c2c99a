/*
 * Snapshot summarize: `tidemark-agent snapshot summarize FILE|-`.
 *
 * Prints a table for reading, or with --json everything.  For the host's own people:
 * names stand there as they are in the heap.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_SUMMARIZE_H
#define TIDEMARK_AGENT_SNAPSHOT_SUMMARIZE_H

#include "agent/heap/heap.h"
#include "common/json.h"

int snapshot_summarize(int argc, char **argv);

/* The members into the open object; the table for reading.  At most `top` classes. */
void snapshot_summarize_json(struct json *j, const struct heap *h, size_t top);
void snapshot_summarize_text(struct buf *out, const struct heap *h, size_t top);

#endif
