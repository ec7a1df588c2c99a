/*
 * Door: the thread that decides who comes in.
 *
 * Answers ZAP for both sockets and owns the enrol socket.  Data: a known key comes in
 * and carries its agent's id from then on.  Enrol: any key, as often as its address
 * may; the request needs a token.  It never waits for the writer, and for the database
 * only briefly and not often, so that agents can connect while it is slow or frozen.
 */
#ifndef TIDEMARK_SERVER_INGEST_DOOR_H
#define TIDEMARK_SERVER_INGEST_DOOR_H

#include "common/err.h"
#include "schema/endpoints.h"

#include <stdbool.h>
#include <stdint.h>

#define DOOR_DOMAIN_DATA  "data"
#define DOOR_DOMAIN_ENROL "enrol"

struct door;

struct door_options {
	void *zmq;
	const char *database, *host;
	uint16_t enrol_port, data_port;
	const struct endpoints *servers; /* copied */
	const uint8_t *secret_key;
	void *roster; /* whom it tells of keys (roster.h); the door becomes the owner */
	int stop_fd;  /* readable: end */
};

/* Loads the keys, takes ZAP's endpoint, binds, and starts the thread. */
struct door *door_start(const struct door_options *options, struct err *e);

/* After stop_fd became readable: waits for the thread.  NULL is accepted. */
void door_stop(struct door *door);

#endif
