#include "tests/fleet/fleet/line.h"

#include "schema/wire.h"

#include <stdio.h>
#include <string.h>

enum {
	LINE_RECONNECT_MS = 200,
	LINE_RECONNECT_MAX_MS = 30 * 1000,
	LINE_CONNECT_MS = 10 * 1000,
	LINE_HANDSHAKE_MS = 10 * 1000,
	LINE_HEARTBEAT_MS = 10 * 1000,
	LINE_HEARTBEAT_TIMEOUT_MS = 30 * 1000,
	LINE_HEARTBEAT_TTL_MS = 5 * 60 * 1000,
	LINE_FRAMES_MAX = 32,
	LINE_PER_ADDRESS = 100, /* agents that seem to be behind one address */
};

static bool line_set_numbers(void *socket, bool ipv6)
{
	const struct {
		int option, value;
	} numbers[] = {
		{ZMQ_LINGER, 0},
		{ZMQ_IMMEDIATE, 1},
		{ZMQ_IPV6, ipv6},
		{ZMQ_SNDHWM, LINE_FRAMES_MAX},
		{ZMQ_RCVHWM, 0},
		{ZMQ_RECONNECT_IVL, LINE_RECONNECT_MS},
		{ZMQ_RECONNECT_IVL_MAX, LINE_RECONNECT_MAX_MS},
		{ZMQ_CONNECT_TIMEOUT, LINE_CONNECT_MS},
		{ZMQ_HANDSHAKE_IVL, LINE_HANDSHAKE_MS},
		{ZMQ_HEARTBEAT_IVL, LINE_HEARTBEAT_MS},
		{ZMQ_HEARTBEAT_TIMEOUT, LINE_HEARTBEAT_TIMEOUT_MS},
		{ZMQ_HEARTBEAT_TTL, LINE_HEARTBEAT_TTL_MS},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (zmq_setsockopt(socket, numbers[i].option, &numbers[i].value,
			    sizeof numbers[i].value) != 0)
			return false;
	return true;
}

/* A fleet on one machine comes from many addresses of the loopback, as hosts do: else
 * it would share one host's limits. */
static void line_endpoint(const struct line_peer *peer, char *out, size_t size)
{
	bool ipv6 = strchr(peer->host, ':') != NULL;
	uint32_t address = peer->number / LINE_PER_ADDRESS;
	if (strncmp(peer->host, "127.", 4) == 0)
		snprintf(out, size, "tcp://127.77.%u.%u:0;%s:%u", address / 250 % 250,
			address % 250 + 1, peer->host, (unsigned)peer->port);
	else
		snprintf(out, size, ipv6 ? "tcp://[%s]:%u" : "tcp://%s:%u", peer->host,
			(unsigned)peer->port);
}

bool line_open(struct line *l, void *zmq, const struct line_peer *peer, struct err *e)
{
	char endpoint[400];
	size_t size = sizeof l->fd;
	line_endpoint(peer, endpoint, sizeof endpoint);
	void *s = zmq_socket(zmq, ZMQ_DEALER);
	if (s && line_set_numbers(s, strchr(peer->host, ':') != NULL) &&
		zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, peer->server_key, 32) == 0 &&
		zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, peer->public_key, 32) == 0 &&
		zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, peer->secret_key, 32) == 0 &&
		zmq_getsockopt(s, ZMQ_FD, &l->fd, &size) == 0 &&
		zmq_connect(s, endpoint) == 0) {
		l->socket = s;
		return true;
	}
	err_set(e, ERR_IO, "%s: %s", endpoint, zmq_strerror(zmq_errno()));
	if (s)
		zmq_close(s);
	return false;
}

void line_close(struct line *l)
{
	if (l->socket)
		zmq_close(l->socket);
	*l = (struct line){.fd = -1};
}

int line_events(const struct line *l)
{
	int events = 0;
	size_t size = sizeof events;
	if (l->socket)
		zmq_getsockopt(l->socket, ZMQ_EVENTS, &events, &size);
	return events;
}

bool line_send(const struct line *l, const void *bytes, size_t length)
{
	return l->socket && zmq_send(l->socket, bytes, length, ZMQ_DONTWAIT) >= 0;
}

bool line_receive(const struct line *l, zmq_msg_t *frame)
{
	return l->socket && zmq_msg_recv(frame, l->socket, ZMQ_DONTWAIT) >= 0;
}
