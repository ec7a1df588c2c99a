/*
 * Snapshot diff: `tidemark-agent snapshot diff BEFORE AFTER`.
 *
 * What came and went as DevTools compares, and what grew and what holds it.  Of the
 * earlier snapshot only a digest is kept before the later one is read, so that memory
 * is needed for one.  For the host's own people: names are as they are in the heap.
 */
#ifndef TIDEMARK_AGENT_SNAPSHOT_DIFF_H
#define TIDEMARK_AGENT_SNAPSHOT_DIFF_H

int snapshot_diff(int argc, char **argv);

#endif
