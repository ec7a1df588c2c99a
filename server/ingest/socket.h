/*
 * Socket: what the ingest's two bound sockets have in common.
 */
#ifndef TIDEMARK_SERVER_INGEST_SOCKET_H
#define TIDEMARK_SERVER_INGEST_SOCKET_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A ROUTER that speaks CURVE only, asks ZAP for `domain`, reads frames of at most
 * frame_max bytes, and drops connections that do not finish their handshake or whose
 * machine is gone.  NULL on failure; zmq_close it. */
void *socket_open(void *zmq, const char *domain, const uint8_t *secret_key,
	size_t frame_max, struct err *e);

bool socket_bind(void *socket, const char *host, uint16_t port, struct err *e);

#endif
