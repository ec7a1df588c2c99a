/*
 * Keys: the server's long-term CURVE key pair, data_dir/keys/server.key.
 *
 * The file holds the secret key as 64 hex digits and is readable by its owner alone;
 * the public key follows from it.  Agents trust this key: who loses the file must
 * enrol every agent again.  The caller wipes the struct with keys_wipe.
 */
#ifndef TIDEMARK_SERVER_KEYS_H
#define TIDEMARK_SERVER_KEYS_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { KEYS_BYTES = 32 };

struct keys {
	uint8_t public_key[KEYS_BYTES];
	uint8_t secret_key[KEYS_BYTES];
	bool is_new; /* made by this call */
};

/* Reads the pair, or makes it (written whole or not at all) on first use.  Refuses
 * a file that others can read. */
bool keys_load(const char *data_dir, struct keys *out, struct err *e);

void keys_wipe(struct keys *keys);

#endif
