/*
 * Socket: one DEALER with CURVE, and the monitor that tells how it fares.
 *
 * libzmq tells the outcome of a handshake only through a monitor, a second socket of
 * events; this module turns them into few.  The struct is the caller's, who owns the
 * context too.  One thread.
 */
#ifndef TIDEMARK_AGENT_UPLINK_SOCKET_H
#define TIDEMARK_AGENT_UPLINK_SOCKET_H

#include "agent/state.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uplink_socket {
	void *dealer, *monitor; /* NULL: closed */
};

struct uplink_peer {
	const char *host; /* a name needs an IPv4 address; for IPv6 give the address */
	uint16_t port;
	const uint8_t *server_key; /* STATE_KEY_BYTES */
	const struct state_keys *keys;
};

enum uplink_event {
	UPLINK_NOTHING,      /* no event is waiting */
	UPLINK_OTHER,        /* one that changes nothing */
	UPLINK_REACHED,      /* there is a TCP connection, not more */
	UPLINK_UNREACHABLE,  /* an attempt failed; libzmq tries again by itself */
	UPLINK_CONNECTED,    /* both sides have proved their keys */
	UPLINK_DISCONNECTED, /* libzmq reconnects by itself */
	UPLINK_DENIED,       /* the server does not take our key; no more attempts */
	UPLINK_NO_HANDSHAKE, /* the other side is none, or has another key */
};

/* Starts to connect, in the background.  ERR_INPUT: such a host there cannot be;
 * ERR_IO: out of descriptors and the like. */
bool uplink_socket_open(struct uplink_socket *s, void *context,
	const struct uplink_peer *peer, struct err *e);
void uplink_socket_close(struct uplink_socket *s);

/* The next event, without waiting. */
enum uplink_event uplink_socket_event(struct uplink_socket *s);

/* Hands one frame over, without waiting.  False: not possible now. */
bool uplink_socket_send(struct uplink_socket *s, const void *bytes, size_t length);

/* Replaces `out` by the next message, without waiting.  False: none is there.
 * *whole is false for one of several frames, which is dropped. */
bool uplink_socket_receive(struct uplink_socket *s, struct buf *out, bool *whole);

#endif
