#include "agent/capture/http_client.h"

#include "agent/capture/websocket.h"
#include "agent/probe/probe.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool http_client_status(const char *line, int *status)
{
	return !strncmp(line, "HTTP/1.", 7) &&
	       sscanf(line + 7, "%*[01] %3d", status) == 1 && *status >= 100;
}

/* One header line that ends in a NUL. */
static bool http_client_header(const char *line, struct http_client_head *out)
{
	const char *colon = strchr(line, ':');
	if (!colon)
		return false;
	size_t length = (size_t)(colon - line);
	const char *value = colon + 1 + strspn(colon + 1, " \t");
	if (length == 14 && !strncasecmp(line, "Content-Length", length)) {
		return probe_number(&value, &out->content_length) && !*value;
	}
	if (length == 20 && !strncasecmp(line, "Sec-WebSocket-Accept", length))
		snprintf(out->accept, sizeof out->accept, "%s", value);
	/* Neither is offered, so neither may come. */
	return strncasecmp(line, "Transfer-Encoding:", 18) != 0 &&
	       strncasecmp(line, "Sec-WebSocket-Extensions:", 25) != 0;
}

bool http_client_parse(
	const char *text, size_t length, struct http_client_head *out, bool *is_wrong)
{
	struct http_client_head head = {.content_length = -1};
	const char *next = text, *end = text + length;
	*is_wrong = false;
	for (size_t i = 0;; i++) {
		char line[1024];
		const char *newline = memchr(next, '\n', (size_t)(end - next));
		if (!newline) {
			*is_wrong = length >= HTTP_CLIENT_HEAD_MAX;
			return false;
		}
		size_t size = (size_t)(newline - next);
		if (size > 0 && next[size - 1] == '\r')
			size--;
		*is_wrong = size >= sizeof line || memchr(next, '\0', size);
		if (*is_wrong)
			return false;
		memcpy(line, next, size);
		line[size] = '\0';
		next = newline + 1;
		if (i > 0 && size == 0)
			break;
		*is_wrong = i == 0 ? !http_client_status(line, &head.status)
				   : !http_client_header(line, &head);
		if (*is_wrong)
			return false;
	}
	head.length = (size_t)(next - text);
	*out = head;
	return true;
}

static bool http_client_more(struct channel *c, struct buf *in, struct err *e)
{
	enum { PART = 4096 };
	ssize_t got = channel_read(c, buf_reserve(in, PART), PART, e);
	if (got < 0)
		return false;
	if (got == 0)
		return err_set(e, ERR_IO, "the connection was closed");
	in->length += (size_t)got;
	return true;
}

static bool http_client_head(
	struct channel *c, struct buf *in, struct http_client_head *out, struct err *e)
{
	bool is_wrong;
	for (;;) {
		if (!http_client_more(c, in, e))
			return false;
		if (http_client_parse(in->data, in->length, out, &is_wrong))
			return true;
		if (is_wrong)
			return err_set(e, ERR_INPUT, "the answer is no proper HTTP");
	}
}

static bool http_client_body(struct channel *c, const struct http_client_head *head,
	struct buf *in, struct err *e)
{
	if (head->status != 200)
		return err_set(
			e, ERR_INPUT, "the answer is HTTP status %d", head->status);
	if (head->content_length < 0 || head->content_length > HTTP_CLIENT_BODY_MAX)
		return err_set(
			e, ERR_INPUT, "the answer has no length, or too great a one");
	size_t whole = head->length + (size_t)head->content_length;
	while (in->length < whole) {
		if (!http_client_more(c, in, e))
			return false;
	}
	in->length = whole;
	return true;
}

bool http_client_get(struct channel *c, const char *host, const char *path,
	struct buf *body, struct err *e)
{
	char request[512];
	int length = snprintf(request, sizeof request,
		"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
	BUG_ON(length >= (int)sizeof request);
	struct buf in = {0};
	struct http_client_head head;
	bool ok = channel_write(c, request, (size_t)length, e) &&
		  http_client_head(c, &in, &head, e) &&
		  http_client_body(c, &head, &in, e);
	if (ok)
		buf_append(body, in.data + head.length, in.length - head.length);
	buf_finish(&in);
	return ok;
}

bool http_client_upgrade(struct channel *c, const char *host, const char *path,
	struct buf *rest, struct err *e)
{
	char request[512], key[WEBSOCKET_KEY_BYTES], accept[WEBSOCKET_ACCEPT_BYTES];
	websocket_key(key);
	websocket_accept(key, accept);
	int length = snprintf(request, sizeof request,
		"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: %s\r\n\r\n",
		path, host, key);
	BUG_ON(length >= (int)sizeof request);
	struct buf in = {0};
	struct http_client_head head;
	bool ok = channel_write(c, request, (size_t)length, e) &&
		  http_client_head(c, &in, &head, e);
	if (ok && head.status != 101)
		ok = err_set(e, ERR_INPUT, "the answer is HTTP status %d", head.status);
	if (ok && strcmp(head.accept, accept) != 0)
		ok = err_set(e, ERR_INPUT,
			"the answer's Sec-WebSocket-Accept is not that of our key");
	if (ok)
		buf_append(rest, in.data + head.length, in.length - head.length);
	buf_finish(&in);
	return ok;
}
