/*
 * Live: tells browsers what has changed, as server-sent events.
 *
 * One thread listens on the database's channel "tidemark", whose payload is a topic
 * (topics.h), and passes it on as event `change`.  A client that reads slowly gets its
 * topics joined into one event, so that it never holds more than one text in memory.
 * `resync` says that something may have been missed: the database was away, or the
 * client comes back with a Last-Event-ID that is not the newest.
 *
 * A stream ends after an hour; the browser comes back and is checked again.
 */
#ifndef TIDEMARK_SERVER_API_LIVE_H
#define TIDEMARK_SERVER_API_LIVE_H

#include "common/err.h"
#include "server/api/http.h"

#include <stddef.h>
#include <stdint.h>

enum {
	LIVE_CLIENTS_MAX = 512,
	LIVE_HEARTBEAT_MS = 15000,
	LIVE_STREAM_MS = 3600 * 1000,
};

struct live;

struct live *live_start(const char *database_uri, struct err *e);

/* A stream for one client; NULL when there are LIVE_CLIENTS_MAX, or it is stopping. */
struct http_stream *live_open(struct live *live, const char *last_event_id);

size_t live_clients(struct live *live);

/* Ends the thread and every stream.  Before http_stop. */
void live_stop(struct live *live);

/* After http_stop, which closes the streams that nobody reads. */
void live_destroy(struct live *live);

#endif
