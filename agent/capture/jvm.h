/*
 * JVM: the class histogram of a live Java process, through HotSpot's attach socket.
 *
 * The same way that jmap and jcmd go: a file ".attach_pidN" in the process's working
 * directory and SIGQUIT make the machine listen on the socket ".java_pidN" in its
 * temporary directory, where "inspectheap -live" is asked for.  That runs a full
 * collection, so the process pauses for as long as one takes.  The socket stays open,
 * as after any attach; only the process's own user and root can use it.
 *
 * SIGQUIT ends a process that does not catch it: it is sent only to a process whose
 * program is java and that does catch it, through a pidfd, so that a reused pid is
 * never met.  Needs the process's own user or root; the failure says so.
 *
 * Blocks, with a deadline on each wait; for the helper child.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_JVM_H
#define TIDEMARK_AGENT_CAPTURE_JVM_H

#include "agent/capture/facts.h"
#include "common/arena.h"
#include "common/err.h"
#include "schema/snapshot.h"

#include <stdbool.h>

enum {
	JVM_ATTACH_MS = 5000,
	JVM_ANSWER_MS = 60000,
	JVM_ANSWER_BYTES_MAX = 64 << 20,
};

/* Whether the process looks like a HotSpot machine that can be attached to. */
bool jvm_applies(const char *procfs, const struct facts *facts);

/* Fills a zeroed snapshot, all but `capture` and the uptime; texts in the arena.
 * ERR_INPUT: not a Java process, or one that cannot be attached to; ERR_IO: no right,
 * no answer in time.  stop_fd (-1: none), readable, ends any wait. */
bool jvm_take(const char *procfs, const struct facts *facts, int stop_fd,
	struct arena *a, struct snapshot *out, struct err *e);

#endif
