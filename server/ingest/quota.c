#include "server/ingest/quota.h"

#include "common/err.h"

#include <stdlib.h>
#include <uthash.h>

struct quota_account {
	UT_hash_handle hh;
	int32_t agent_id;
	uint64_t spent;
	int64_t since_ms;
};

struct quota {
	uint64_t limit;
	int64_t window_ms;
	struct quota_account *accounts; /* one for each agent that has spent */
};

struct quota *quota_create(uint64_t limit, int64_t window_ms)
{
	struct quota *q = calloc(1, sizeof *q);
	BUG_ON(!q);
	q->limit = limit;
	q->window_ms = window_ms;
	return q;
}

void quota_clear(struct quota *q)
{
	struct quota_account *account, *next;
	HASH_ITER(hh, q->accounts, account, next)
	{
		HASH_DEL(q->accounts, account);
		free(account);
	}
}

void quota_destroy(struct quota *q)
{
	if (!q)
		return;
	quota_clear(q);
	free(q);
}

static struct quota_account *quota_find(const struct quota *q, int32_t agent_id)
{
	struct quota_account *account;
	HASH_FIND_INT(q->accounts, &agent_id, account);
	return account;
}

static bool quota_is_over(
	const struct quota *q, const struct quota_account *account, int64_t mono_ms)
{
	return mono_ms - account->since_ms >= q->window_ms;
}

bool quota_is_spent(const struct quota *q, int32_t agent_id, int64_t mono_ms)
{
	const struct quota_account *account = quota_find(q, agent_id);
	return account && account->spent >= q->limit &&
	       !quota_is_over(q, account, mono_ms);
}

void quota_spend(struct quota *q, int32_t agent_id, uint64_t amount, int64_t mono_ms)
{
	struct quota_account *account = quota_find(q, agent_id);
	if (amount == 0)
		return;
	if (!account) {
		account = calloc(1, sizeof *account);
		BUG_ON(!account);
		account->agent_id = agent_id;
		account->since_ms = mono_ms;
		HASH_ADD_INT(q->accounts, agent_id, account);
	}
	if (quota_is_over(q, account, mono_ms)) {
		account->since_ms = mono_ms;
		account->spent = 0;
	}
	account->spent += amount;
}
