#include "server/ingest/writer.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/room.h"
#include "server/ingest/counters.h"
#include "server/ingest/notice.h"
#include "server/ingest/settle.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define WRITER_ENDPOINT "inproc://writer"

enum {
	WRITER_RETRY_MIN_MS = 100,
	WRITER_RETRY_MAX_MS = 1000,
	/* Failures of a database that answers, until the round is taken apart. */
	WRITER_TRIES = 4,
	WRITER_NOTICE_MS = 3600 * 1000,
};

struct writer {
	pthread_t thread;
	bool running;
	void *socket; /* our end */
	int stop_fd;
	char *disk; /* NULL: not ours */
	struct settle *settle;
	struct notice *notice;
	struct arena *kept; /* the round's, which its items' answers live in */
	bool away;          /* the database; said once */
	bool stopping;      /* seen while waiting for it */
};

/* Waits before another try; false when the ingest stops. */
static bool writer_pause(struct writer *w, int64_t *pause_ms)
{
	struct pollfd stop = {.fd = w->stop_fd, .events = POLLIN};
	w->stopping = poll(&stop, 1, (int)*pause_ms) > 0;
	*pause_ms = *pause_ms * 2 > WRITER_RETRY_MAX_MS ? WRITER_RETRY_MAX_MS
							: *pause_ms * 2;
	return !w->stopping;
}

/* Whether the disk has room for more. */
static bool writer_has_room(const struct writer *w, struct err *e)
{
	struct room room;
	if (!w->disk || !room_read(w->disk, &room, e) || !room.full)
		return true;
	return err_set(e, ERR_IO,
		"the database's disk is full: %lld MiB are left, and %lld are kept for "
		"reading",
		(long long)(room.free_bytes >> 20), (long long)(room.kept_bytes >> 20));
}

/* One attempt, and as many more as the database's absence takes.  False: the items
 * cannot be stored (ERR_INPUT), a database that answers has failed `tries` times
 * (ERR_IO), or the ingest stops. */
static bool writer_try(struct writer *w, struct round_item **items, size_t count,
	int tries, struct err *e)
{
	for (int64_t pause_ms = WRITER_RETRY_MIN_MS;;) {
		bool room = writer_has_room(w, e);
		if (room && settle_items(w->settle, items, count, w->kept, e)) {
			if (w->away)
				log_info("the database is back");
			w->away = false;
			counters_set_trouble(NULL);
			return true;
		}
		if (e->kind == ERR_INPUT)
			return false;
		counters_add(COUNTERS_COMMIT_FAILURES, 1);
		if (!w->away)
			log_warn("batches wait: %s", e->text);
		w->away = true;
		counters_set_trouble(e->text);
		if (room && settle_is_connected(w->settle) && --tries <= 0)
			return false;
		if (!writer_pause(w, &pause_ms))
			return false;
	}
}

/* One batch alone that the database does not take: refused when its data is to blame,
 * else held, so that others have their turn. */
static bool writer_give_up(struct writer *w, struct round_item *item, struct err *e)
{
	/* Perhaps it was only the memories that did not fit. */
	if (e->kind == ERR_INPUT && writer_try(w, &item, 1, 1, e))
		return true;
	if (w->stopping)
		return false;
	item->fate = e->kind == ERR_INPUT ? WIRE_REFUSED : WIRE_HELD;
	item->reason = arena_strdup(w->kept, e->text);
	/* When not even that can be noted, the receipt still says it. */
	return writer_try(w, &item, 1, 1, e) || !w->stopping;
}

static bool writer_settle(
	struct writer *w, struct round_item **items, size_t count, int tries)
{
	struct err e;
	if (count == 0 || writer_try(w, items, count, tries, &e))
		return true;
	if (w->stopping)
		return false;
	if (count == 1)
		return writer_give_up(w, items[0], &e);
	if (e.kind != ERR_INPUT)
		tries = 1;
	size_t half = count / 2;
	return writer_settle(w, items, half, tries) &&
	       writer_settle(w, items + half, count - half, tries);
}

/* What its owner should know of an agent, once an hour. */
static void writer_say(struct writer *w, const struct round *round)
{
	int64_t now_ms = clock_mono_ms();
	for (size_t i = 0; i < round->count; i++) {
		const struct round_item *item = round->items[i];
		char agent[32];
		if (item->fate != WIRE_REFUSED && item->fate != WIRE_HELD)
			continue;
		snprintf(agent, sizeof agent, "%d", item->agent_id);
		/* Of a raw file's part the file's row tells. */
		if (item->upload.raw)
			continue;
		if (notice_is_due(w->notice, agent, item->reason, now_ms))
			log_warn("batch %llu of agent %s is %s: %s",
				(unsigned long long)item->upload.sequence, agent,
				item->fate == WIRE_HELD ? "held" : "refused",
				item->reason);
	}
}

static void *writer_run(void *argument)
{
	struct writer *w = argument;
	for (;;) {
		struct round *round;
		int n = zmq_recv(w->socket, &round, sizeof round, 0);
		if (n < 0 && zmq_errno() == EINTR)
			continue;
		BUG_ON(n != sizeof round);
		if (!round)
			return NULL;
		round_take(round);
		w->kept = &round->arena;
		round->settled = writer_settle(
			w, round->items, round->count, WRITER_TRIES);
		writer_say(w, round);
		round_give(round);
		BUG_ON(zmq_send(w->socket, &round, sizeof round, 0) < 0);
	}
}

struct writer *writer_start(
	const struct writer_options *options, void **socket, struct err *e)
{
	struct writer *w = calloc(1, sizeof *w);
	BUG_ON(!w);
	w->stop_fd = options->stop_fd;
	w->disk = options->disk ? strdup(options->disk) : NULL;
	w->settle = settle_create(options->database, options->raw_key);
	w->notice = notice_create(WRITER_NOTICE_MS);
	w->socket = zmq_socket(options->zmq, ZMQ_PAIR);
	*socket = zmq_socket(options->zmq, ZMQ_PAIR);
	if (!w->socket || !*socket || zmq_bind(w->socket, WRITER_ENDPOINT) != 0 ||
		zmq_connect(*socket, WRITER_ENDPOINT) != 0) {
		err_set(e, ERR_IO, "writer socket: %s", zmq_strerror(zmq_errno()));
		if (*socket)
			zmq_close(*socket);
		*socket = NULL;
		writer_stop(w);
		return NULL;
	}
	BUG_ON(pthread_create(&w->thread, NULL, writer_run, w) != 0);
	w->running = true;
	pthread_setname_np(w->thread, "writer");
	return w;
}

void writer_shut(struct writer *w)
{
	if (w)
		settle_shut(w->settle);
}

void writer_stop(struct writer *w)
{
	if (!w)
		return;
	if (w->running)
		pthread_join(w->thread, NULL);
	if (w->socket)
		zmq_close(w->socket);
	settle_destroy(w->settle);
	notice_destroy(w->notice);
	free(w->disk);
	free(w);
}
