/*
 * Turn: one capture at a time on a host.
 *
 * An abstract socket's name, which the kernel gives back when its holder dies, however
 * it dies.  Agent and command line take the same one.  Such a name has no owner: any
 * local user of that network namespace can hold it and so keep all captures from
 * running, which are then refused; nothing else can be done with it.
 *
 * Caller's storage; owns the descriptor, which a fork shares.  Any process of the
 * host's network namespace.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_TURN_H
#define TIDEMARK_AGENT_CAPTURE_TURN_H

#include "common/err.h"

#include <stdbool.h>

struct turn {
	int fd;
};

/* ERR_BUSY: another capture runs. */
bool turn_take(struct turn *t, struct err *e);
void turn_give(struct turn *t);

#endif
