/*
 * Peer: an agent that misbehaves, for the stories.
 *
 *     scenario_peer ENDPOINT TOKEN KEY FRAME...
 *
 * Connects to ENDPOINT (tcp://HOST:PORT) as CURVE client of the server that the join
 * token names, with the key pair of the agent whose state directory is KEY, or with a
 * new one when KEY is "unknown".  Sends the frames, then says for two seconds what
 * happens, one event a line: "connected", "refused" (the handshake), "disconnected",
 * "reply N" (bytes).  A FRAME is a number of random bytes, or "@FILE" for its content.
 */
#include "agent/state.h"
#include "common/clock.h"
#include "schema/token.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { PEER_LISTEN_MS = 2000, PEER_FRAME_MAX = 64 << 20 };

static void peer_fail(const char *what, const char *why)
{
	fprintf(stderr, "peer: %s: %s\n", what, why);
	exit(2);
}

static void *peer_frame(const char *spec, size_t *length)
{
	char *bytes = malloc(PEER_FRAME_MAX);
	if (!bytes)
		peer_fail(spec, "out of memory");
	if (spec[0] == '@') {
		FILE *file = fopen(spec + 1, "rb");
		if (!file)
			peer_fail(spec, "cannot be opened");
		*length = fread(bytes, 1, PEER_FRAME_MAX, file);
		fclose(file);
		return bytes;
	}
	*length = strtoul(spec, NULL, 10);
	if (*length > PEER_FRAME_MAX)
		peer_fail(spec, "too large");
	randombytes_buf(bytes, *length);
	return bytes;
}

static void peer_use_keys(void *socket, const char *key, const char *token_text)
{
	struct err e;
	struct join_token token;
	struct state_keys keys;
	if (!token_parse(token_text, &token, &e))
		peer_fail("token", e.text);
	if (strcmp(key, "unknown") == 0)
		crypto_box_keypair(keys.public_key, keys.secret_key);
	else if (!state_keys(key, &keys, &e))
		peer_fail("key", e.text);
	if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, token.public_key, 32) != 0 ||
		zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys.public_key, 32) != 0 ||
		zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys.secret_key, 32) != 0)
		peer_fail("CURVE", zmq_strerror(errno));
}

static void *peer_monitor(void *context, void *socket)
{
	int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
		     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
		     ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED;
	void *monitor = zmq_socket(context, ZMQ_PAIR);
	if (!monitor || zmq_socket_monitor(socket, "inproc://monitor", events) != 0 ||
		zmq_connect(monitor, "inproc://monitor") != 0)
		peer_fail("monitor", zmq_strerror(errno));
	return monitor;
}

static void peer_say_event(void *monitor)
{
	char bytes[256];
	if (zmq_recv(monitor, bytes, sizeof bytes, 0) < 2)
		return;
	uint16_t event;
	memcpy(&event, bytes, sizeof event);
	zmq_recv(monitor, bytes, sizeof bytes, 0);
	if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		puts("connected");
	else if (event == ZMQ_EVENT_DISCONNECTED)
		puts("disconnected");
	else
		puts("refused");
}

static void peer_listen(void *socket, void *monitor)
{
	int64_t until = clock_mono_ms() + PEER_LISTEN_MS;
	for (int64_t left; (left = until - clock_mono_ms()) > 0;) {
		zmq_pollitem_t items[] = {{.socket = socket, .events = ZMQ_POLLIN},
			{.socket = monitor, .events = ZMQ_POLLIN}};
		if (zmq_poll(items, 2, (long)left) <= 0)
			continue;
		if (items[0].revents) {
			char reply[4096];
			printf("reply %d\n", zmq_recv(socket, reply, sizeof reply, 0));
		}
		if (items[1].revents)
			peer_say_event(monitor);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4 || sodium_init() < 0)
		peer_fail("usage", "scenario_peer ENDPOINT TOKEN KEY FRAME...");
	void *context = zmq_ctx_new();
	void *socket = zmq_socket(context, ZMQ_DEALER);
	int linger = 0;
	zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
	peer_use_keys(socket, argv[3], argv[2]);
	void *monitor = peer_monitor(context, socket);
	if (zmq_connect(socket, argv[1]) != 0)
		peer_fail(argv[1], zmq_strerror(errno));
	for (int i = 4; i < argc; i++) {
		size_t length;
		void *bytes = peer_frame(argv[i], &length);
		/* A refused peer has nowhere to send to. */
		if (zmq_send(socket, bytes, length, ZMQ_DONTWAIT) < 0 &&
			errno != EAGAIN)
			peer_fail(argv[i], zmq_strerror(errno));
		free(bytes);
	}
	peer_listen(socket, monitor);
	zmq_close(monitor);
	zmq_close(socket);
	zmq_ctx_term(context);
	return 0;
}
