/*
 * Listeners diag: the listening sockets of our own network namespace, asked of the
 * kernel (sock_diag(7)) instead of read from /proc/net/tcp, behind whose last listener
 * the kernel walks through its whole table of connections: milliseconds each time.
 *
 * Needs no right, but a netlink socket, which a sandbox may forbid.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_LISTENERS_DIAG_H
#define TIDEMARK_AGENT_CAPTURE_LISTENERS_DIAG_H

#include "agent/capture/listeners.h"

/* Adds all to `out`.  False: not to be had this way; `out` is then as it was. */
bool listeners_diag_read(struct listeners *out);

#endif
