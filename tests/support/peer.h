/*
 * Peer: an agent as the server sees it, for tests and benches.
 *
 * A DEALER socket with CURVE keys of its own, and the messages in and out.  Nothing
 * in here decides: a test may send what no agent would.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_PEER_H
#define TIDEMARK_TESTS_SUPPORT_PEER_H

#include "schema/wire.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct peer {
	void *zmq, *socket;
	uint8_t public_key[32], secret_key[32], server_key[32];
	char machine_id[33];
	struct arena arena;
};

/* Sockets of peers that are open. A test that fails leaves its own, and who would end
 * their context would wait for them for ever. */
static atomic_int peer_sockets;

static inline void peer_die(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, zmq_strerror(zmq_errno()));
	exit(98);
}

/* New keys, and a machine id that goes with them. */
static inline void peer_init(struct peer *p, void *zmq, const uint8_t *server_key)
{
	memset(p, 0, sizeof *p);
	p->zmq = zmq;
	arena_init(&p->arena);
	crypto_box_keypair(p->public_key, p->secret_key);
	memcpy(p->server_key, server_key, 32);
	sodium_bin2hex(p->machine_id, sizeof p->machine_id, p->public_key, 16);
}

static inline void peer_close(struct peer *p)
{
	if (!p->socket)
		return;
	zmq_close(p->socket);
	p->socket = NULL;
	peer_sockets--;
}

static inline void peer_finish(struct peer *p)
{
	peer_close(p);
	arena_finish(&p->arena);
}

static inline void peer_connect(struct peer *p, uint16_t port)
{
	char endpoint[64];
	int linger = 0, ivl = 100, one = 1;
	peer_close(p);
	snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", port);
	p->socket = zmq_socket(p->zmq, ZMQ_DEALER);
	peer_sockets++;
	if (!p->socket ||
		zmq_setsockopt(p->socket, ZMQ_CURVE_SERVERKEY, p->server_key, 32) ||
		zmq_setsockopt(p->socket, ZMQ_CURVE_PUBLICKEY, p->public_key, 32) ||
		zmq_setsockopt(p->socket, ZMQ_CURVE_SECRETKEY, p->secret_key, 32) ||
		zmq_setsockopt(p->socket, ZMQ_LINGER, &linger, sizeof linger) ||
		zmq_setsockopt(p->socket, ZMQ_RECONNECT_IVL, &ivl, sizeof ivl) ||
		zmq_setsockopt(p->socket, ZMQ_IMMEDIATE, &one, sizeof one) ||
		zmq_connect(p->socket, endpoint))
		peer_die(endpoint);
}

/* False when it cannot be sent within the time: no connection. */
static inline bool peer_send(
	struct peer *p, const void *bytes, size_t length, int timeout_ms)
{
	zmq_setsockopt(p->socket, ZMQ_SNDTIMEO, &timeout_ms, sizeof timeout_ms);
	return zmq_send(p->socket, bytes, length, 0) >= 0;
}

