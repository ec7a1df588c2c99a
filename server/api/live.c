#include "server/api/live.h"

#include "common/arena.h"
#include "common/clock.h"
#include "server/api/proxies.h"
#include "server/api/topics.h"
#include "server/store/db.h"
#include "server/store/roles.h"
#include "server/store/sessions.h"
#include "server/store/tokens.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

enum {
	LIVE_TEXT_MAX = 384,
	LIVE_TICK_MS = 250,
	LIVE_ID_MAX = 48,
	LIVE_GRACE_MS = 1000
};

struct live_client {
	struct live_client *prev, *next;
	struct live *live;
	struct http_stream *stream;
	unsigned topics; /* to be told */
	bool resync, heartbeat, hello, over;
	int64_t end_ms, user_id;
	uint8_t group[16];        /* of its address; zero: whoever */
	uint64_t number;          /* of all clients ever */
	char *session, *bearer;   /* what it was opened with */
	char text[LIVE_TEXT_MAX]; /* on its way out */
	size_t length, sent;
};

struct live {
	struct db *db; /* of the thread */
	pthread_t thread;
	atomic_bool stopping;
	int64_t (*now_ms)(void);
	int64_t started_ms; /* makes event ids of two runs different */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t emptied;
	struct live_client *clients;
	size_t client_count;
	bool ending;
	uint64_t sequence, opened;
};

static void live_id(const struct live *live, char id[LIVE_ID_MAX])
{
	snprintf(id, LIVE_ID_MAX, "%" PRIx64 "-%" PRIu64, (uint64_t)live->started_ms,
		live->sequence);
}

/* Appends to the client's text, which has room for one of each. */
static void live_say(struct live_client *c, const char *event, const char *data)
{
	char id[LIVE_ID_MAX];
	live_id(c->live, id);
	c->length += (size_t)snprintf(c->text + c->length, sizeof c->text - c->length,
		"id: %s\nevent: %s\ndata: %s\n\n", id, event, data);
}

static void live_compose(struct live_client *c)
{
	c->length = c->sent = 0;
	if (c->hello) {
		char id[LIVE_ID_MAX];
		live_id(c->live, id);
		c->length = (size_t)snprintf(c->text, sizeof c->text,
			"retry: 2000\nid: %s\n: tidemark\n\n", id);
	} else if (c->heartbeat) {
		c->length = (size_t)snprintf(c->text, sizeof c->text, ":\n\n");
	}
	if (c->resync)
		live_say(c, "resync", "{}");
	if (c->topics) {
		struct buf data = {0};
		topics_write(c->topics, &data);
		live_say(c, "change", data.data);
		buf_finish(&data);
	}
	BUG_ON(c->length >= sizeof c->text);
	c->hello = c->heartbeat = c->resync = false;
	c->topics = 0;
}

static ssize_t live_read(void *context, char *to, size_t room)
{
	struct live_client *c = context;
	struct live *live = c->live;
	ssize_t length = -1;
	pthread_mutex_lock(&live->lock);
	if (!live->ending && !c->over && clock_mono_ms() < c->end_ms) {
		if (c->sent == c->length)
			live_compose(c);
		size_t left = c->length - c->sent;
		length = (ssize_t)(left < room ? left : room);
		memcpy(to, c->text + c->sent, (size_t)length);
		c->sent += (size_t)length;
	}
	pthread_mutex_unlock(&live->lock);
	return length;
}

static void live_close(void *context)
{
	struct live_client *c = context;
	struct live *live = c->live;
	pthread_mutex_lock(&live->lock);
	DL_DELETE(live->clients, c);
	live->client_count--;
	pthread_cond_signal(&live->emptied);
	pthread_mutex_unlock(&live->lock);
	free(c->session);
	free(c->bearer);
	free(c);
}

static void live_end(struct live_client *c)
{
	c->over = true;
	http_stream_wake(c->stream);
}

/* Ends the user's oldest stream when he has all that he may have.  Locked. */
static void live_make_room(struct live *live, int64_t user_id)
{
	struct live_client *oldest = NULL, *c;
	size_t count = 0;
	DL_FOREACH(live->clients, c)
	{
		if (c->user_id != user_id || c->over)
			continue;
		oldest = oldest ? oldest : c;
		count++;
	}
	if (count >= LIVE_CLIENTS_PER_USER)
		live_end(oldest);
}

