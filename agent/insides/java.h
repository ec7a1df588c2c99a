/*
 * Java: the hsperfdata file of one JVM, found and read.
 *
 * It is TEMPORARY/hsperfdata_USER/PID as the JVM sees users, processes and files
 * (always /tmp on Linux), so it is looked for below procfs/PID/root, then in our own
 * /tmp.  Only a regular file of the JVM's own user is read, by read(2): the other side
 * may cut it at any time.
 *
 * Caller's storage; remembers where the file was.  Any thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_JAVA_H
#define TIDEMARK_AGENT_INSIDES_JAVA_H

#include "agent/capture/facts.h"
#include "agent/insides/hsperf.h"

struct java_way {
	const char *procfs;
	const struct facts *facts;
	char known[640];
};

/* `*bytes` (may be NULL): how much was read. */
bool java_read(struct java_way *w, struct hsperf *out, int64_t *bytes, struct err *e);

#endif
