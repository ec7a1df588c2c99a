#include "server/ingest/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum {
	SOCKET_BACKLOG = 4096,
	SOCKET_HANDSHAKE_MS = 10000, /* as agents wait */
	SOCKET_QUIET_S = 30,         /* then TCP asks whether the peer is there */
	SOCKET_ASK_S = 10,
	SOCKET_ASKS = 3,
	SOCKET_RECEIVE_FRAMES = 32, /* per agent, before TCP holds it back */
	SOCKET_SEND_FRAMES = 256,   /* receipts are small */
	SOCKET_LINGER_MS = 1000,
};

static bool socket_set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

void *socket_open(void *zmq, const char *domain, const uint8_t *secret_key,
	size_t frame_max, struct err *e)
{
	/* No heartbeats from this end: libzmq 4.3 aborts when one is due on a closed
	 * connection whose frames still wait to be read.  Agents send theirs. */
	static const struct {
		int option, value;
	} settings[] = {
		{ZMQ_CURVE_SERVER, 1},
		{ZMQ_BACKLOG, SOCKET_BACKLOG},
		{ZMQ_HANDSHAKE_IVL, SOCKET_HANDSHAKE_MS},
		{ZMQ_TCP_KEEPALIVE, 1},
		{ZMQ_TCP_KEEPALIVE_IDLE, SOCKET_QUIET_S},
		{ZMQ_TCP_KEEPALIVE_INTVL, SOCKET_ASK_S},
		{ZMQ_TCP_KEEPALIVE_CNT, SOCKET_ASKS},
		{ZMQ_RCVHWM, SOCKET_RECEIVE_FRAMES},
		{ZMQ_SNDHWM, SOCKET_SEND_FRAMES},
		{ZMQ_LINGER, SOCKET_LINGER_MS},
		{ZMQ_ROUTER_HANDOVER, 0},
	};
	int64_t bytes = (int64_t)frame_max;
	void *socket = zmq_socket(zmq, ZMQ_ROUTER);
	bool ok = socket &&
		  zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 32) == 0 &&
		  zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0 &&
		  zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes, sizeof bytes) == 0;
	for (size_t i = 0; ok && i < sizeof settings / sizeof *settings; i++)
		ok = socket_set_int(socket, settings[i].option, settings[i].value);
	if (ok)
		return socket;
	err_set(e, ERR_IO, "%s socket: %s", domain, zmq_strerror(errno));
	if (socket)
		zmq_close(socket);
	return NULL;
}

bool socket_bind(void *socket, const char *host, uint16_t port, struct err *e)
{
	bool v6 = strchr(host, ':') != NULL;
	char endpoint[300];
	snprintf(endpoint, sizeof endpoint, v6 ? "tcp://[%s]:%u" : "tcp://%s:%u", host,
		port);
	if ((v6 && !socket_set_int(socket, ZMQ_IPV6, 1)) ||
		zmq_bind(socket, endpoint) != 0)
		return err_set(e, errno == EADDRINUSE ? ERR_BUSY : ERR_IO,
			"cannot listen at %s: %s", endpoint, zmq_strerror(errno));
	return true;
}
