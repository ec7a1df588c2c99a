/*
 * Live: tells browsers what has changed, as server-sent events.
 *
 * One thread listens on the database's channel "tidemark", whose payload is a topic
 * (topics.h), and passes it on as event `change`.  A client that reads slowly gets its
 * topics joined into one event, so that it never holds more than one text in memory.
 * `resync` says that something may have been missed: the database was away, or the
 * client comes back with a Last-Event-ID that is not the newest.
 *
 * A stream ends after an hour, or with the session or token that it was opened with,
 * which is checked on each heartbeat; the browser comes back and is checked again.  A
 * user who opens more than LIVE_CLIENTS_PER_USER loses the oldest, so that one cannot
 * take the streams of all.
 */
#ifndef TIDEMARK_SERVER_API_LIVE_H
#define TIDEMARK_SERVER_API_LIVE_H

#include "common/err.h"
#include "server/api/http.h"

#include <stddef.h>
#include <stdint.h>

enum {
	LIVE_CLIENTS_MAX = 512,
	LIVE_CLIENTS_PER_USER = 16,
	LIVE_CLIENTS_PER_ADDRESS = 128,
	LIVE_HEARTBEAT_MS = 15000,
	LIVE_STREAM_MS = 3600 * 1000,
};

struct live;

/* `now_ms` is the clock that sessions go by. */
struct live *live_start(
	const char *database_uri, int64_t (*now_ms)(void), struct err *e);

/* Who watches, by a session's cookie or else by an API token. */
struct live_viewer {
	int64_t user_id;
	const char *session, *bearer; /* copied */
	const char *client;           /* address, see call_client */
};

/* A stream for one client; NULL when there are LIVE_CLIENTS_MAX, or as many of its
 * address as may be, or it is stopping. */
struct http_stream *live_open(
	struct live *live, const struct live_viewer *viewer, const char *last_event_id);

size_t live_clients(struct live *live);

/* Ends the thread and every stream.  Before http_stop. */
void live_stop(struct live *live);

/* After http_stop, which closes the streams that nobody reads. */
void live_destroy(struct live *live);

#endif
