#include "agent/uplink_socket.h"

#include "schema/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <zmq.h>

enum {
	UPLINK_RECONNECT_MS = 200,
	UPLINK_RECONNECT_MAX_MS = 30 * 1000,
	UPLINK_CONNECT_MS = 10 * 1000,
	UPLINK_HANDSHAKE_MS = 10 * 1000,
	UPLINK_HEARTBEAT_MS = 10 * 1000,
	UPLINK_HEARTBEAT_TIMEOUT_MS = 30 * 1000,
	UPLINK_HEARTBEAT_TTL_MS = 5 * 60 * 1000, /* then the server gives us up */
	/* In libzmq's hands on the way out; the spool is the queue.  What comes in is
	 * bounded by the window instead: libzmq 4.3.4 aborts when a heartbeat is due
	 * while it waits for room. */
	UPLINK_FRAMES_MAX = 32,
	UPLINK_EVENTS = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
			ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
			ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
			ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
			ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
};

static bool uplink_set_numbers(void *dealer, bool ipv6)
{
	const struct {
		int option, value;
	} numbers[] = {
		{ZMQ_LINGER, 0},
		{ZMQ_IMMEDIATE, 1},
		{ZMQ_IPV6, ipv6},
		{ZMQ_SNDHWM, UPLINK_FRAMES_MAX},
		{ZMQ_RCVHWM, 0},
		{ZMQ_RECONNECT_IVL, UPLINK_RECONNECT_MS},
		{ZMQ_RECONNECT_IVL_MAX, UPLINK_RECONNECT_MAX_MS},
		{ZMQ_CONNECT_TIMEOUT, UPLINK_CONNECT_MS},
		{ZMQ_HANDSHAKE_IVL, UPLINK_HANDSHAKE_MS},
		{ZMQ_HEARTBEAT_IVL, UPLINK_HEARTBEAT_MS},
		{ZMQ_HEARTBEAT_TIMEOUT, UPLINK_HEARTBEAT_TIMEOUT_MS},
		{ZMQ_HEARTBEAT_TTL, UPLINK_HEARTBEAT_TTL_MS},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (zmq_setsockopt(dealer, numbers[i].option, &numbers[i].value,
			    sizeof numbers[i].value) != 0)
			return false;
	int64_t frame_max = WIRE_FRAME_BYTES_MAX;
	return zmq_setsockopt(dealer, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) ==
	       0;
}

static bool uplink_set_keys(void *dealer, const struct uplink_peer *peer)
{
	return zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, peer->server_key,
		       STATE_KEY_BYTES) == 0 &&
	       zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, peer->keys->public_key,
		       STATE_KEY_BYTES) == 0 &&
	       zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, peer->keys->secret_key,
		       STATE_KEY_BYTES) == 0;
}

static bool uplink_watch(struct uplink_socket *s, void *context)
{
	static atomic_uint turn;
	int linger = 0;
	char address[64];
	snprintf(address, sizeof address, "inproc://uplink-monitor-%u",
		atomic_fetch_add(&turn, 1));
	s->monitor = zmq_socket(context, ZMQ_PAIR);
	return s->monitor &&
	       zmq_setsockopt(s->monitor, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
	       zmq_socket_monitor(s->dealer, address, UPLINK_EVENTS) == 0 &&
	       zmq_connect(s->monitor, address) == 0;
}

bool uplink_socket_open(struct uplink_socket *s, void *context,
	const struct uplink_peer *peer, struct err *e)
{
	bool ipv6 = strchr(peer->host, ':') != NULL;
	char endpoint[STATE_HOST_MAX + 32];
	snprintf(endpoint, sizeof endpoint, ipv6 ? "tcp://[%s]:%u" : "tcp://%s:%u",
		peer->host, (unsigned)peer->port);
	s->dealer = zmq_socket(context, ZMQ_DEALER);
	if (s->dealer && uplink_set_numbers(s->dealer, ipv6) &&
		uplink_set_keys(s->dealer, peer) && uplink_watch(s, context) &&
		zmq_connect(s->dealer, endpoint) == 0)
		return true;
	enum err_kind kind = zmq_errno() == EINVAL ? ERR_INPUT : ERR_IO;
	err_set(e, kind, "cannot connect to %s: %s", endpoint,
		zmq_strerror(zmq_errno()));
	uplink_socket_close(s);
	return false;
}

void uplink_socket_close(struct uplink_socket *s)
{
	/* The events end before their reader goes: libzmq's thread would wait for
	 * another reader for ever, and we for that thread. */
	if (s->dealer) {
		zmq_socket_monitor(s->dealer, NULL, 0);
		zmq_close(s->dealer);
	}
	if (s->monitor)
		zmq_close(s->monitor);
	*s = (struct uplink_socket){0};
}

static enum uplink_event uplink_translate(uint16_t event)
{
	switch (event) {
	case ZMQ_EVENT_CONNECTED:
		return UPLINK_REACHED;
	case ZMQ_EVENT_CONNECT_RETRIED:
		return UPLINK_UNREACHABLE;
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		return UPLINK_CONNECTED;
	case ZMQ_EVENT_DISCONNECTED:
		return UPLINK_DISCONNECTED;
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		return UPLINK_DENIED;
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		return UPLINK_NO_HANDSHAKE;
	default:
		return UPLINK_OTHER;
	}
}

enum uplink_event uplink_socket_event(struct uplink_socket *s)
{
	/* Two frames: event u16 and value u32 in the host's order, and the address. */
	uint8_t frame[6];
	char address[512];
	uint16_t event;
	if (!s->monitor || zmq_recv(s->monitor, frame, sizeof frame, ZMQ_DONTWAIT) < 0)
		return UPLINK_NOTHING;
	zmq_recv(s->monitor, address, sizeof address, ZMQ_DONTWAIT);
	memcpy(&event, frame, sizeof event);
	return uplink_translate(event);
}

bool uplink_socket_send(struct uplink_socket *s, const void *bytes, size_t length)
{
	return s->dealer && zmq_send(s->dealer, bytes, length, ZMQ_DONTWAIT) >= 0;
}

bool uplink_socket_receive(struct uplink_socket *s, struct buf *out, bool *whole)
{
	zmq_msg_t frame;
	bool more = false, first = true;
	if (!s->dealer)
		return false;
	buf_reset(out);
	do {
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, s->dealer, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&frame);
			return false;
		}
		more = zmq_msg_more(&frame);
		*whole = first && !more;
		if (*whole)
			buf_append(out, zmq_msg_data(&frame), zmq_msg_size(&frame));
		first = false;
		zmq_msg_close(&frame);
	} while (more);
	return true;
}
