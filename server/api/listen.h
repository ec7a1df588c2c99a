/*
 * Listen: a socket that takes connections.
 */
#ifndef TIDEMARK_SERVER_API_LISTEN_H
#define TIDEMARK_SERVER_API_LISTEN_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Binds a literal address and listens, without blocking; the caller closes the
 * descriptor. Port 0 is any free one; *bound says which.  −1 on failure: ERR_INPUT when
 * `host` is no address, ERR_IO with address and reason when it cannot be had. */
int listen_open(
	const char *host, uint16_t port, uint16_t *bound, bool *is_ipv6, struct err *e);

#endif
