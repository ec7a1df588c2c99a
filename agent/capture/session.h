/*
 * Session: one conversation with an open inspector: HTTP, WebSocket, DevTools protocol.
 *
 * Calls are made one at a time; whatever else comes meanwhile is read and, unless a
 * snapshot is being taken, forgotten, so the process is never kept waiting.  A session
 * that has failed can still be asked something: a call that was given up is drained.
 *
 * Owns its connection.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_SESSION_H
#define TIDEMARK_AGENT_CAPTURE_SESSION_H

#include "agent/capture/door.h"
#include "agent/capture/netns.h"

struct json_t;
struct session;

struct session_target {
	const struct netns *netns;
	uint16_t port;
	bool is_v6;
};

/* A socket connected to the target, -1 with `e`.  Closed by the caller. */
int session_connect(const struct session_target *t, int64_t deadline_ms, struct err *e);

/* `stop_fd` of this and all later calls.  ERR_INPUT: no inspector of Node.js. */
bool session_open(const struct session_target *t, int stop_fd, int64_t deadline_ms,
	struct session **out, struct err *e);

/* Just ends the connection.  NULL is accepted. */
void session_close(struct session *s);

/* From now on nothing stops a wait but its deadline. */
void session_cannot_stop(struct session *s);

/* Whether the connection still works as far as we know. */
bool session_is_usable(const struct session *s);

/* Evaluates `expression` with the command line API, gives its value (the caller's to
 * json_decref) and leaves nothing behind.  ERR_INPUT when it throws. */
bool session_evaluate(struct session *s, const char *expression, int64_t deadline_ms,
	struct json_t **value, struct err *e);

/* A snapshot to the sink; on the sink's failure, its error. */
bool session_take(struct session *s, const struct door_sink *sink, int64_t deadline_ms,
	struct err *e);

#endif
