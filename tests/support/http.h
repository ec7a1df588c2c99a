/*
 * Http: a plain HTTP/1.1 client for tests, one connection per request unless kept.
 *
 * What fails on the way ends the test program: a test that cannot talk tests nothing.
 */
#ifndef TIDEMARK_TESTS_SUPPORT_HTTP_H
#define TIDEMARK_TESTS_SUPPORT_HTTP_H

#include "common/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct http_reply {
	int status;
	struct buf head; /* with the status line */
	struct buf body; /* chunks joined */
};

static inline void http_reply_finish(struct http_reply *r)
{
	buf_finish(&r->head);
	buf_finish(&r->body);
}
#define scoped_reply __attribute__((cleanup(http_reply_finish)))

static inline void http_die(const char *what)
{
	fprintf(stderr, "http: %s: %s\n", what, strerror(errno));
	exit(99);
}

static inline int http_connect(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = 60};
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
		connect(fd, (struct sockaddr *)&to, sizeof to))
		http_die("connect");
	return fd;
}

static inline void http_send(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length) {
		ssize_t n = send(fd, at, length, MSG_NOSIGNAL);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return; /* the answer says why */
		if (n < 0)
			http_die("send");
		at += n;
		length -= (size_t)n;
	}
}

/* Reads at least one more byte; false at the end. */
static inline bool http_more(int fd, struct buf *in)
{
	ssize_t n = recv(fd, buf_reserve(in, 65536), 65536, 0);
	if (n < 0 && errno == ECONNRESET)
		n = 0;
	if (n < 0)
		http_die("no answer");
	in->length += (size_t)n;
	in->data[in->length] = 0;
	return n > 0;
}

/* The value of a header, copied into `value`; false when there is none. */
static inline bool http_field(
	const struct http_reply *r, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);
	for (const char *line = r->head.data; line; line = strstr(line, "\r\n")) {
		line += line == r->head.data ? 0 : 2;
		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		line += length + 1;
		line += strspn(line, " ");
		snprintf(value, size, "%.*s", (int)strcspn(line, "\r"), line);
		return true;
	}
	return false;
}

static inline void http_join_chunks(const char *at, struct buf *body)
{
	for (;;) {
		char *text;
		size_t length = strtoul(at, &text, 16);
		text = strstr(text, "\r\n");
		if (length == 0 || !text)
			return;
		buf_append(body, text + 2, length);
		at = text + 2 + length + 2;
	}
}

/* Reads one answer; `is_head`: it has no body. */
static inline void http_receive(int fd, bool is_head, struct http_reply *r)
{
	struct buf in = {0};
	char value[64];
	const char *end;
	memset(r, 0, sizeof *r);
	while (!in.data || !(end = strstr(in.data, "\r\n\r\n")))
		if (!http_more(fd, &in))
			http_die("the connection ended within the headers");
	size_t head = (size_t)(end - in.data) + 2;
	buf_append(&r->head, in.data, head);
	r->status = atoi(in.data + 9);
	head += 2;
	bool is_chunked = http_field(r, "Transfer-Encoding", value, sizeof value);
	if (is_head || r->status == 304 || r->status == 204) {
		/* nothing follows */
	} else if (is_chunked) {
		while (in.length < 5 ||
			strcmp(in.data + in.length - 5, "0\r\n\r\n") != 0)
			if (!http_more(fd, &in))
				break;
		http_join_chunks(in.data + head, &r->body);
	} else if (http_field(r, "Content-Length", value, sizeof value)) {
		size_t length = strtoul(value, NULL, 10);
		while (in.length < head + length)
			if (!http_more(fd, &in))
				http_die("the connection ended within the body");
		buf_append(&r->body, in.data + head, length);
	}
	buf_byte(&r->body, 0);
	r->body.length--;
	buf_finish(&in);
}

/* Sends `method target` with header lines ("A: b\r\n") and a body (NULL: none). */
static inline void http_ask(uint16_t port, const char *method, const char *target,
	const char *headers, const char *body, struct http_reply *r)
{
	struct buf out = {0};
	buf_printf(&out,
		"%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s",
		method, target, port, headers);
	if (body)
		buf_printf(&out, "Content-Length: %zu\r\n", strlen(body));
	buf_printf(&out, "\r\n%s", body ? body : "");
	int fd = http_connect(port);
	http_send(fd, out.data, out.length);
	http_receive(fd, strcmp(method, "HEAD") == 0, r);
	close(fd);
	buf_finish(&out);
}

#endif
