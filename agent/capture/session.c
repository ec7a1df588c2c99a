#include "agent/capture/session.h"

#include "agent/capture/cdp.h"
#include "agent/capture/channel.h"
#include "agent/capture/http_client.h"
#include "agent/capture/websocket.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION_READ_BYTES = 256 << 10, SESSION_HOST_BYTES = 64 };

struct session {
	struct channel channel;
	struct websocket websocket;
	struct websocket_events websocket_events;
	struct cdp cdp;
	struct cdp_events cdp_events;
	struct buf out; /* pongs and requests */
	bool is_broken;
	int64_t last_id;
	json_t *answer;               /* to last_id */
	const struct door_sink *sink; /* while a snapshot is taken */
	bool sink_failed;
	struct err sink_error;
	char in[SESSION_READ_BYTES];
};

static socklen_t session_address(
	const struct session_target *t, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof *address);
	if (t->is_v6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(t->port);
		v6->sin6_addr = in6addr_loopback;
		return sizeof *v6;
	}
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	v4->sin_family = AF_INET;
	v4->sin_port = htons(t->port);
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof *v4;
}

static bool session_channel(struct channel *c, const struct session_target *t,
	int stop_fd, int64_t deadline_ms, struct err *e)
{
	struct sockaddr_storage address;
	socklen_t length = session_address(t, &address);
	*c = (struct channel){.fd = -1, .stop_fd = stop_fd, .deadline_ms = deadline_ms};
	int fd = netns_socket(t->netns, t->is_v6 ? AF_INET6 : AF_INET, e);
	if (fd < 0)
		return false;
	if (channel_init(c, fd, (struct sockaddr *)&address, length, e))
		return true;
	channel_finish(c);
	return false;
}

int session_connect(const struct session_target *t, int64_t deadline_ms, struct err *e)
{
	struct channel c;
	return session_channel(&c, t, -1, deadline_ms, e) ? c.fd : -1;
}

/* Sends what pings have made us owe. */
static bool session_flush(struct session *s, struct err *e)
{
	bool ok = channel_write(&s->channel, s->out.data, s->out.length, e);
	buf_reset(&s->out);
	return ok;
}

static bool session_on_text(
	void *context, const char *bytes, size_t length, bool is_last, struct err *e)
{
	struct session *s = context;
	return cdp_feed(&s->cdp, bytes, length, is_last, e);
}

static bool session_on_ping(
	void *context, const void *bytes, size_t length, struct err *e)
{
	struct session *s = context;
	/* Who pings more than can be sent would fill our memory. */
	if (s->out.length > SESSION_READ_BYTES)
		return err_set(e, ERR_INPUT, "too many pings");
	websocket_frame(&s->out, WEBSOCKET_PONG, bytes, length);
	return true;
}

static bool session_on_chunk(
	void *context, const void *bytes, size_t length, struct err *e)
{
	struct session *s = context;
	(void)e;
	/* The stream itself goes on: the process has to be asked to close yet. */
	if (s->sink &&
		!s->sink->bytes(s->sink->context, bytes, length, &s->sink_error)) {
		s->sink_failed = true;
		s->sink = NULL;
	}
	return true;
}

static void session_progress(struct session *s, const json_t *params)
{
	json_int_t done = json_integer_value(json_object_get(params, "done"));
	json_int_t total = json_integer_value(json_object_get(params, "total"));
	if (s->sink && s->sink->progress && done >= 0 && total >= 0)
		s->sink->progress(s->sink->context, (uint64_t)done, (uint64_t)total);
}

static bool session_on_message(
	void *context, const char *text, size_t length, struct err *e)
{
	struct session *s = context;
	json_error_t failure;
	json_t *message = json_loadb(text, length, 0, &failure);
	if (!json_is_object(message)) {
		json_decref(message);
		return err_set(
			e, ERR_INPUT, "the process sent a message that is no JSON");
	}
	const char *method = json_string_value(json_object_get(message, "method"));
	const json_t *params = json_object_get(message, "params");
	const json_t *id = json_object_get(message, "id");
	bool ok = true;
	if (json_is_integer(id)) {
		if (json_integer_value(id) == s->last_id && !s->answer)
			s->answer = json_incref(message);
	} else if (method &&
		   !strcmp(method, "HeapProfiler.reportHeapSnapshotProgress")) {
		session_progress(s, params);
	} else if (method && !strcmp(method, "HeapProfiler.addHeapSnapshotChunk")) {
		const json_t *chunk = json_object_get(params, "chunk");
		ok = session_on_chunk(
			s, json_string_value(chunk), json_string_length(chunk), e);
	}
	json_decref(message);
	return ok;
}

/* The path of the one debuggable thing that a Node.js process lists. */
static bool session_find_path(const struct buf *list, char path[80], struct err *e)
{
	json_error_t failure;
	json_t *root = json_loadb(
		list->data ? list->data : "", list->length, 0, &failure);
	const json_t *first = json_array_get(root, 0);
	const char *type = json_string_value(json_object_get(first, "type"));
	const char *id = json_string_value(json_object_get(first, "id"));
	bool ok = type && !strcmp(type, "node") && id && strlen(id) < 72 && *id &&
		  id[strspn(id, "0123456789abcdefABCDEF-")] == '\0';
	if (ok)
		snprintf(path, 80, "/%s", id);
	json_decref(root);
	return ok ||
	       err_set(e, ERR_INPUT, "what listens there is no inspector of Node.js");
}

