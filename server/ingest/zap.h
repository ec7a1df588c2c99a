/*
 * Zap: the frames of ZeroMQ's authentication protocol (RFC 27).
 *
 * libzmq asks at inproc://zeromq.zap.01 at each handshake.  The answer is 200 or 400,
 * never 300 or 500: after 400 a client gets an event and stops, after 300 it hangs
 * without a word.
 */
#ifndef TIDEMARK_SERVER_INGEST_ZAP_H
#define TIDEMARK_SERVER_INGEST_ZAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

enum { ZAP_TEXT_MAX = 255, ZAP_KEY_BYTES = 32 };

struct zap_request {
	uint8_t id[ZAP_TEXT_MAX]; /* to be given back */
	size_t id_length;
	char domain[ZAP_TEXT_MAX + 1], address[ZAP_TEXT_MAX + 1];
	char mechanism[ZAP_TEXT_MAX + 1];
	uint8_t public_key[ZAP_KEY_BYTES]; /* all zero unless mechanism is CURVE */
	bool well_formed;
};

/* Reads one request from the REP socket.  False: none is there (or the socket is
 * closed).  A malformed one is read whole and must be answered too. */
bool zap_receive(void *socket, struct zap_request *out);

/* `user_id` becomes the "User-Id" of every message of the connection; NULL: denied,
 * and `reason` says why. */
void zap_reply(void *socket, const struct zap_request *request, const char *user_id,
	const char *reason);

#endif
