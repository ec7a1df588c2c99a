/*
 * Networks: whom the server may reach with what an admin has it send.
 *
 * An address is judged when a connection to it is opened, after its name was resolved:
 * there is no time between judging and connecting in which a name could come to mean
 * another address.  Never reached: what is nobody's (any, reserved, multicast),
 * link-local addresses and those at which clouds keep their secrets.  Reached only when
 * the configuration names them (notify_networks): private networks and this machine.
 * An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo, ISATAP)
 * is judged as what it stands for.  Pure.
 *
 * Sources: IANA's registries of special-purpose addresses; RFC 4291, 6052, 3056, 4380,
 * 5214; the metadata addresses as AWS (169.254.169.254, fd00:ec2::254), Alibaba Cloud
 * (100.100.100.200), Oracle Cloud (192.0.0.192) and Azure (168.63.129.16) name them.
 */
#ifndef TIDEMARK_SERVER_MESSENGER_NETWORKS_H
#define TIDEMARK_SERVER_MESSENGER_NETWORKS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { NETWORKS_MAX = 64 };

struct networks_one {
	uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;       /* of 128 */
};

struct networks {
	struct networks_one at[NETWORKS_MAX];
	size_t count;
};

/* "10.1.0.0/16, fd12::/32, 192.0.2.7", and the words "private" (10/8, 172.16/12,
 * 192.168/16, fc00::/7) and "loopback" (127/8, ::1).  "" is none. */
bool networks_parse(const char *text, struct networks *out, struct err *e);

enum networks_verdict {
	NETWORKS_OPEN,    /* may be reached */
	NETWORKS_PRIVATE, /* would have to be named in notify_networks */
	NETWORKS_NEVER,
};
enum networks_verdict networks_judge(
	const struct networks *n, const struct sockaddr *address);

#endif
