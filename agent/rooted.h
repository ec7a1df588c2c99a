/*
 * Rooted: finds files inside the root of another process.
 *
 * Links are followed as that process would follow them, but none leads out of its root,
 * and none of procfs's magic ones is taken.
 */
#ifndef TIDEMARK_AGENT_ROOTED_H
#define TIDEMARK_AGENT_ROOTED_H

/* A descriptor (O_PATH) of what `path` names below the directory `root`, or -1 with
 * errno.  It is only a place: rooted_open makes it readable. */
int rooted_locate(int root, const char *path);

/* Opens what rooted_locate found for reading with further `flags` of open(2), or -1
 * with errno.  The caller has looked (fstat) that it is no device or pipe. */
int rooted_open(int located, int flags);

#endif
