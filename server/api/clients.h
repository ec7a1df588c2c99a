/*
 * Clients: what one client may take of the API, so that others keep their share.
 *
 * A client is an IPv4 address, or the 64 bits of an IPv6 one that a customer gets.
 * Connections are counted for who is connected, requests for who asks: behind a trusted
 * proxy all connections are the proxy's, but each of its clients has a share of its
 * own. Whom the caller trusts he does not ask for.
 *
 * Requests are paid for from an account that fills up by CLIENTS_RATE a second, to
 * CLIENTS_BURST.  A request costs 1, one that reads many readings CLIENTS_HEAVY.  A
 * page of the console costs about 100.
 *
 * Remembers who has connections or an account that is not full; at most CLIENTS_MAX of
 * those, the longest silent is forgotten first.  Times are monotonic.  Safe from any
 * thread.
 */
#ifndef TIDEMARK_SERVER_API_CLIENTS_H
#define TIDEMARK_SERVER_API_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CLIENTS_CONNECTIONS = 512,
	CLIENTS_RATE = 100,
	CLIENTS_BURST = 1000,
	CLIENTS_HEAVY = 10,
	CLIENTS_MAX = 50000,
};

struct clients;

struct clients *clients_create(void);
void clients_destroy(struct clients *c); /* NULL is accepted */

/* Whether this address has all the connections that it may have; counted as refused. */
bool clients_are_many(struct clients *c, const char *address);
void clients_connect(struct clients *c, const char *address, int64_t now_ms);
void clients_disconnect(struct clients *c, const char *address);

/* 0: paid.  Else it costs too much just now: in so many ms it will not. */
int64_t clients_pay(struct clients *c, const char *address, int cost, int64_t now_ms);

struct clients_counts {
	size_t known;
	uint64_t connections_refused, requests_refused;
};
struct clients_counts clients_count(struct clients *c);

#endif
