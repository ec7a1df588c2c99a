#include "server/ingest/keyring.h"

#include "server/ingest/counters.h"
#include "server/ingest/roster.h"

#include <stdlib.h>
#include <string.h>

/* Keys of enrolled agents are the database's, not a stranger's choice, and spread by
 * themselves: four bytes of one are as good as any hash.  A stranger's key is only
 * looked up. */
#define HASH_FUNCTION(key, length, hash) memcpy(&(hash), key, sizeof(hash))
#include <uthash.h>

struct keyring_entry {
	UT_hash_handle hh;
	struct agents_key key;
};

struct keyring {
	struct keyring_entry *entries;
	void *teller;
};

struct keyring *keyring_create(void *teller)
{
	struct keyring *k = calloc(1, sizeof *k);
	BUG_ON(!k);
	k->teller = teller;
	return k;
}

static void keyring_clear(struct keyring *k)
{
	struct keyring_entry *entry, *next;
	HASH_ITER(hh, k->entries, entry, next)
	{
		HASH_DEL(k->entries, entry);
		free(entry);
	}
}

void keyring_destroy(struct keyring *k)
{
	if (!k)
		return;
	keyring_clear(k);
	free(k);
}

static struct keyring_entry *keyring_get(
	const struct keyring *k, const uint8_t *public_key)
{
	struct keyring_entry *entry;
	HASH_FIND(hh, k->entries, public_key, AGENTS_KEY_BYTES, entry);
	return entry;
}

static void keyring_put(struct keyring *k, const uint8_t *public_key, int32_t agent_id)
{
	struct keyring_entry *entry = keyring_get(k, public_key);
	if (!entry) {
		entry = calloc(1, sizeof *entry);
		BUG_ON(!entry);
		memcpy(entry->key.public_key, public_key, AGENTS_KEY_BYTES);
		HASH_ADD(hh, k->entries, key.public_key, AGENTS_KEY_BYTES, entry);
	}
	entry->key.agent_id = agent_id;
}

void keyring_add(struct keyring *k, const uint8_t *public_key, int32_t agent_id)
{
	keyring_put(k, public_key, agent_id);
	counters_set(COUNTERS_KNOWN_KEYS, HASH_COUNT(k->entries));
	if (k->teller)
		roster_tell_one(k->teller, agent_id);
}

static void keyring_tell(
	const struct keyring *k, const struct agents_key *keys, size_t count)
{
	int32_t *agents = calloc(count + 1, sizeof *agents);
	BUG_ON(!agents);
	for (size_t i = 0; i < count; i++)
		agents[i] = keys[i].agent_id;
	roster_tell_all(k->teller, agents, count);
	free(agents);
}

bool keyring_load(struct keyring *k, struct db *db, struct err *e)
{
	struct arena a;
	struct agents_key *keys;
	size_t count;
	arena_init(&a);
	bool ok = agents_keys(db, &a, &keys, &count, e);
	if (ok) {
		keyring_clear(k);
		for (size_t i = 0; i < count; i++)
			keyring_put(k, keys[i].public_key, keys[i].agent_id);
		counters_set(COUNTERS_KNOWN_KEYS, count);
		if (k->teller)
			keyring_tell(k, keys, count);
	}
	arena_finish(&a);
	return ok;
}

int32_t keyring_find(const struct keyring *k, const uint8_t *public_key)
{
	const struct keyring_entry *entry = keyring_get(k, public_key);
	return entry ? entry->key.agent_id : 0;
}
