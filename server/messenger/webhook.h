/*
 * Webhook: posts JSON to an address that an admin has chosen.
 *
 * Only http and https, no redirects, no proxy, ten seconds in all.  Nobody is let into
 * what is nobody's: link-local addresses (where clouds keep secrets), multicast and
 * "any" are refused after the name was resolved.  Own networks are allowed: that is
 * where most receivers are.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_WEBHOOK_H
#define TIDEMARK_SERVER_MESSENGER_WEBHOOK_H

#include "common/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Once in a process, before threads start. */
void webhook_init(void);

struct webhook_post {
	const char *url;
	const char *json;
	size_t length;            /* bytes */
	const atomic_bool *stops; /* gives up when it becomes true */
};

/* True when the receiver answered with 2xx; else the error says what it did. */
bool webhook_send(const struct webhook_post *post, struct err *e);

#endif
