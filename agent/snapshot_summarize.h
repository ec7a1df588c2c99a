/*
 * Snapshot summarize: `tidemark-agent snapshot summarize FILE|-`.
 *
 * Prints a table for reading, or with --json everything.  For the host's own people:
 * names stand there as they are in the heap.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_SUMMARIZE_H
#define TIDEMARK_AGENT_SNAPSHOT_SUMMARIZE_H

int snapshot_summarize(int argc, char **argv);

#endif