/* Whether its address has as many streams as one may have.  Locked. */
static bool live_are_many(struct live *live, const uint8_t group[16])
{
	static const uint8_t whoever[16];
	const struct live_client *c;
	size_t count = 0;
	DL_FOREACH(live->clients, c)
	count += memcmp(c->group, group, sizeof c->group) == 0;
	return count >= LIVE_CLIENTS_PER_ADDRESS &&
	       memcmp(group, whoever, sizeof whoever) != 0;
}

static char *live_copy(const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	BUG_ON(text && !copy);
	return copy;
}

struct http_stream *live_open(
	struct live *live, const struct live_viewer *viewer, const char *last_event_id)
{
	struct http_stream *stream = NULL;
	char id[LIVE_ID_MAX];
	uint8_t group[16];
	proxies_group(viewer->client ? viewer->client : "", group);
	pthread_mutex_lock(&live->lock);
	if (!live->ending)
		live_make_room(live, viewer->user_id);
	if (!live->ending && live->client_count < LIVE_CLIENTS_MAX &&
		!live_are_many(live, group)) {
		struct live_client *c = calloc(1, sizeof *c);
		BUG_ON(!c);
		live_id(live, id);
		c->live = live;
		c->hello = true;
		c->number = ++live->opened;
		c->user_id = viewer->user_id;
		memcpy(c->group, group, sizeof c->group);
		c->session = live_copy(viewer->session);
		c->bearer = live_copy(viewer->bearer);
		c->resync = last_event_id && strcmp(last_event_id, id) != 0;
		c->end_ms = clock_mono_ms() + LIVE_STREAM_MS;
		stream = c->stream = http_stream_create(&(struct http_source){
			.context = c, .read = live_read, .close = live_close});
		DL_APPEND(live->clients, c);
		live->client_count++;
	}
	pthread_mutex_unlock(&live->lock);
	return stream;
}

size_t live_clients(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	size_t count = live->client_count;
	pthread_mutex_unlock(&live->lock);
	return count;
}

/* What all clients are to be told. */
struct live_news {
	unsigned topics;
	bool resync, heartbeat;
};

static void live_tell(struct live *live, const struct live_news *news)
{
	struct live_client *c;
	pthread_mutex_lock(&live->lock);
	if (news->topics || news->resync)
		live->sequence++;
	DL_FOREACH(live->clients, c)
	{
		c->topics |= news->topics;
		c->resync |= news->resync;
		c->heartbeat |= news->heartbeat;
		http_stream_wake(c->stream);
	}
	pthread_mutex_unlock(&live->lock);
}

/* What a client must still be good for, copied: it may leave while we ask. */
struct live_proof {
	uint64_t number;
	const char *session, *bearer;
};

static bool live_is_good(
	struct live *live, const struct live_proof *p, struct arena *a, bool *good)
{
	struct err ignored;
	const char *id, *secret;
	struct tokens_user user;
	enum tokens_fate fate;
	int64_t now_ms = live->now_ms();
	if (p->session)
		return sessions_alive(live->db, p->session, now_ms, a, good, &ignored);
	*good = false;
	if (!p->bearer || !tokens_api_parse(p->bearer, a, &id, &secret))
		return true;
	if (!tokens_check_api(live->db, id, secret, now_ms, a, &user, &fate, &ignored))
		return false;
	*good = fate == TOKENS_GOOD;
	return true;
}

static struct live_proof *live_proofs(struct live *live, struct arena *a, size_t *count)
{
	struct live_client *c;
	size_t n = 0;
	pthread_mutex_lock(&live->lock);
	struct live_proof *proofs = arena_array(a, live->client_count, sizeof *proofs);
	DL_FOREACH(live->clients, c)
	proofs[n++] = (struct live_proof){c->number,
		c->session ? arena_strdup(a, c->session) : NULL,
		c->bearer ? arena_strdup(a, c->bearer) : NULL};
	pthread_mutex_unlock(&live->lock);
	*count = n;
	return proofs;
}

/* Ends the streams whose session or token has ended.  While the database is away they
 * stay: there is nothing to hear. */
