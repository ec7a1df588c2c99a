#include "agent/capture/site.h"

#include "agent/capture/folder.h"
#include "common/scoped.h"

#include <sodium.h>

enum { SITE_FILE_MAX = 4096 };

static bool site_derive(const char *state_dir, struct privacy *out)
{
	static const char context[] = "tidemark names of heaps";
	struct err ignored;
	struct buf secret = {0};
	scoped_fd int folder = folder_open(state_dir, "", &ignored);
	bool ok = folder >= 0 &&
		  folder_read(folder, "agent.key", SITE_FILE_MAX, &secret) &&
		  secret.length > 0;
	if (ok) {
		crypto_generichash_state state;
		crypto_generichash_init(&state, NULL, 0, sizeof out->key);
		crypto_generichash_update(
			&state, (const uint8_t *)context, sizeof context);
		crypto_generichash_update(
			&state, (const uint8_t *)secret.data, secret.length);
		crypto_generichash_final(&state, out->key, sizeof out->key);
	}
	if (secret.data)
		sodium_memzero(secret.data, secret.capacity);
	buf_finish(&secret);
	return ok;
}

bool site_key(const char *state_dir, struct privacy *out)
{
	BUG_ON(sodium_init() < 0);
	if (state_dir && site_derive(state_dir, out))
		return true;
	randombytes_buf(out->key, sizeof out->key);
	return false;
}
