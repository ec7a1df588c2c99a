#include "server/api/throttle.h"

#include "common/err.h"
#include "server/api/proxies.h"

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
};

/* What tries are counted by, and the longest wait for each.  The name alone must not
 * make people wait: anybody can fail for it, from anywhere. */
enum throttle_kind { THROTTLE_NAME_AT_ADDRESS, THROTTLE_ADDRESS, THROTTLE_NAME };
static const int64_t throttle_most_ms[] = {
	[THROTTLE_NAME_AT_ADDRESS] = 60 * 1000,
	[THROTTLE_ADDRESS] = 60 * 1000,
	[THROTTLE_NAME] = 1000,
};
enum { THROTTLE_KINDS = sizeof throttle_most_ms / sizeof *throttle_most_ms };

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

/* An IPv6 host owns the last 64 bits of its address, and has as many as it likes. */
static void throttle_address(crypto_generichash_state *state, const char *address)
{
	static const uint8_t none[16];
	uint8_t group[16];
	proxies_group(address, group);
	if (memcmp(group, none, sizeof group) != 0)
		crypto_generichash_update(state, group, sizeof group);
	else
		crypto_generichash_update(
			state, (const unsigned char *)address, strlen(address));
}

static void throttle_key(const struct throttle *t, enum throttle_kind kind,
	const struct throttle_try *attempt, uint8_t key[THROTTLE_KEY_BYTES])
{
	const char *name = kind == THROTTLE_ADDRESS ? "" : attempt->name;
	const char *address = kind == THROTTLE_NAME ? "" : attempt->address;
	const unsigned char first = (unsigned char)kind;
	crypto_generichash_state state;
	crypto_generichash_init(
		&state, t->secret, sizeof t->secret, THROTTLE_KEY_BYTES);
	crypto_generichash_update(&state, &first, 1);
	/* With its NUL, so that the two cannot run into each other. */
	crypto_generichash_update(
		&state, (const unsigned char *)name, strlen(name) + 1);
	throttle_address(&state, address);
	crypto_generichash_final(&state, key, THROTTLE_KEY_BYTES);
}

static struct throttle_entry *throttle_find(
	struct throttle *t, enum throttle_kind kind, const struct throttle_try *attempt)
{
	uint8_t key[THROTTLE_KEY_BYTES];
	struct throttle_entry *entry;
	throttle_key(t, kind, attempt, key);
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
	struct throttle *t, enum throttle_kind kind, const struct throttle_try *attempt)
{
	struct throttle_entry *entry = throttle_find(t, kind, attempt);
	if (entry) {
		HASH_DEL(t->entries, entry);
	} else {
		entry = calloc(1, sizeof *entry);
		BUG_ON(!entry);
		throttle_key(t, kind, attempt, entry->key);
	}
	entry->failures++;
	entry->last_ms = attempt->now_ms;
	HASH_ADD(hh, t->entries, key, sizeof entry->key, entry);
}

int64_t throttle_begin(struct throttle *t, const struct throttle_try *attempt)
{
	int64_t longest = 0;
	pthread_mutex_lock(&t->lock);
	throttle_forget_old(t, attempt->now_ms);
	for (int kind = 0; kind < THROTTLE_KINDS; kind++) {
		int64_t wait = throttle_wait_ms(throttle_find(t, kind, attempt),
			throttle_most_ms[kind], attempt->now_ms);
		longest = wait > longest ? wait : longest;
	}
	for (int kind = 0; kind < THROTTLE_KINDS && longest == 0; kind++)
		throttle_count(t, kind, attempt);
	pthread_mutex_unlock(&t->lock);
	return longest;
}

static void throttle_give_back(
	struct throttle *t, enum throttle_kind kind, const struct throttle_try *attempt)
{
	struct throttle_entry *entry = throttle_find(t, kind, attempt);
	if (entry && --entry->failures <= 0)
		throttle_drop(t, entry);
}

void throttle_succeed(struct throttle *t, const struct throttle_try *attempt)
{
	pthread_mutex_lock(&t->lock);
	struct throttle_entry *own = throttle_find(
		t, THROTTLE_NAME_AT_ADDRESS, attempt);
	if (own)
		throttle_drop(t, own);
	throttle_give_back(t, THROTTLE_ADDRESS, attempt);
	throttle_give_back(t, THROTTLE_NAME, attempt);
	pthread_mutex_unlock(&t->lock);
}

void throttle_undo(struct throttle *t, const struct throttle_try *attempt)
{
	pthread_mutex_lock(&t->lock);
	for (int kind = 0; kind < THROTTLE_KINDS; kind++)
		throttle_give_back(t, kind, attempt);
	pthread_mutex_unlock(&t->lock);
}
