#include "server/api/reaper.h"

#include "common/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utlist.h>

struct reaper_entry {
	struct reaper_entry *prev, *next;
	int fd;
	enum reaper_phase phase;
	int64_t deadline_ms;
};

struct reaper {
	pthread_mutex_t lock; /* guards everything below */
	struct reaper_entry *entries;
	int64_t limits_ms[REAPER_PHASES];
	size_t open, cut;
};

struct reaper *reaper_create(const int64_t limits_ms[REAPER_PHASES])
{
	struct reaper *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	pthread_mutex_init(&r->lock, NULL);
	for (int i = 0; i < REAPER_PHASES; i++)
		r->limits_ms[i] = limits_ms[i];
	return r;
}

void reaper_destroy(struct reaper *r)
{
	if (!r)
		return;
	BUG_ON(r->entries);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct reaper_entry *reaper_add(struct reaper *r, int fd, int64_t now_ms)
{
	struct reaper_entry *entry = calloc(1, sizeof *entry);
	BUG_ON(!entry);
	entry->fd = fd;
	entry->deadline_ms = now_ms + r->limits_ms[REAPER_READING];
	pthread_mutex_lock(&r->lock);
	DL_APPEND(r->entries, entry);
	r->open++;
	pthread_mutex_unlock(&r->lock);
	return entry;
}

void reaper_remove(struct reaper *r, struct reaper_entry *entry)
{
	pthread_mutex_lock(&r->lock);
	DL_DELETE(r->entries, entry);
	r->open--;
	pthread_mutex_unlock(&r->lock);
	free(entry);
}

void reaper_enter(struct reaper *r, struct reaper_entry *entry, enum reaper_phase phase,
	int64_t now_ms)
{
	pthread_mutex_lock(&r->lock);
	entry->phase = phase;
	entry->deadline_ms = now_ms + r->limits_ms[phase];
	pthread_mutex_unlock(&r->lock);
}

/* What the client has sent and we have not read: then the slow one is our own thread,
 * and the client must not pay for it. */
static bool reaper_owes(const struct reaper_entry *entry)
{
	int unread = 0;
	return (entry->phase == REAPER_READING || entry->phase == REAPER_IDLE) &&
	       ioctl(entry->fd, FIONREAD, &unread) == 0 && unread > 0;
}

/* What a slow reader has not taken is not kept for him in the kernel either. */
static void reaper_shut(const struct reaper_entry *entry)
{
	static const struct linger forget = {.l_onoff = 1};
	if (entry->phase != REAPER_READING && entry->phase != REAPER_IDLE)
		setsockopt(entry->fd, SOL_SOCKET, SO_LINGER, &forget, sizeof forget);
	shutdown(entry->fd, SHUT_RDWR);
}

void reaper_cut(struct reaper *r, int64_t now_ms)
{
	struct reaper_entry *entry;
	pthread_mutex_lock(&r->lock);
	DL_FOREACH(r->entries, entry)
	{
		if (entry->deadline_ms > now_ms || reaper_owes(entry))
			continue;
		reaper_shut(entry);
		entry->deadline_ms = INT64_MAX;
		r->cut++;
	}
	pthread_mutex_unlock(&r->lock);
}

void reaper_count(struct reaper *r, size_t *open, size_t *cut)
{
	pthread_mutex_lock(&r->lock);
	*open = r->open;
	*cut = r->cut;
	pthread_mutex_unlock(&r->lock);
}
