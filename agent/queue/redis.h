/*
 * Redis: questions to one server, many in one round trip.
 *
 *     redis_ask(r, "LLEN", key, NULL);
 *     redis_ask(r, "GET", other, NULL);
 *     redis_run(r, arena, deadline, &answers, &e)
 *
 * Connects when it has to (with TLS, user, password and database as the source says)
 * and stays connected; after a failure the connection is closed and the questions are
 * forgotten.  Only reads: no command of ours changes anything.
 *
 * One thread.
 */
#ifndef TIDEMARK_AGENT_QUEUE_REDIS_H
#define TIDEMARK_AGENT_QUEUE_REDIS_H

#include "agent/queue/resp.h"
#include "agent/queue_spec.h"

struct redis;

struct redis *redis_create(const struct queue_spec *spec, int stop_fd);
void redis_destroy(struct redis *r);

/* A command and its words, up to NULL.  Returns its place in the answers. */
size_t redis_ask(struct redis *r, const char *command, ...) __attribute__((sentinel));

/* Asks all.  A key that is of another type than was thought is answered by
 * RESP_REFUSAL; any other refusal is ERR_IO with the server's words. */
bool redis_run(struct redis *r, struct arena *a, int64_t deadline_mono_ms,
	const struct resp_value ***answers, struct err *e);

/* The keys, or members of a set, that match: the command is "SCAN" or "SSCAN KEY".
 * Goes on where the last call with this cursor stopped; at most `rounds` round trips.
 * `each` returns false to end.  *is_whole: the cursor is at the beginning again. */
struct redis_scan {
	const char *key;     /* NULL: of the database */
	const char *pattern; /* NULL: all */
	int rounds;
	uint64_t cursor; /* 0 at first */
	bool is_whole;
	bool (*each)(void *context, const char *name);
	void *context;
};
bool redis_scan(struct redis *r, struct redis_scan *scan, struct arena *a,
	int64_t deadline_mono_ms, struct err *e);

/* The text with what a glob would not take for itself escaped. */
const char *redis_quote(struct arena *a, const char *text);

#endif