static bool session_list(const struct session_target *t, int stop_fd,
	int64_t deadline_ms, char path[80], struct err *e)
{
	char host[SESSION_HOST_BYTES];
	snprintf(host, sizeof host, t->is_v6 ? "[::1]:%u" : "127.0.0.1:%u", t->port);
	struct channel c;
	if (!session_channel(&c, t, stop_fd, deadline_ms, e))
		return false;
	struct buf list = {0};
	bool ok = http_client_get(&c, host, "/json/list", &list, e) &&
		  session_find_path(&list, path, e);
	buf_finish(&list);
	channel_finish(&c);
	return ok;
}

static void session_init(struct session *s)
{
	s->websocket_events = (struct websocket_events){
		.text = session_on_text, .ping = session_on_ping, .context = s};
	s->cdp_events = (struct cdp_events){
		.chunk = session_on_chunk, .message = session_on_message, .context = s};
	websocket_init(&s->websocket, &s->websocket_events);
	cdp_init(&s->cdp, &s->cdp_events);
}

bool session_open(const struct session_target *t, int stop_fd, int64_t deadline_ms,
	struct session **out, struct err *e)
{
	char path[80], host[SESSION_HOST_BYTES];
	if (!session_list(t, stop_fd, deadline_ms, path, e))
		return err_wrap(e, "inspector at port %u", t->port);
	snprintf(host, sizeof host, t->is_v6 ? "[::1]:%u" : "127.0.0.1:%u", t->port);

	struct session *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	session_init(s);
	struct buf rest = {0};
	bool ok = session_channel(&s->channel, t, stop_fd, deadline_ms, e) &&
		  http_client_upgrade(&s->channel, host, path, &rest, e) &&
		  websocket_feed(&s->websocket, rest.data, rest.length, e);
	buf_finish(&rest);
	if (!ok) {
		session_close(s);
		return err_wrap(e, "inspector at port %u", t->port);
	}
	*out = s;
	return true;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	channel_finish(&s->channel);
	cdp_finish(&s->cdp);
	buf_finish(&s->out);
	json_decref(s->answer);
	free(s);
}

void session_cannot_stop(struct session *s)
{
	s->channel.stop_fd = -1;
}

bool session_is_usable(const struct session *s)
{
	return !s->is_broken;
}

/* Reads once.  What breaks the stream breaks the session.  A deadline does not, nor a
 * sink that wants no more: what was asked for is then forgotten as it comes. */
static bool session_pump(struct session *s, struct err *e)
{
	ssize_t got = channel_read(&s->channel, s->in, sizeof s->in, e);
	if (got < 0)
		return false;
	bool ok = websocket_feed(&s->websocket, s->in, (size_t)got, e);
	if (ok && (got == 0 || s->websocket.is_closed))
		ok = err_set(e, ERR_IO, "the process closed the connection");
	if (!ok) {
		s->is_broken = true;
		return false;
	}
	if (s->out.length > 0 && !session_flush(s, e)) {
		s->is_broken = true;
		return false;
	}
	if (s->sink_failed) {
		s->sink_failed = false;
		*e = s->sink_error;
		return false;
	}
	return true;
}

static bool session_send(
	struct session *s, const char *method, json_t *params, struct err *e)
{
	json_t *request = json_pack("{s:I, s:s, s:o}", "id", (json_int_t)++s->last_id,
		"method", method, "params", params);
	BUG_ON(!request);
	char *text = json_dumps(request, JSON_COMPACT);
	BUG_ON(!text);
	websocket_frame(&s->out, WEBSOCKET_TEXT, text, strlen(text));
	free(text);
	json_decref(request);
	return session_flush(s, e);
}

/* Takes `params`; `*result` is the caller's. */
static bool session_call(struct session *s, const char *method, json_t *params,
	json_t **result, struct err *e)
{
	json_decref(s->answer);
	s->answer = NULL;
	if (!session_send(s, method, params, e)) {
		s->is_broken = true;
		return err_wrap(e, "%s", method);
	}
	while (!s->answer) {
		if (!session_pump(s, e))
			return err_wrap(e, "%s", method);
	}
	const json_t *failure = json_object_get(s->answer, "error");
	/* Its number says enough; its words could hold anything, and would leave the
	 * host. */
	if (failure)
		return err_set(e, ERR_INPUT, "%s: the process answers with error %lld",
			method,
			(long long)json_integer_value(
				json_object_get(failure, "code")));
	*result = json_incref(json_object_get(s->answer, "result"));
	return true;
}

bool session_evaluate(struct session *s, const char *expression, int64_t deadline_ms,
	struct json_t **value, struct err *e)
{
	s->channel.deadline_ms = deadline_ms;
	json_t *params = json_pack("{s:s, s:b, s:b, s:b}", "expression", expression,
		"includeCommandLineAPI", 1, "returnByValue", 1, "silent", 1);
	json_t *result;
	if (!session_call(s, "Runtime.evaluate", params, &result, e))
		return false;
	const json_t *remote = json_object_get(result, "result");
	bool threw = json_object_get(result, "exceptionDetails") != NULL;
	if (!threw)
		*value = json_incref(json_object_get(remote, "value"));
	json_decref(result);
	return !threw || err_set(e, ERR_INPUT,
				 "the process could not evaluate what it "
				 "was asked");
}

bool session_take(struct session *s, const struct door_sink *sink, int64_t deadline_ms,
	struct err *e)
{
	s->channel.deadline_ms = deadline_ms;
	s->sink = sink;
	json_t *result = NULL;
	bool ok = session_call(s, "HeapProfiler.takeHeapSnapshot",
		json_pack("{s:b}", "reportProgress", 1), &result, e);
	s->sink = NULL;
	json_decref(result);
	return ok;
}
