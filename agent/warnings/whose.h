/*
 * Whose: the life that a sign is of.
 *
 * A pid that a line names is the machine's, or that of the container in which the
 * process wrote it; both are looked for.  Without a pid it is a life of the service:
 * one that has just ended, where the sign is one that ends a process, or else the
 * newest.  Pure but for procfs.
 */
#ifndef TIDEMARK_AGENT_WARNINGS_WHOSE_H
#define TIDEMARK_AGENT_WARNINGS_WHOSE_H

#include "agent/lives.h"
#include "agent/warnings/sign.h"

struct whose {
	const struct lives *lives;
	const char *procfs;
	int64_t now_unix_ms;
};

/* `service` is "" or NULL when only the pid can tell.  NULL: of nobody we follow. */
const struct wire_process *whose_is(
	const struct whose *w, const struct sign *sign, const char *service);

#endif