/* One message of one frame, or false after the time.  Bytes are in the arena. */
static inline bool peer_receive(
	struct peer *p, void **bytes, size_t *length, int timeout_ms)
{
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	zmq_setsockopt(p->socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
	bool got = zmq_msg_recv(&frame, p->socket, 0) >= 0;
	if (got) {
		*length = zmq_msg_size(&frame);
		*bytes = arena_alloc(&p->arena, *length + 1);
		memcpy(*bytes, zmq_msg_data(&frame), *length);
	}
	zmq_msg_close(&frame);
	return got;
}

/* False when nothing came. */
static inline bool peer_receipt(
	struct peer *p, struct wire_receipt *out, int timeout_ms)
{
	void *bytes;
	size_t length;
	struct err e;
	if (!peer_receive(p, &bytes, &length, timeout_ms))
		return false;
	if (!wire_receipt_decode(bytes, length, &p->arena, out, &e)) {
		fprintf(stderr, "peer: bad receipt: %s\n", e.text);
		exit(98);
	}
	return true;
}

/* Asks to enrol at the enrol port; the connection is closed again. */
static inline bool peer_enrol(struct peer *p, uint16_t port, const char *token_id,
	const char *secret, struct wire_enrol_reply *out, int timeout_ms)
{
	struct wire_enrol_request request = {.protocol = WIRE_PROTOCOL,
		.token_id = token_id,
		.token_secret = secret,
		.machine_id = p->machine_id,
		.hostname = "test-host",
		.agent_version = "0.0.1"};
	memcpy(request.public_key, p->public_key, 32);
	struct buf frame = {0};
	struct err e;
	void *bytes;
	size_t length;
	wire_enrol_request_encode(&request, &frame);
	peer_connect(p, port);
	bool ok = peer_send(p, frame.data, frame.length, timeout_ms) &&
		  peer_receive(p, &bytes, &length, timeout_ms) &&
		  wire_enrol_reply_decode(bytes, length, &p->arena, out, &e);
	buf_finish(&frame);
	peer_close(p);
	return ok;
}

/* What peer_batch makes. */
struct peer_shape {
	const char *service, *version; /* NULL: "checkout", "1.0.0" */
	size_t processes;
	size_t ticks;
	int64_t at_unix_ms, step_ms;
	uint32_t first_pid;
};

/* A batch of plausible values, in the arena. */
static inline struct wire_batch peer_batch(
	const struct peer *p, const struct peer_shape *shape, struct arena *a)
{
	struct wire_batch b = {.boot_id = "11111111-2222-3333-4444-555555555555",
		.machine_id = p->machine_id,
		.hostname = "test-host",
		.kernel = "6.1.0",
		.cpus = 4,
		.interval_ms = 10000,
		.process_count = shape->processes,
		.tick_count = shape->ticks};
	b.processes = arena_array(a, b.process_count, sizeof *b.processes);
	b.ticks = arena_array(a, b.tick_count, sizeof *b.ticks);
	for (size_t i = 0; i < b.process_count; i++)
		b.processes[i] = (struct wire_process){
			.service = shape->service ? shape->service : "checkout",
			.version = shape->version ? shape->version : "1.0.0",
			.runtime = "node",
			.rule = "test",
			.command = "node app.js",
			.slot = (uint32_t)i,
			.pid = shape->first_pid + (uint32_t)i,
			.started_unix_ms = shape->at_unix_ms - 3600000,
			.start_ticks = 1000 + i,
		};
	for (size_t t = 0; t < b.tick_count; t++) {
		struct wire_tick *tick = &b.ticks[t];
		tick->at_unix_ms = shape->at_unix_ms + (int64_t)t * shape->step_ms;
		tick->sample_count = shape->processes;
		tick->samples = arena_array(a, shape->processes, sizeof *tick->samples);
		for (int m = 0; m < METRIC_HOST_COUNT; m++) {
			tick->host.present |= UINT64_C(1) << m;
			tick->host.value[m] = 1000 * m + (int64_t)t;
		}
		for (size_t i = 0; i < shape->processes; i++) {
			tick->samples[i].process = (uint32_t)i;
			/* What procfs tells. */
			for (int m = 0; m < PROCESS_heap_used_kb; m++) {
				tick->samples[i].values.present |= UINT64_C(1) << m;
				tick->samples[i].values.value[m] = 100000 +
								   (int64_t)i * 997 +
								   m * 13 +
								   tick->at_unix_ms /
									   10000 % 1000;
			}
		}
	}
	return b;
}

/* The whole frame of a batch. */
static inline void peer_upload(const struct wire_batch *batch, uint64_t epoch,
	uint64_t sequence, struct buf *frame)
{
	struct buf packed = {0};
	struct err e;
	if (!wire_batch_encode(batch, &packed, &e)) {
		fprintf(stderr, "peer: encode: %s\n", e.text);
		exit(98);
	}
	struct wire_upload upload = {.protocol = WIRE_PROTOCOL,
		.agent_version = "0.0.1",
		.epoch = epoch,
		.sequence = sequence,
		.oldest = sequence,
		.spool_bytes = packed.length,
		.batch = packed.data,
		.batch_length = packed.length};
	wire_upload_encode(&upload, frame);
	buf_finish(&packed);
}

#endif
