/*
 * Line: one agent's connection, a DEALER with CURVE, for thousands in one process.
 *
 * The same options as agent/uplink_socket, but no monitor, which would cost two more
 * sockets each: a connection whose handshake is done is one that takes frames.  A
 * socket that libzmq gave up after a refused handshake looks like one that cannot
 * connect; its owner opens it anew after a while.
 *
 * The struct is the caller's, as is the context.  One thread.
 */
#ifndef TIDEMARK_TESTS_FLEET_FLEET_LINE_H
#define TIDEMARK_TESTS_FLEET_FLEET_LINE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

struct line {
	void *socket; /* NULL: closed */
	int fd;       /* readable: look at the socket, and on until nothing is left */
};

struct line_peer {
	const char *host;
	uint16_t port;
	uint32_t number; /* of the agent: from which address of the loopback */
	const uint8_t *server_key; /* 32 bytes each */
	const uint8_t *public_key, *secret_key;
};

/* Starts to connect.  ERR_IO: out of descriptors and the like. */
bool line_open(struct line *l, void *zmq, const struct line_peer *peer, struct err *e);
void line_close(struct line *l);

/* What it can do now: ZMQ_POLLIN, ZMQ_POLLOUT (connected). */
int line_events(const struct line *l);

/* Without waiting; false: not now. */
bool line_send(const struct line *l, const void *bytes, size_t length);
bool line_receive(const struct line *l, zmq_msg_t *frame);

#endif
