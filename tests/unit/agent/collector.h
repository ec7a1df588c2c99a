/*
 * Collector: the other side of an uplink, for tests: a real ROUTER socket with CURVE
 * and a ZAP handler.  It has no thread; collector_step does what waits.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_COLLECTOR_H
#define TIDEMARK_TESTS_UNIT_AGENT_COLLECTOR_H

#include "schema/wire.h"
#include "tests/unit/cmocka_all.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum { COLLECTOR_FRAMES = 4096 };

struct collector {
	uint8_t public_key[32], secret_key[32];
	uint16_t port; /* 0: any; stays over collector_stop */
	void *context, *router, *zap;
	const char *status; /* "200" or what ZAP says instead */
	int zap_requests;
	uint8_t peer_key[32]; /* of the newest of them */

	/* Called for each frame from an agent. */
	void (*receive)(struct collector *c, const void *frame, size_t length);
	void *user;

	uint8_t peer[256]; /* routing id of the frame in hand */
	size_t peer_length;
};

static inline void collector_keys(struct collector *c)
{
	*c = (struct collector){.status = "200"};
	assert_true(sodium_init() >= 0);
	crypto_box_keypair(c->public_key, c->secret_key);
}

static inline void collector_start(struct collector *c)
{
	int yes = 1, no = 0;
	char endpoint[64];
	size_t length = sizeof endpoint;
	c->context = zmq_ctx_new();
	c->zap = zmq_socket(c->context, ZMQ_REP);
	assert_int_equal(zmq_bind(c->zap, "inproc://zeromq.zap.01"), 0);
	c->router = zmq_socket(c->context, ZMQ_ROUTER);
	zmq_setsockopt(c->router, ZMQ_LINGER, &no, sizeof no);
	zmq_setsockopt(c->router, ZMQ_CURVE_SERVER, &yes, sizeof yes);
	zmq_setsockopt(c->router, ZMQ_CURVE_SECRETKEY, c->secret_key, 32);
	zmq_setsockopt(c->router, ZMQ_ZAP_DOMAIN, "data", 4);
	snprintf(endpoint, sizeof endpoint,
		c->port ? "tcp://127.0.0.1:%u" : "tcp://127.0.0.1:*",
		(unsigned)c->port);
	/* A port that was just given back may need a moment. */
	for (int i = 0; zmq_bind(c->router, endpoint) != 0 && i < 100; i++)
		zmq_poll(NULL, 0, 20);
	assert_int_equal(
		zmq_getsockopt(c->router, ZMQ_LAST_ENDPOINT, endpoint, &length), 0);
	c->port = (uint16_t)atoi(strrchr(endpoint, ':') + 1);
	assert_int_not_equal(c->port, 0);
}

static inline void collector_stop(struct collector *c)
{
	if (!c->context)
		return;
	zmq_close(c->router);
	zmq_close(c->zap);
	zmq_ctx_term(c->context);
	c->context = c->router = c->zap = NULL;
}

static inline void collector_answer_zap(struct collector *c)
{
	char parts[8][256];
	int count = 0, more = 1;
	size_t size = sizeof more;
	while (more && count < 8) {
		int length = zmq_recv(c->zap, parts[count], 255, 0);
		assert_true(length >= 0);
		parts[count++][length] = '\0';
		zmq_getsockopt(c->zap, ZMQ_RCVMORE, &more, &size);
	}
	assert_int_equal(count, 7);
	assert_string_equal(parts[5], "CURVE");
	memcpy(c->peer_key, parts[6], sizeof c->peer_key);
	zmq_send(c->zap, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(c->zap, parts[1], strlen(parts[1]), ZMQ_SNDMORE);
	zmq_send(c->zap, c->status, 3, ZMQ_SNDMORE);
	zmq_send(c->zap, "", 0, ZMQ_SNDMORE);
	zmq_send(c->zap, "7", 1, ZMQ_SNDMORE);
	zmq_send(c->zap, "", 0, 0);
	c->zap_requests++;
}

static inline void collector_step(struct collector *c)
{
	static uint8_t frame[WIRE_FRAME_BYTES_MAX];
	if (!c->context)
		return;
	zmq_pollitem_t items[] = {
		{c->zap, 0, ZMQ_POLLIN, 0}, {c->router, 0, ZMQ_POLLIN, 0}};
	while (zmq_poll(items, 2, 0) > 0) {
		if (items[0].revents)
			collector_answer_zap(c);
		if (!items[1].revents)
			continue;
		int peer = zmq_recv(c->router, c->peer, sizeof c->peer, 0);
		int length = zmq_recv(c->router, frame, sizeof frame, 0);
		assert_true(peer > 0 && length >= 0);
		c->peer_length = (size_t)peer;
		if (c->receive)
			c->receive(c, frame, (size_t)length);
	}
}

/* To the peer of the newest frame. */
static inline void collector_send(struct collector *c, const void *bytes, size_t length)
{
	zmq_send(c->router, c->peer, c->peer_length, ZMQ_SNDMORE);
	zmq_send(c->router, bytes, length, 0);
}

static inline void collector_receipt(struct collector *c, const struct wire_receipt *r)
{
	struct buf b = {0};
	wire_receipt_encode(r, &b);
	collector_send(c, b.data, b.length);
	buf_finish(&b);
}

#endif
