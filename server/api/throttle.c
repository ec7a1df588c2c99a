#include "server/api/throttle.h"

#include "common/err.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
	THROTTLE_KEY_BYTES = 16,
	THROTTLE_ENTRIES_MAX = 20000,
	THROTTLE_FREE_TRIES = 3,
	THROTTLE_FORGET_MS = 3600 * 1000,
	THROTTLE_ACCOUNT_MAX_MS = 60 * 1000,
	THROTTLE_ADDRESS_MAX_MS = 15 * 60 * 1000,
};

struct throttle_entry {
	uint8_t key[THROTTLE_KEY_BYTES];
	int64_t failures, last_ms;
	UT_hash_handle hh;
};

struct throttle {
	pthread_mutex_t lock; /* guards the entries, kept in order of their last try */
	struct throttle_entry *entries;
	uint8_t secret[crypto_generichash_KEYBYTES]; /* names cannot be made to collide
						      */
};

struct throttle *throttle_create(void)
{
	struct throttle *t = calloc(1, sizeof *t);
	BUG_ON(!t);
	pthread_mutex_init(&t->lock, NULL);
	randombytes_buf(t->secret, sizeof t->secret);
	return t;
}

static void throttle_drop(struct throttle *t, struct throttle_entry *entry)
{
	HASH_DEL(t->entries, entry);
	free(entry);
}

void throttle_destroy(struct throttle *t)
{
	if (!t)
		return;
	while (t->entries)
		throttle_drop(t, t->entries);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static void throttle_key(const struct throttle *t, char kind, const char *text,
	uint8_t key[THROTTLE_KEY_BYTES])
{
	crypto_generichash_state state;
	crypto_generichash_init(
		&state, t->secret, sizeof t->secret, THROTTLE_KEY_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)&kind, 1);
	crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
	crypto_generichash_final(&state, key, THROTTLE_KEY_BYTES);
}

static struct throttle_entry *throttle_find(
	struct throttle *t, char kind, const char *text)
{
	uint8_t key[THROTTLE_KEY_BYTES];
	struct throttle_entry *entry;
	throttle_key(t, kind, text, key);
	HASH_FIND(hh, t->entries, key, sizeof key, entry);
	return entry;
}

static int64_t throttle_wait_ms(
	const struct throttle_entry *entry, int64_t most_ms, int64_t now_ms)
{
	if (!entry || entry->failures < THROTTLE_FREE_TRIES)
		return 0;
	int64_t doublings = entry->failures - THROTTLE_FREE_TRIES;
	int64_t delay = doublings < 20 ? INT64_C(1000) << doublings : most_ms;
	if (delay > most_ms)
		delay = most_ms;
	int64_t wait = entry->last_ms + delay - now_ms;
	return wait > 0 ? wait : 0;
}

static void throttle_forget_old(struct throttle *t, int64_t now_ms)
{
	while (t->entries && (now_ms - t->entries->last_ms > THROTTLE_FORGET_MS ||
				     HASH_COUNT(t->entries) >= THROTTLE_ENTRIES_MAX))
		throttle_drop(t, t->entries);
}

static void throttle_count(
	struct throttle *t, char kind, const char *text, int64_t now_ms)
{
	struct throttle_entry *entry = throttle_find(t, kind, text);
	if (entry) {
		HASH_DEL(t->entries, entry);
	} else {
		entry = calloc(1, sizeof *entry);
		BUG_ON(!entry);
		throttle_key(t, kind, text, entry->key);
	}
	entry->failures++;
	entry->last_ms = now_ms;
	HASH_ADD(hh, t->entries, key, sizeof entry->key, entry);
}

int64_t throttle_begin(struct throttle *t, const struct throttle_try *attempt)
{
	pthread_mutex_lock(&t->lock);
	throttle_forget_old(t, attempt->now_ms);
	int64_t account = throttle_wait_ms(throttle_find(t, 'n', attempt->name),
		THROTTLE_ACCOUNT_MAX_MS, attempt->now_ms);
	int64_t address = throttle_wait_ms(throttle_find(t, 'a', attempt->address),
		THROTTLE_ADDRESS_MAX_MS, attempt->now_ms);
	int64_t wait = account > address ? account : address;
	if (wait == 0) {
		throttle_count(t, 'n', attempt->name, attempt->now_ms);
		throttle_count(t, 'a', attempt->address, attempt->now_ms);
	}
	pthread_mutex_unlock(&t->lock);
	return wait;
}

static void throttle_give_back(struct throttle *t, char kind, const char *text)
{
	struct throttle_entry *entry = throttle_find(t, kind, text);
	if (entry && --entry->failures <= 0)
		throttle_drop(t, entry);
}

void throttle_succeed(struct throttle *t, const struct throttle_try *attempt)
{
	pthread_mutex_lock(&t->lock);
	struct throttle_entry *account = throttle_find(t, 'n', attempt->name);
	if (account)
		throttle_drop(t, account);
	throttle_give_back(t, 'a', attempt->address);
	pthread_mutex_unlock(&t->lock);
}

void throttle_undo(struct throttle *t, const struct throttle_try *attempt)
{
	pthread_mutex_lock(&t->lock);
	throttle_give_back(t, 'n', attempt->name);
	throttle_give_back(t, 'a', attempt->address);
	pthread_mutex_unlock(&t->lock);
}
