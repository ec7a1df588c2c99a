/*
 * HTTP client: the two requests that an inspector is asked, and no more of HTTP/1.1
 * than Node.js needs for them.
 *
 * Answers are bounded (HTTP_CLIENT_HEAD_MAX, HTTP_CLIENT_BODY_MAX); what breaks the
 * rules is ERR_INPUT.  The channel and its deadline are the caller's.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_HTTP_CLIENT_H
#define TIDEMARK_AGENT_CAPTURE_HTTP_CLIENT_H

#include "agent/capture/channel.h"
#include "common/buf.h"

enum { HTTP_CLIENT_HEAD_MAX = 8 << 10, HTTP_CLIENT_BODY_MAX = 256 << 10 };

/* "127.0.0.1:9229": other hosts the inspector answers with 400. */
bool http_client_get(struct channel *c, const char *host, const char *path,
	struct buf *body, struct err *e);

/* Changes to WebSocket.  What came behind the answer is appended to `rest`. */
bool http_client_upgrade(struct channel *c, const char *host, const char *path,
	struct buf *rest, struct err *e);

struct http_client_head {
	int status;
	int64_t content_length; /* -1: not told */
	char accept[64];        /* Sec-WebSocket-Accept */
	size_t length;          /* of the head, with its empty line */
};

/* False without error text when the head is not complete yet; ERR_INPUT with one when
 * it is wrong (*is_wrong).  Pure. */
bool http_client_parse(
	const char *text, size_t length, struct http_client_head *out, bool *is_wrong);

#endif
