#include "server/ingest/roster.h"

#include "common/err.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define ROSTER_ENDPOINT "inproc://roster"

/* One piece of news.  The message is its address; who takes it frees it. */
struct roster_news {
	atomic_bool told; /* for the thread sanitizer, see round.h */
	bool all;         /* these and no others */
	size_t count;
	int32_t agents[];
};

struct roster {
	void *socket;
	int32_t *agents; /* ascending */
	size_t count, room;
};

struct roster *roster_create(void *zmq, void **teller)
{
	struct roster *r = calloc(1, sizeof *r);
	int any = 0; /* nothing is ever lost for want of room */
	BUG_ON(!r);
	r->socket = zmq_socket(zmq, ZMQ_PAIR);
	*teller = zmq_socket(zmq, ZMQ_PAIR);
	if (r->socket && *teller &&
		zmq_setsockopt(r->socket, ZMQ_RCVHWM, &any, sizeof any) == 0 &&
		zmq_setsockopt(*teller, ZMQ_SNDHWM, &any, sizeof any) == 0 &&
		zmq_bind(r->socket, ROSTER_ENDPOINT) == 0 &&
		zmq_connect(*teller, ROSTER_ENDPOINT) == 0)
		return r;
	if (*teller)
		zmq_close(*teller);
	*teller = NULL;
	roster_destroy(r);
	return NULL;
}

static void roster_tell(void *teller, const int32_t *agents, size_t count, bool all)
{
	struct roster_news *news = malloc(sizeof *news + count * sizeof *agents);
	BUG_ON(!news);
	news->all = all;
	news->count = count;
	if (count)
		memcpy(news->agents, agents, count * sizeof *agents);
	atomic_store_explicit(&news->told, true, memory_order_release);
	/* Fails only when the other end is gone, which needs no news any more. */
	if (zmq_send(teller, &news, sizeof news, ZMQ_DONTWAIT) < 0)
		free(news);
}

void roster_tell_all(void *teller, const int32_t *agents, size_t count)
{
	roster_tell(teller, agents, count, true);
}

void roster_tell_one(void *teller, int32_t agent_id)
{
	roster_tell(teller, &agent_id, 1, false);
}

static int roster_compare(const void *left, const void *right)
{
	const int32_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

static bool roster_knows(const struct roster *r, int32_t agent_id)
{
	return r->count &&
	       bsearch(&agent_id, r->agents, r->count, sizeof agent_id, roster_compare);
}

static void roster_make_room(struct roster *r, size_t count)
{
	if (count <= r->room)
		return;
	r->room = 2 * count;
	r->agents = realloc(r->agents, r->room * sizeof *r->agents);
	BUG_ON(!r->agents);
}

/* Mostly the highest number yet. */
static void roster_add(struct roster *r, int32_t agent_id)
{
	size_t at = r->count;
	if (roster_knows(r, agent_id))
		return;
	roster_make_room(r, r->count + 1);
	while (at > 0 && r->agents[at - 1] > agent_id)
		at--;
	memmove(r->agents + at + 1, r->agents + at,
		(r->count - at) * sizeof *r->agents);
	r->agents[at] = agent_id;
	r->count++;
}

static void roster_take(struct roster *r, const struct roster_news *news)
{
	if (!news->all) {
		roster_add(r, news->agents[0]);
		return;
	}
	roster_make_room(r, news->count);
	r->count = news->count;
	if (r->count == 0)
		return;
	memcpy(r->agents, news->agents, r->count * sizeof *r->agents);
	qsort(r->agents, r->count, sizeof *r->agents, roster_compare);
}

/* The next piece of news; NULL: none waits. */
static struct roster_news *roster_next(struct roster *r)
{
	struct roster_news *news;
	int n;
	do
		n = zmq_recv(r->socket, &news, sizeof news, ZMQ_DONTWAIT);
	while (n < 0 && zmq_errno() == EINTR);
	if (n != sizeof news)
		return NULL;
	atomic_load_explicit(&news->told, memory_order_acquire);
	return news;
}

void roster_hear(struct roster *r)
{
	struct roster_news *news;
	while ((news = roster_next(r))) {
		roster_take(r, news);
		free(news);
	}
}

bool roster_has(struct roster *r, int32_t agent_id)
{
	if (roster_knows(r, agent_id))
		return true;
	roster_hear(r);
	return roster_knows(r, agent_id);
}

void roster_destroy(struct roster *r)
{
	struct roster_news *news;
	if (!r)
		return;
	while (r->socket && (news = roster_next(r)))
		free(news);
	if (r->socket)
		zmq_close(r->socket);
	free(r->agents);
	free(r);
}
