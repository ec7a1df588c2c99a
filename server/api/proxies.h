/*
 * Proxies: whose word about a client is believed.
 *
 * A proxy in front of the server says in X-Forwarded-For who asked, and in
 * X-Forwarded-Proto whether over TLS.  Anybody can send these headers, so they count
 * only from addresses that the configuration names.  The list is read from its end:
 * each trusted proxy vouches for the address that it put before its own; the first that
 * is not trusted is the client, and what stands before it is hearsay.
 *
 * Pure; addresses are texts ("192.0.2.7", "2001:db8::1").
 */
#ifndef TIDEMARK_SERVER_API_PROXIES_H
#define TIDEMARK_SERVER_API_PROXIES_H

#include "common/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROXIES_MAX = 64, PROXIES_TEXT_MAX = INET6_ADDRSTRLEN };

struct proxies {
	size_t count;
	struct proxies_net {
		uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
		unsigned bits;       /* of the 128 */
	} at[PROXIES_MAX];
};

/* "127.0.0.1, ::1, 10.0.0.0/8"; "" for none.  ERR_INPUT names what is no address. */
bool proxies_parse(const char *list, struct proxies *out, struct err *e);

bool proxies_trust(const struct proxies *p, const char *address);

/* Whether one of them is on another machine. */
bool proxies_are_remote(const struct proxies *p);

/* Whether the address is of this machine alone: 127.0.0.0/8 or ::1. */
bool proxies_is_loopback(const char *address);

/* Who asks, when `peer` is connected and the X-Forwarded-For lines, joined by commas,
 * are `forwarded` (NULL: none). */
void proxies_client(const struct proxies *p, const char *peer, const char *forwarded,
	char client[PROXIES_TEXT_MAX]);

/* What one client can hold many of: an IPv4 address, or 64 bits of an IPv6 one.  All
 * zero for what is no address. */
void proxies_group(const char *address, uint8_t group[16]);

#endif
