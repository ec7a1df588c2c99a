/*
 * Http: requests in, answers out; the only user of libmicrohttpd.
 *
 * Connections live on a small pool of threads.  For each whole request `handle` is
 * called once, on one of them; it fills the response, which starts as an empty 200.
 * Request, response and everything in the request's arena live until the answer is
 * sent.
 *
 * What every answer needs is done here: TLS (tls.h), whose word counts for who asks
 * (proxies.h), limits on address, headers and body, deadlines (reaper.h), connections
 * per address (clients.h), gzip, strong ETags with 304, security headers.
 * Problems that are seen here (413, 414) are given to `handle` as request->refused.
 */
#ifndef TIDEMARK_SERVER_API_HTTP_H
#define TIDEMARK_SERVER_API_HTTP_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "server/api/clients.h"
#include "server/api/proxies.h"
#include "server/api/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	HTTP_URI_MAX = 8192,
	HTTP_BODY_MAX = 64 * 1024,
	HTTP_HEADERS_MAX = 12,
	HTTP_THREADS = 16,
};

struct http_request {
	const char *method;  /* as sent: "GET" */
	const char *path;    /* as sent, without the query */
	const char *query;   /* as sent, behind the "?"; "" when there is none */
	const char *address; /* of the peer: "127.0.0.1" */
	const char *client;  /* who asks: the peer, or whom trusted proxies name */
	bool is_secure;      /* over TLS, ours or that of a trusted proxy */
	const char *body;    /* NUL-terminated; "" when there is none */
	size_t body_length;
	int refused; /* 413 or 414 when a limit was broken; else 0 */
	struct arena *arena;
	void *connection; /* of http.c */
};

/* NULL when it was not sent; of several, the first. */
const char *http_header(const struct http_request *request, const char *name);

/* A stream without an end: `read` is called on a thread of the pool.  It writes up to
 * `room` bytes and returns how many; 0 means nothing for now, until http_stream_wake;
 * −1 means the end.  `close` is called once, when the connection is gone. */
struct http_source {
	void *context;
	ssize_t (*read)(void *context, char *to, size_t room);
	void (*close)(void *context);
};

struct http_stream;

/* Belongs to the response that it is put into; freed after `close`. */
struct http_stream *http_stream_create(const struct http_source *source);

/* From any thread, but not during or after `close`. */
void http_stream_wake(struct http_stream *stream);

/* A body of known length that is read in parts while it is sent, on a thread of the
 * pool: `read` writes 1 to `room` bytes of those at `offset` and returns how many; −1
 * cuts the connection, so that the client sees that it has not got everything.
 * `close` is called once, whether or not anything was read. */
struct http_content {
	void *context;
	uint64_t length;
	ssize_t (*read)(void *context, uint64_t offset, char *to, size_t room);
	void (*close)(void *context);
};

struct http_field {
	const char *name, *value;
};

struct http_response {
	int status;
	const char *type;     /* NULL: no body */
	struct buf body;      /* taken over */
	const void *constant; /* instead of `body`: bytes that outlive the server */
	size_t constant_length;
	struct http_stream *stream;   /* instead of either */
	struct http_content *content; /* instead of all; lives until its `close` */
	bool is_encoded;              /* the body is gzip already */
	struct http_field headers[HTTP_HEADERS_MAX];
	size_t header_count;
	size_t row; /* for `done` */
};

/* `value` must live in the request's arena or be constant. */
void http_add_header(
	struct http_response *response, const char *name, const char *value);

struct http_options {
	const char *host; /* a literal address */
	uint16_t port;    /* 0: any */
	int64_t read_ms;  /* for a TLS handshake and a request, or for a request */
	int64_t idle_ms, answer_ms;
	int64_t send_ms;   /* to send a `content` */
	int64_t stream_ms; /* of a stream, without taking anything */
	struct tls *tls;   /* NULL: plain; must outlive it */
	int64_t hsts_s;    /* how long browsers must ask over TLS only; 0: not said */
	const struct proxies *proxies; /* must outlive it */
	unsigned connections_max;
	struct clients *clients; /* connections per address; must outlive it */
	void *context;
	void (*handle)(
		void *context, struct http_request *request, struct http_response *r);
	/* After the answer was made: what it was and how long it took. */
	void (*done)(void *context, const struct http_response *r, int64_t us);
};

struct http;

struct http *http_start(const struct http_options *options, struct err *e);

/* All streams must have ended or been woken to end. */
void http_stop(struct http *http);

uint16_t http_port(const struct http *http);

/* Open connections, and how many were cut for taking too long. */
void http_count(struct http *http, size_t *open, size_t *cut);

#endif
