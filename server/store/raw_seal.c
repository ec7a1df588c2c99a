#include "server/store/raw_seal.h"

#include "server/store/raw.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum {
	RAW_SEAL_FORM = 1,
	RAW_SEAL_NAME_BYTES = 8,
	RAW_SEAL_NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	RAW_SEAL_TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	RAW_SEAL_NONCE_AT = 1 + RAW_SEAL_NAME_BYTES,
	RAW_SEAL_HEAD_BYTES = RAW_SEAL_NONCE_AT + RAW_SEAL_NONCE_BYTES,
};

static void raw_seal_name(const uint8_t *key, uint8_t name[RAW_SEAL_NAME_BYTES])
{
	uint8_t hash[crypto_generichash_BYTES];
	crypto_generichash(hash, sizeof hash, key, RAW_KEY_BYTES, NULL, 0);
	memcpy(name, hash, RAW_SEAL_NAME_BYTES);
}

/* What is authenticated besides the bytes. */
struct raw_seal_label {
	uint64_t words[3];
};

static struct raw_seal_label raw_seal_label(const struct raw_seal_place *place)
{
	return (struct raw_seal_label){{htole64((uint64_t)place->capture),
		htole64((uint64_t)place->file_bytes),
		htole64((uint64_t)place->number)}};
}

struct raw_seal_bytes raw_seal_close(const uint8_t *key,
	const struct raw_seal_place *place, const void *bytes, size_t length,
	struct arena *a)
{
	struct raw_seal_label label = raw_seal_label(place);
	uint8_t *sealed = arena_alloc(
		a, RAW_SEAL_HEAD_BYTES + length + RAW_SEAL_TAG_BYTES);
	unsigned long long written = 0;
	sealed[0] = RAW_SEAL_FORM;
	raw_seal_name(key, sealed + 1);
	randombytes_buf(sealed + RAW_SEAL_NONCE_AT, RAW_SEAL_NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + RAW_SEAL_HEAD_BYTES,
		&written, bytes, length, (const uint8_t *)&label, sizeof label, NULL,
		sealed + RAW_SEAL_NONCE_AT, key);
	return (struct raw_seal_bytes){sealed, RAW_SEAL_HEAD_BYTES + (size_t)written};
}

bool raw_seal_open(const uint8_t *key, const struct raw_seal_place *place,
	struct raw_seal_bytes sealed, struct arena *a, struct raw_seal_bytes *out,
	struct err *e)
{
	uint8_t name[RAW_SEAL_NAME_BYTES];
	struct raw_seal_label label = raw_seal_label(place);
	unsigned long long length = 0;
	raw_seal_name(key, name);
	if (sealed.length < RAW_SEAL_HEAD_BYTES + RAW_SEAL_TAG_BYTES ||
		sealed.bytes[0] != RAW_SEAL_FORM)
		return err_set(e, ERR_INPUT,
			"part %" PRId64 ": not in a form that is known here",
			place->number);
	if (memcmp(sealed.bytes + 1, name, sizeof name) != 0)
		return err_set(e, ERR_INPUT,
			"part %" PRId64 ": sealed with another key than this server's "
			"(servers of one database need the same keys/raw.key)",
			place->number);
	uint8_t *opened = arena_alloc(a, sealed.length);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, &length, NULL,
		    sealed.bytes + RAW_SEAL_HEAD_BYTES,
		    sealed.length - RAW_SEAL_HEAD_BYTES, (const uint8_t *)&label,
		    sizeof label, sealed.bytes + RAW_SEAL_NONCE_AT, key) != 0)
		return err_set(e, ERR_INPUT,
			"part %" PRId64 ": is not what was stored: somebody or "
			"something has changed it",
			place->number);
	*out = (struct raw_seal_bytes){opened, (size_t)length};
	return true;
}
