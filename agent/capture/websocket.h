/*
 * WebSocket: the client's side of RFC 6455, bytes only.
 *
 * Frames of the server are pushed in as they come, in any pieces; the text of messages
 * comes out in pieces too, so that no message is ever held whole.  Extensions are not
 * offered, so none is accepted.  A server that breaks the protocol is ERR_INPUT and
 * the stream is then of no use.
 *
 * Plain data in the caller's storage.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_WEBSOCKET_H
#define TIDEMARK_AGENT_CAPTURE_WEBSOCKET_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WEBSOCKET_KEY_BYTES = 25, /* with the NUL */
	WEBSOCKET_ACCEPT_BYTES = 29,
	WEBSOCKET_CONTROL_MAX = 125,
	WEBSOCKET_HEADER_MAX = 14,
};

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

struct websocket_events {
	/* A piece of a message; `is_last` comes with its last one, which may be empty.
	 */
	bool (*text)(void *context, const char *bytes, size_t length, bool is_last,
		struct err *e);
	/* To be answered with a pong of the same bytes. */
	bool (*ping)(void *context, const void *bytes, size_t length, struct err *e);
	void *context;
};

struct websocket {
	const struct websocket_events *events;
	unsigned char header[WEBSOCKET_HEADER_MAX];
	size_t header_length, header_wanted;
	uint64_t remaining; /* of the frame's payload */
	enum websocket_opcode opcode;
	bool is_final, in_payload, in_message;
	unsigned char control[WEBSOCKET_CONTROL_MAX];
	size_t control_length;
	bool is_closed;      /* the server has said goodbye */
	uint16_t close_code; /* 1005: without a code */
};

void websocket_init(struct websocket *w, const struct websocket_events *events);

/* What comes behind a close frame is ignored. */
bool websocket_feed(
	struct websocket *w, const char *bytes, size_t length, struct err *e);

/* Appends one frame, masked with random bytes as clients must. */
void websocket_frame(struct buf *out, enum websocket_opcode opcode, const void *bytes,
	size_t length);

/* A fresh Sec-WebSocket-Key, and the Sec-WebSocket-Accept that must answer it. */
void websocket_key(char out[WEBSOCKET_KEY_BYTES]);
void websocket_accept(
	const char key[WEBSOCKET_KEY_BYTES], char out[WEBSOCKET_ACCEPT_BYTES]);

#endif
