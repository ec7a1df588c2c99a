#include "server/ingest/limiter.h"

#include "common/err.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { LIMITER_ADDRESS_LENGTH = 63 };

struct limiter_bucket {
	UT_hash_handle hh;
	char address[LIMITER_ADDRESS_LENGTH + 1];
	int64_t filled_ms;
	int64_t milli_tokens;
};

struct limiter {
	struct limiter_bucket *buckets; /* uthash keeps order: the stalest first */
};

struct limiter *limiter_create(void)
{
	struct limiter *l = calloc(1, sizeof *l);
	BUG_ON(!l);
	return l;
}

void limiter_destroy(struct limiter *l)
{
	if (!l)
		return;
	struct limiter_bucket *bucket, *next;
	HASH_ITER(hh, l->buckets, bucket, next)
	{
		HASH_DEL(l->buckets, bucket);
		free(bucket);
	}
	free(l);
}

/* An IPv6 host owns the last 64 bits of its address: they do not count. */
static void limiter_key(const char *address, char key[LIMITER_ADDRESS_LENGTH + 1])
{
	struct in6_addr v6;
	memset(key, 0, LIMITER_ADDRESS_LENGTH + 1);
	memccpy(key, address, 0, LIMITER_ADDRESS_LENGTH);
	key[strcspn(key, "%")] = '\0'; /* the interface of a link-local one */
	if (inet_pton(AF_INET6, key, &v6) != 1 || IN6_IS_ADDR_V4MAPPED(&v6))
		return;
	memset(v6.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &v6, key, LIMITER_ADDRESS_LENGTH);
}

static struct limiter_bucket *limiter_new(
	struct limiter *l, const char *key, int64_t mono_ms)
{
	if (HASH_COUNT(l->buckets) >= LIMITER_ADDRESSES_MAX) {
		struct limiter_bucket *stalest = l->buckets;
		HASH_DEL(l->buckets, stalest);
		free(stalest);
	}
	struct limiter_bucket *bucket = calloc(1, sizeof *bucket);
	BUG_ON(!bucket);
	memcpy(bucket->address, key, strlen(key) + 1);
	bucket->filled_ms = mono_ms;
	bucket->milli_tokens = LIMITER_BURST * 1000;
	return bucket;
}

bool limiter_allow(struct limiter *l, const char *address, int64_t mono_ms)
{
	char key[LIMITER_ADDRESS_LENGTH + 1];
	limiter_key(address, key);
	struct limiter_bucket *bucket;
	HASH_FIND_STR(l->buckets, key, bucket);
	if (bucket)
		HASH_DEL(l->buckets, bucket);
	else
		bucket = limiter_new(l, key, mono_ms);
	HASH_ADD_STR(l->buckets, address, bucket); /* to the end */
	bucket->milli_tokens += (mono_ms - bucket->filled_ms) * LIMITER_PER_SECOND;
	bucket->filled_ms = mono_ms;
	if (bucket->milli_tokens > LIMITER_BURST * 1000)
		bucket->milli_tokens = LIMITER_BURST * 1000;
	if (bucket->milli_tokens < 1000)
		return false;
	bucket->milli_tokens -= 1000;
	return true;
}