static void live_check(struct live *live, struct arena *a)
{
	size_t count;
	struct live_proof *proofs = live_proofs(live, a, &count);
	bool good;
	for (size_t i = 0; i < count && !atomic_load(&live->stopping); i++) {
		struct live_client *c;
		if (!live_is_good(live, &proofs[i], a, &good))
			return;
		if (good)
			continue;
		pthread_mutex_lock(&live->lock);
		DL_SEARCH_SCALAR(live->clients, c, number, proofs[i].number);
		if (c)
			live_end(c);
		pthread_mutex_unlock(&live->lock);
	}
}

static void live_pause(void)
{
	nanosleep(&(struct timespec){.tv_nsec = LIVE_TICK_MS * 1000000L}, NULL);
}

/* Waits for one change.  A database that is away is tried again, without a word: GET
 * /readyz tells people, and db_wait says "resync" when it is back. */
static void live_listen(struct live *live, bool *listening, struct arena *a,
	char **payload, int64_t wait_ms)
{
	struct err ignored;
	*payload = NULL;
	if (!*listening && db_listen(live->db, "tidemark", &ignored)) {
		*listening = true;
		*payload = "resync";
	} else if (!*listening || !db_wait(live->db, wait_ms, a, payload, &ignored)) {
		live_pause();
	}
}

static int64_t live_wait_ms(const struct topics *topics, int64_t now_ms)
{
	int64_t due_ms = topics_due_ms(topics);
	if (due_ms - now_ms > LIVE_TICK_MS)
		return LIVE_TICK_MS;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

static void *live_run(void *context)
{
	struct live *live = context;
	struct topics topics = {0};
	struct arena a;
	bool listening = false;
	int64_t heartbeat_ms = clock_mono_ms() + LIVE_HEARTBEAT_MS;
	arena_init(&a);
	while (!atomic_load(&live->stopping)) {
		char *payload;
		arena_reset(&a);
		live_listen(live, &listening, &a, &payload,
			live_wait_ms(&topics, clock_mono_ms()));
		if (payload)
			topics_add(&topics, topics_parse(payload));
		int64_t now_ms = clock_mono_ms();
		struct live_news news = {
			.topics = topics_take(&topics, now_ms),
			.resync = payload && strcmp(payload, "resync") == 0,
			.heartbeat = now_ms >= heartbeat_ms,
		};
		if (news.heartbeat) {
			heartbeat_ms = now_ms + LIVE_HEARTBEAT_MS;
			live_check(live, &a);
		}
		if (news.topics || news.resync || news.heartbeat)
			live_tell(live, &news);
	}
	arena_finish(&a);
	return NULL;
}

struct live *live_start(
	const char *database_uri, int64_t (*now_ms)(void), struct err *e)
{
	struct live *live = calloc(1, sizeof *live);
	BUG_ON(!live);
	live->now_ms = now_ms;
	live->started_ms = clock_unix_ms();
	live->db = db_create(&(struct db_options){.uri = database_uri,
		.application_name = "tidemark live",
		.role = ROLES_API});
	pthread_mutex_init(&live->lock, NULL);
	pthread_cond_init(&live->emptied, NULL);
	if (pthread_create(&live->thread, NULL, live_run, live) == 0)
		return live;
	err_set(e, ERR_IO, "live: cannot start its thread");
	live_destroy(live);
	return NULL;
}

void live_stop(struct live *live)
{
	struct live_client *c;
	struct timespec until;
	atomic_store(&live->stopping, true);
	db_join(live->db, live->thread, LIVE_GRACE_MS);
	pthread_mutex_lock(&live->lock);
	live->ending = true;
	DL_FOREACH(live->clients, c)
	http_stream_wake(c->stream);
	/* Who reads gets a proper end; who does not is cut by http_stop. */
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	int waited = 0;
	while (live->clients && waited == 0)
		waited = pthread_cond_timedwait(&live->emptied, &live->lock, &until);
	pthread_mutex_unlock(&live->lock);
}

void live_destroy(struct live *live)
{
	if (!live)
		return;
	BUG_ON(live->clients);
	db_destroy(live->db);
	pthread_cond_destroy(&live->emptied);
	pthread_mutex_destroy(&live->lock);
	free(live);
}
