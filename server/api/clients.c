#include "server/api/clients.h"

#include "common/err.h"
#include "server/api/proxies.h"

#include <pthread.h>
#include <stdlib.h>
#include <uthash.h>

struct clients_entry {
	uint8_t group[16];
	unsigned connections;
	int64_t account; /* thousandths of a request, at at_ms */
	int64_t at_ms;
	UT_hash_handle hh;
};

struct clients {
	pthread_mutex_t lock;          /* guards everything below */
	struct clients_entry *entries; /* the longest silent first, but for those
					* who were connected when it was looked at */
	struct clients_counts counts;
};

enum { CLIENTS_FULL = CLIENTS_BURST * 1000 };

struct clients *clients_create(void)
{
	struct clients *c = calloc(1, sizeof *c);
	BUG_ON(!c);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void clients_drop(struct clients *c, struct clients_entry *entry)
{
	HASH_DEL(c->entries, entry);
	free(entry);
}

void clients_destroy(struct clients *c)
{
	if (!c)
		return;
	while (c->entries)
		clients_drop(c, c->entries);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static int64_t clients_account(const struct clients_entry *entry, int64_t now_ms)
{
	int64_t idle_ms = now_ms - entry->at_ms;
	if (idle_ms >= CLIENTS_FULL / CLIENTS_RATE)
		return CLIENTS_FULL;
	int64_t account = entry->account + idle_ms * CLIENTS_RATE;
	return account < CLIENTS_FULL ? account : CLIENTS_FULL;
}

static struct clients_entry *clients_find(struct clients *c, const char *address)
{
	uint8_t group[16];
	struct clients_entry *entry;
	proxies_group(address, group);
	HASH_FIND(hh, c->entries, group, sizeof group, entry);
	return entry;
}

/* Those who have nothing and owe nothing; and the silent, when there are too many.  Who
 * is connected goes to the end: some who sit still must not hide those behind them. */
static void clients_forget(struct clients *c, int64_t now_ms)
{
	for (int looked = 0; c->entries && looked < 8; looked++) {
		struct clients_entry *entry = c->entries;
		bool is_idle = clients_account(entry, now_ms) == CLIENTS_FULL;
		if (entry->connections) {
			HASH_DEL(c->entries, entry);
			HASH_ADD(hh, c->entries, group, sizeof entry->group, entry);
		} else if (is_idle || HASH_COUNT(c->entries) >= CLIENTS_MAX) {
			clients_drop(c, entry);
		} else {
			return;
		}
	}
}

/* The entry, made when there is none, moved to the end. */
static struct clients_entry *clients_touch(
	struct clients *c, const char *address, int64_t now_ms)
{
	struct clients_entry *entry = clients_find(c, address);
	if (entry) {
		HASH_DEL(c->entries, entry);
	} else {
		clients_forget(c, now_ms);
		entry = calloc(1, sizeof *entry);
		BUG_ON(!entry);
		proxies_group(address, entry->group);
		entry->account = CLIENTS_FULL;
		entry->at_ms = now_ms;
	}
	HASH_ADD(hh, c->entries, group, sizeof entry->group, entry);
	return entry;
}

bool clients_are_many(struct clients *c, const char *address)
{
	pthread_mutex_lock(&c->lock);
	const struct clients_entry *entry = clients_find(c, address);
	bool many = entry && entry->connections >= CLIENTS_CONNECTIONS;
	c->counts.connections_refused += many;
	pthread_mutex_unlock(&c->lock);
	return many;
}

void clients_connect(struct clients *c, const char *address, int64_t now_ms)
{
	pthread_mutex_lock(&c->lock);
	clients_touch(c, address, now_ms)->connections++;
	pthread_mutex_unlock(&c->lock);
}

void clients_disconnect(struct clients *c, const char *address)
{
	pthread_mutex_lock(&c->lock);
	struct clients_entry *entry = clients_find(c, address);
	BUG_ON(!entry || !entry->connections);
	entry->connections--;
	pthread_mutex_unlock(&c->lock);
}

int64_t clients_pay(struct clients *c, const char *address, int cost, int64_t now_ms)
{
	pthread_mutex_lock(&c->lock);
	struct clients_entry *entry = clients_touch(c, address, now_ms);
	entry->account = clients_account(entry, now_ms);
	entry->at_ms = now_ms;
	int64_t missing = (int64_t)cost * 1000 - entry->account;
	if (missing <= 0)
		entry->account -= (int64_t)cost * 1000;
	else
		c->counts.requests_refused++;
	pthread_mutex_unlock(&c->lock);
	return missing > 0 ? (missing + CLIENTS_RATE - 1) / CLIENTS_RATE : 0;
}

struct clients_counts clients_count(struct clients *c)
{
	pthread_mutex_lock(&c->lock);
	struct clients_counts counts = c->counts;
	counts.known = HASH_COUNT(c->entries);
	pthread_mutex_unlock(&c->lock);
	return counts;
}
