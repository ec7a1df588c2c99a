/*
 * Post: what the scout has found out, on its way to the agent.
 *
 * A batch is either to be stored as it is (post_store), or to be joined with the
 * agent's own readings at its next tick (post_join):
 *
 *     process.fingerprint  from then on part of what the agent says of that process
 *     the tick's samples   values of scope PROCESS, said once, with the next readings
 *
 * Both are written whole, one after the other; a slow agent makes the writer wait.
 * Thread-safe.  Failures of the pipe end the scout elsewhere and are not told here.
 */
#ifndef TIDEMARK_AGENT_SCOUT_POST_H
#define TIDEMARK_AGENT_SCOUT_POST_H

#include "common/err.h"
#include "schema/wire.h"

#include <stdbool.h>

struct post;

/* `host` is the frame of every batch (boot, machine, names); borrowed. */
struct post *post_create(int fd, const struct wire_batch *host);
void post_destroy(struct post *p);

/* `batch` holds what was found, the fields of the host are filled in here; at_unix_ms
 * of ticks is the caller's.  ERR_INPUT: it breaks a limit of the wire, nothing was
 * sent. */
bool post_store(struct post *p, const struct wire_batch *batch, struct err *e);
bool post_join(struct post *p, const struct wire_batch *batch, struct err *e);

#endif
