/*
 * SHA-1 of a short text, as the handshake of WebSocket wants it (RFC 6455, 4.2.2).  It
 * only shows that the other side speaks WebSocket; nothing is kept secret by it.  Pure.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_SHA1_H
#define TIDEMARK_AGENT_CAPTURE_SHA1_H

#include <stddef.h>

enum { SHA1_BYTES = 20, SHA1_TEXT_MAX = 119 };

/* At most SHA1_TEXT_MAX bytes. */
void sha1(const void *text, size_t length, unsigned char out[SHA1_BYTES]);

#endif
